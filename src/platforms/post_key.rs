//! The key by which a person's words name a post.

use super::{by_id, embedded};
use crate::model::{PostRef, Quoted, Target};

/// `platform:id` as it is, or the key of the post that a URL names, in any of its forms; none where the words name no
/// post. Whether an archive has it is another question.
#[must_use]
pub fn post_key(target: &str) -> Option<String> {
    if let Some((platform, _)) = target.split_once(':')
        && by_id(platform).is_some()
    {
        return Some(target.to_owned());
    }
    match embedded(target)? {
        Target::Post(post) => Some(post.key()),
        link => Some(PostRef::of_embed(&link, &Quoted::default()).key()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_named_by_its_key_and_by_its_address() {
        assert_eq!(post_key("twitter:1822768").as_deref(), Some("twitter:1822768"));
        assert_eq!(post_key("https://x.com/a_clerk/status/1822768?s=20").as_deref(), Some("twitter:1822768"));
        assert_eq!(post_key("https://news.example/story"), None);
        assert_eq!(post_key("nowhere:1"), None);
        assert_eq!(post_key(""), None);
    }
}
