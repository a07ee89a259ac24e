//! Lists of URLs, one a line, as people keep them: comments, blank lines and mistakes included.

use url::Url;

/// A line that is no URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line as it is.
    pub text: String,
    /// Its number (from 1), and what is wrong with it.
    pub reason: String,
}

/// The URLs of a list in order; `#` begins a comment line. A bad line is an item, not the end.
#[must_use]
pub fn read_list(bytes: &[u8]) -> Vec<Result<Url, BadLine>> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let lines = lines.map(|(line, number): (&str, u64)| (line.trim(), number));
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(line, number)| read_line(line, number)).collect()
}

fn read_line(line: &str, number: u64) -> Result<Url, BadLine> {
    let bad = |why: String| Err(BadLine { text: line.to_owned(), reason: format!("line {number}: {why}") });
    match Url::parse(line) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) => bad(format!("the scheme `{}` is not fetched; only http and https are", url.scheme())),
        Err(error) => bad(format!("not a URL: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_told_by_its_number_and_the_rest_is_read() {
        let list = read_list(
            b"\xef\xbb\xbf# mine\nhttps://a.example/1\n\n  http://b.example/2  \nnonsense\nftp://c.example/3\n",
        );
        let urls: Vec<_> = list.iter().filter_map(|line| line.as_ref().ok().map(Url::as_str)).collect();
        assert_eq!(urls, ["https://a.example/1", "http://b.example/2"]);
        let bad: Vec<_> = list.iter().filter_map(|line| line.as_ref().err().map(|bad| bad.reason.as_str())).collect();
        assert!(bad[0].starts_with("line 5: not a URL"), "{bad:?}");
        assert!(bad[1].starts_with("line 6: the scheme `ftp`"), "{bad:?}");
    }
}
