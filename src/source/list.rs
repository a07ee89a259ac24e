//! Lists of URLs, one a line, as people and other tools write them.

use url::Url;

/// A line longer than this is no URL.
const MAX_LINE_BYTES: usize = 16 * 1024;

/// How much of a bad line is shown.
const SHOWN_CHARS: usize = 120;

/// The URLs of a list, and the lines that are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlList {
    /// http and https, each once, in the list's order.
    pub urls: Vec<Url>,
    /// In the list's order; the rest of the list is read all the same.
    pub bad: Vec<BadLine>,
}

/// A line that is no URL. Its display names the line's number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text:?} {why}")]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// The line, cut where it is long.
    pub text: String,
    /// What is wrong with it, and what to write instead.
    pub why: String,
}

/// Reads a list: a URL a line; blank lines and what follows a `#` at a line's start or after white space are comments.
#[must_use]
pub fn read_list(text: &str) -> UrlList {
    let mut list = UrlList::default();
    let mut seen = std::collections::HashSet::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        let comment = line.match_indices('#').find(|(at, _)| line[..*at].ends_with(char::is_whitespace) || *at == 0);
        let entry = comment.map_or(line, |(at, _)| line[..at].trim_end());
        if entry.is_empty() {
            continue;
        }
        match read_url(entry) {
            Ok(url) if seen.insert(url.clone()) => list.urls.push(url),
            Ok(_) => {}
            Err(why) => {
                list.bad.push(BadLine { line: index + 1, text: entry.chars().take(SHOWN_CHARS).collect(), why });
            }
        }
    }
    list
}

fn read_url(text: &str) -> Result<Url, String> {
    if text.len() > MAX_LINE_BYTES {
        return Err(format!("is over {MAX_LINE_BYTES} bytes"));
    }
    if text.contains(char::is_whitespace) {
        return Err("is more than one word; write one URL a line".to_owned());
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) if url.cannot_be_a_base() || !text.contains("://") => Err("has no https:// before it".to_owned()),
        Ok(url) => Err(format!("is {}:, and only http and https are fetched", url.scheme())),
        Err(url::ParseError::RelativeUrlWithoutBase) => Err("has no https:// before it".to_owned()),
        Err(error) => Err(format!("is no URL: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_reported_by_its_number_and_the_rest_is_read() {
        let text = "# mine\nhttps://example.com/a#part\n\nexample.com/b\nhttps://example.com/c  # c\nftp://example.com/\nhttps://example.com/c\nhttps://exa mple.com\nhttp://\n";
        let list = read_list(text);
        let urls: Vec<_> = list.urls.iter().map(Url::as_str).collect();
        assert_eq!(urls, ["https://example.com/a#part", "https://example.com/c"]);
        let bad: Vec<_> = list.bad.iter().map(ToString::to_string).collect();
        assert_eq!(bad.len(), 4);
        assert_eq!(bad[0], "line 4: \"example.com/b\" has no https:// before it");
        assert!(bad[1].starts_with("line 6:") && bad[1].contains("only http"), "{}", bad[1]);
    }
}
