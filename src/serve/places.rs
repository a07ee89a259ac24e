//! The viewer's own addresses: public API, stable.

use crate::{
    model::StoredMedia,
    render::{self, Places, Shown},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What stands in a segment of a path as it is: all but what would end it or mean something else in it.
const IN_A_SEGMENT: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'^')
    .add(b'[')
    .add(b']');

/// What stands in a value of a query as it is.
const IN_A_QUERY: AsciiSet = IN_A_SEGMENT.add(b'&').add(b'=').add(b'+');

/// Where the viewer has what.
pub(super) struct Addresses;

impl Places for Addresses {
    fn article(&self, id: i64) -> Option<String> {
        Some(format!("/article/{id}"))
    }

    fn original(&self, id: i64) -> Option<String> {
        Some(format!("/article/{id}/original"))
    }

    fn version(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}?version={number}"))
    }

    fn changes(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}/changes?version={number}"))
    }

    fn original_of(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}/original?version={number}"))
    }

    fn original_bytes(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}/original.raw?version={number}"))
    }

    fn post(&self, key: &str) -> Option<String> {
        // A slash in the id (`mastodon:host/123`) stands as it is, but where browsers would go up a folder.
        if key.split('/').any(is_a_way) {
            return Some(format!("/post/{}", segment(key)));
        }
        let key: Vec<_> = key.split('/').map(segment).collect();
        Some(format!("/post/{}", key.join("/")))
    }

    fn author(&self, platform: &str, handle: &str) -> Option<String> {
        let has_a_page = !handle.is_empty() && !is_a_way(handle) && !is_a_way(platform);
        has_a_page.then(|| format!("/author/{}/{}", segment(platform), segment(handle)))
    }

    fn platform(&self, id: &str) -> Option<String> {
        (!is_a_way(id)).then(|| format!("/platform/{}", segment(id)))
    }

    fn data(&self, key: &str) -> Option<String> {
        self.post(key).map(|page| format!("/api{page}"))
    }

    fn asked(&self, page: &str, name: &str, value: &str) -> Option<String> {
        let mark = if page.contains('?') { '&' } else { '?' };
        Some(format!("{page}{mark}{name}={}", utf8_percent_encode(value, &IN_A_QUERY)))
    }

    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String> {
        if let Some(why) = render::missing(file) {
            return Err(why);
        }
        let sniffed = file.mime.as_deref();
        let shown = file.digest.as_ref().zip(sniffed.and_then(|sniffed| render::playable(file.kind, sniffed)));
        shown
            .map(|(digest, mime)| Shown { url: format!("/media/{digest}"), mime })
            .ok_or_else(|| render::unsafe_type(sniffed))
    }
}

/// Browsers take these for the way to a folder, also where they are escaped.
fn is_a_way(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, &IN_A_SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn a_browser_asks_for_the_post_that_a_link_names() {
        let base = Url::parse("http://127.0.0.1:8020/posts?state=live").unwrap();
        for key in
            ["twitter:1", "mastodon:h/1", "x:../../status", "x:a/./b", "x:a//b", "x:a/..", "x: y ", "x:%2e", "x:?a#b"]
        {
            let asked = base.join(&Addresses.post(key).unwrap()).unwrap();
            let path = asked.path().strip_prefix("/post/").map(percent_encoding::percent_decode_str);
            assert_eq!(path.unwrap().decode_utf8().unwrap(), key, "{asked}");
        }
        assert_eq!(Addresses.author("twitter", ".."), None);
        assert_eq!(Addresses.platform("."), None);
    }
}
