//! oEmbed answers, which many platforms give: author, title, thumbnail and an HTML snippet.
//!
//! The format is at oembed.com; answers in the wild differ: numbers as text, text as numbers, sizes like `100%`, nulls,
//! JSON served as `text/javascript`, plain words with status 200 (seen in recordings of 2016 to 2026). So every field
//! is read for itself, and one that is not what it should be is as good as missing.

mod plan;

pub(super) use plan::{is_private, is_settled, next, post_of, with_page};

use super::{Drift, address, page_parts};
use crate::html;
use crate::http::Response;
use crate::model::{PostRef, When};
use serde_json::{Map, Value};
use url::Url;

/// One answer. Every field is the platform's word, trimmed, and none is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OEmbed {
    /// `type`: photo, video, link, rich.
    pub(super) kind: Option<String>,
    /// Plain text.
    pub(super) title: Option<String>,
    /// The display name.
    pub(super) author_name: Option<String>,
    /// The profile, as given: may be relative.
    pub(super) author_url: Option<String>,
    /// The platform's name.
    pub(super) provider_name: Option<String>,
    /// The post, where the answer names it; the picture, where `kind` is photo.
    pub(super) url: Option<String>,
    /// A still.
    pub(super) thumbnail_url: Option<String>,
    /// In pixels.
    pub(super) thumbnail_width_px: Option<u32>,
    /// In pixels.
    pub(super) thumbnail_height_px: Option<u32>,
    /// What it is about; no field of the standard, but of many answers.
    pub(super) description: Option<String>,
    /// When it came out, where the answer says in which zone.
    pub(super) published: Option<When>,
    /// `upload_date` as it stands there: a time without a zone.
    pub(super) upload_date: Option<String>,
    /// Of a film or a sound, in seconds there.
    pub(super) duration_ms: Option<u64>,
    /// The snippet to embed: untrusted, never run, to be read with a parser only.
    pub(super) html: Option<String>,
}

impl OEmbed {
    /// Reads an answer; `at` names the route in a drift.
    ///
    /// # Errors
    /// [`Drift`] where the body is no JSON object, or holds none of the fields that an embed needs.
    pub(super) fn read(response: &Response, at: &str) -> Result<Self, Drift> {
        let text = response.text();
        let text = text.trim_start_matches('\u{feff}').trim();
        let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
            let start: String = text.chars().take(60).collect();
            return Err(Drift::new(at, format!("expected a JSON object, got {} bytes: {start:?}", text.len())));
        };
        let embed = Self {
            kind: words(&fields, "type"),
            title: words(&fields, "title"),
            author_name: words(&fields, "author_name"),
            author_url: words(&fields, "author_url"),
            provider_name: words(&fields, "provider_name"),
            url: words(&fields, "url"),
            thumbnail_url: words(&fields, "thumbnail_url").map(absolute),
            thumbnail_width_px: pixels(&fields, "thumbnail_width"),
            thumbnail_height_px: pixels(&fields, "thumbnail_height"),
            description: words(&fields, "description"),
            published: ["pubdate", "published", "published_at", "published_date", "created_at", "date"]
                .iter()
                .find_map(|name| {
                    words(&fields, name).filter(|text| has_zone(text)).and_then(|text| When::parse(&text))
                }),
            upload_date: words(&fields, "upload_date"),
            duration_ms: fields.get("duration").and_then(duration_ms),
            html: words(&fields, "html"),
        };
        if embed.title.is_none() && embed.html.is_none() && embed.author_name.is_none() && embed.thumbnail_url.is_none()
        {
            let names: Vec<_> = fields.keys().take(12).map(String::as_str).collect();
            return Err(Drift::new(at, format!("no title, author, thumbnail or html among {names:?}")));
        }
        Ok(embed)
    }

    /// Whether the answer is about another post: by its own addresses, and those in its snippet.
    pub(super) fn is_anothers(&self, post: &PostRef) -> bool {
        const NAMES: [&str; 5] = ["href", "src", "cite", "data-href", "data-url"];
        let snippet = html::parse_fragment(self.html.as_deref().unwrap_or_default());
        let places =
            page_parts::all_within(snippet.root_element(), "a, iframe, blockquote, div, section, amp-iframe", 32);
        let within = places.iter().flat_map(|place| NAMES.into_iter().filter_map(|name| html::attr(*place, name)));
        address::is_anothers(post, self.url.as_deref().into_iter().chain(within))
    }

    /// The handle that the author's address ends with, where that part is one: not an internal id (`/channel/UC…`,
    /// `/profile.php`, a number), not a page of many parts.
    pub(super) fn handle(&self) -> Option<String> {
        handle_in(self.author_url.as_deref()?)
    }
}

/// The handle at the end of a profile's address.
pub(super) fn handle_in(profile_url: &str) -> Option<String> {
    let base = Url::parse("https://relative.invalid").ok()?;
    let url = base.join(profile_url).ok()?;
    let parts: Vec<_> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let (last, before) = parts.split_last()?;
    if before.iter().any(|part| matches!(*part, "channel" | "people" | "post" | "status")) || before.len() > 2 {
        return None;
    }
    let last = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
    let named = last.starts_with('@');
    let handle = last.trim_start_matches('@');
    let is_number = handle.bytes().all(|byte| byte.is_ascii_digit());
    let is_page = [".php", ".html"].iter().any(|ending| handle.ends_with(ending));
    let is_clean = !handle.contains(|c: char| c.is_whitespace() || c.is_control() || "/?#<>\"".contains(c));
    (!handle.is_empty() && (named || !is_number) && !is_page && is_clean).then(|| handle.to_owned())
}

fn words(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match fields.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn pixels(fields: &Map<String, Value>, name: &str) -> Option<u32> {
    match fields.get(name)? {
        Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(text) => text.trim().trim_end_matches("px").parse().ok(),
        _ => None,
    }
    .filter(|pixels| *pixels > 0)
}

/// Whether a time says in which zone it is; a bare day does not need to.
fn has_zone(text: &str) -> bool {
    text.len() == 10 || text.get(10..).is_some_and(|time| time.ends_with('Z') || time.contains(['+', '-']))
}

fn duration_ms(value: &Value) -> Option<u64> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (0.1..1e7).contains(&seconds).then_some((seconds * 1000.0) as u64)
}

fn absolute(url: String) -> String {
    if url.starts_with("//") { format!("https:{url}") } else { url }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    fn answer(body: &str) -> Result<OEmbed, Drift> {
        let url = Url::parse("https://video.example/oembed").unwrap();
        OEmbed::read(&Response { url, status: 200, headers: Headers::default(), body: body.into() }, "oembed")
    }

    #[test]
    fn wild_answers_are_read_field_by_field() {
        let embed = answer(
            r#"{"type":"video","version":1,"title":"  A day ","author_name":7,"author_url":"/user/ann.ex","width":"100%",
            "height":null,"cache_age":"3153600000","thumbnail_url":"//i.video.example/1.jpg","thumbnail_width":"480",
            "thumbnail_height":null,"html":{"no":"text"}}"#,
        );
        let embed = embed.unwrap();
        assert_eq!(embed.title.as_deref(), Some("A day"));
        assert_eq!(embed.author_name.as_deref(), Some("7"));
        assert_eq!(embed.handle().as_deref(), Some("ann.ex"));
        assert_eq!(embed.thumbnail_url.as_deref(), Some("https://i.video.example/1.jpg"));
        assert_eq!((embed.thumbnail_width_px, embed.thumbnail_height_px, embed.html), (Some(480), None, None));
    }

    #[test]
    fn an_answer_without_an_embed_is_a_drift() {
        for body in ["", "Not Found", "[]", "null", "{}", "{\"title\":\"\"}", "{\"error\":\"no\"}", "<html></html>"] {
            assert!(answer(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_handle_is_taken_from_a_profile_with_care() {
        for (url, handle) in [
            ("https://www.video.example/@annex", Some("annex")),
            ("https://www.video.example/%40annex?x=1", Some("annex")),
            ("https://www.video.example/user/annex/", Some("annex")),
            ("https://www.video.example/c/Ann.Ex", Some("Ann.Ex")),
            ("https://www.video.example/channel/UCabcdefghijklmnopqrstuv", None),
            ("https://www.video.example/profile.php?id=1", None),
            ("https://www.video.example/12345", None),
            ("https://www.video.example/@12345", Some("12345")),
            ("https://www.video.example/", None),
            ("https://www.video.example", None),
        ] {
            assert_eq!(handle_in(url).as_deref(), handle, "{url}");
        }
    }
}
