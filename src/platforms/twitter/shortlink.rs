//! Where a short link leads, read from its answer.

use crate::http::Response;
use regex::Regex;
use std::sync::LazyLock;
use url::Url;

/// An interstitial page is a few hundred bytes; what stands after this is not looked at.
const MAX_PAGE: usize = 64 * 1024;

/// `location.replace("https:\/\/…")`, as t.co writes it.
static REPLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"location\.replace\(\s*["']([^"'\s]{1,4000})["']\s*\)"#).expect("the pattern is a constant")
});

/// `<META http-equiv="refresh" content="0;URL=https://…">`.
static REFRESH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?is)<meta\s[^>]{0,200}?http-equiv=["']?refresh["']?[^>]{0,200}?content=(?:"([^"]{1,4000})"|'([^']{1,4000})')"#)
        .expect("the pattern is a constant")
});

/// Where the answer of a short link (t.co, pic.twitter.com and others of their kind) leads: the `Location` of a
/// redirect, or the target of a page that sends its reader on by meta refresh or by `location.replace`, as t.co does
/// for agents that look like browsers (seen in a recording of 2021).
#[must_use]
pub fn short_link_target(response: &Response) -> Option<Url> {
    if let Some(target) = response.redirect_target() {
        return Some(target);
    }
    if !response.is_success() {
        return None;
    }
    let body = response.body.get(..MAX_PAGE).unwrap_or(&response.body);
    let page = String::from_utf8_lossy(body);
    let target = match REPLACE.captures(&page).and_then(|found| found.get(1)) {
        Some(found) => found.as_str().replace("\\/", "/").replace("\\u0026", "&"),
        None => refresh(&page)?,
    };
    response.url.join(&target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn refresh(page: &str) -> Option<String> {
    let found = REFRESH.captures(page)?;
    let content = crate::html::fragment_text(found.get(1).or_else(|| found.get(2))?.as_str());
    let at = content.to_ascii_lowercase().find("url=")?;
    let target = content.get(at + 4..)?.trim().trim_matches(['"', '\'']).to_owned();
    (!target.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let mut all = Headers::default();
        for (name, value) in headers {
            all.push(name, *value);
        }
        let url = Url::parse("https://t.co/a1B2c3D4e5").unwrap();
        Response { url, status, headers: all, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_short_link_is_read_from_a_redirect_a_refresh_or_a_script() {
        let target = |answer: Response| short_link_target(&answer).map(|url| url.to_string());
        assert_eq!(
            target(answer(301, &[("location", "https://x.com/annex/status/20/photo/1")], "")).as_deref(),
            Some("https://x.com/annex/status/20/photo/1")
        );
        let page = r#"<head><noscript><META http-equiv="refresh" content="0;URL=https://example.com/a?b&amp;c"></noscript></head>"#;
        assert_eq!(target(answer(200, &[], page)).as_deref(), Some("https://example.com/a?b&c"));
        let page = r#"<script>window.opener = null; location.replace("https:\/\/example.com\/a")</script>"#;
        assert_eq!(target(answer(200, &[], page)).as_deref(), Some("https://example.com/a"));
        assert_eq!(target(answer(200, &[], "<p>Nothing here</p>")), None);
        assert_eq!(target(answer(404, &[], page)), None);
        assert_eq!(target(answer(200, &[], r#"<script>location.replace("javascript:alert(1)")</script>"#)), None);
    }
}
