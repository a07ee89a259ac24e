//! A post as it was at one moment, and the reference that names it for ever.

use super::{Media, Quoted, Target, When};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};
use url::Url;

/// A post's name. Its identity is (platform, id), written `platform:id`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PostRef {
    /// The platform's id, such as `twitter`.
    pub platform: String,
    /// The platform's native id; `host/number` where a platform is many hosts, `actor/rkey` on Bluesky.
    pub id: String,
    /// The handle in the URL, where it has one. It may be out of date.
    pub author: Option<String>,
    /// The canonical URL.
    pub url: Url,
}

impl PostRef {
    /// `platform:id`.
    #[must_use]
    pub fn key(&self) -> String {
        self.to_string()
    }

    /// The post that an embed stands for. Where the page gives no id, a provisional name: the short link's host and
    /// path (`pic.twitter.com/6uvkEDUese`), or `quoted/` with a digest of what the page quotes. It holds the embed's
    /// place until the real id is learnt.
    #[must_use]
    pub fn of_embed(target: &Target, quoted: &Quoted) -> Self {
        match target {
            Target::Post(post) => post.clone(),
            Target::ShortLink { platform, url } => {
                let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
                let id = format!("{host}{}", url.path().trim_end_matches('/'));
                Self { platform: platform.clone(), id, author: quoted.author_handle.clone(), url: url.clone() }
            }
            Target::Unresolved { platform } => {
                let words = serde_json::json!([quoted.author_handle, quoted.published, quoted.text]).to_string();
                let digest: String = Sha256::digest(words).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
                let url = Url::parse(&format!("urn:embalm:quoted:{digest}")).expect("a urn of hex digits parses");
                let author = quoted.author_handle.clone();
                Self { platform: platform.clone(), id: format!("quoted/{digest}"), author, url }
            }
        }
    }

    /// Whether the name is one that [`PostRef::of_embed`] made up until the real id is known.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        // An ActivityPub object is named by its address where that has no known shape: no other name is to be learnt.
        let is_name = self.platform == "activitypub";
        self.id.starts_with("quoted/")
            || !is_name
                && self.id.split('/').next().is_some_and(|host| {
                    host.contains('.')
                        && self.url.host_str().is_some_and(|own| own.trim_start_matches("www.") == host)
                        && self.url.path().trim_end_matches('/') == &self.id[host.len()..]
                })
    }
}

impl fmt::Display for PostRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform, self.id)
    }
}

/// A post as the platform showed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Its name as the answer gives it; may be more exact than the one asked for (a did for a handle).
    pub post: PostRef,
    /// Who wrote it.
    pub author: Author,
    /// As a reader sees it: entities decoded, links expanded, line breaks kept, no trailing media link.
    pub text: String,
    /// The same with links, as HTML; untrusted, sanitised whenever it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_html: Option<String>,
    /// The platform gave only the beginning of the text.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
    /// When it was posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<When>,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Timestamp>,
    /// BCP 47; none where the platform does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// In the platform's order. A poster stands right after the video that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The post that it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Related>,
    /// The post that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Related>,
    /// Its place in a thread, where the answer says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// A poll with its results at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// A preview of a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// `likes`, `replies`, `reposts`, `quotes`, `views`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// Marked as sensitive by its author or by the platform.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// A content warning that the author put before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl Post {
    /// A post with author and text, and nothing else known.
    #[must_use]
    pub fn new(post: PostRef, author: Author, text: impl Into<String>) -> Self {
        Self {
            post,
            author,
            text: text.into(),
            text_html: None,
            truncated: false,
            published: None,
            edited: None,
            lang: None,
            media: Vec::new(),
            quoted: None,
            reply_to: None,
            thread: None,
            poll: None,
            card: None,
            counts: BTreeMap::new(),
            sensitive: false,
            warning: None,
        }
    }

    /// SHA-256 (hex) over what the author made: text, name, media, poll, quote. Counts, and the parts of media URLs
    /// that change from answer to answer (query, host), are left out, so that equal digests mean an unchanged post.
    #[must_use]
    pub fn digest(&self) -> String {
        let media: Vec<_> = self
            .media
            .iter()
            .filter(|m| m.obtained.is_none())
            .map(|m| (m.kind, Url::parse(&m.url).map_or_else(|_| m.url.clone(), |u| u.path().to_owned()), &m.alt))
            .collect();
        let parts = serde_json::json!({
            "author": [&self.author.handle, &self.author.name],
            "text": self.text,
            "edited": self.edited,
            "media": media,
            "quoted": self.quoted.as_ref().map(|related| related.post.key()),
            "poll": self.poll.as_ref().map(|poll| poll.options.iter().map(|option| &option.label).collect::<Vec<_>>()),
            "card": self.card.as_ref().map(|card| &card.url),
            "warning": self.warning,
            "sensitive": self.sensitive,
        });
        Sha256::digest(parts.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Who wrote a post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The platform's native id of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Without `@`; `user@host` where the platform is many hosts and the account is remote. Empty where unknown.
    pub handle: String,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The profile's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The picture's URL, in its largest form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// A post that another one quotes or answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Related {
    /// Its name.
    pub post: PostRef,
    /// Its content, where the same answer holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Box<Post>>,
}

/// Where in a thread a post stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The post that the thread begins with; it may be the post itself.
    pub first: PostRef,
    /// Its place, counted from 1, where the answer lists the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

/// A poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// In the author's order.
    pub options: Vec<PollOption>,
    /// When it ends or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
    /// Whether one may choose several.
    #[serde(default, skip_serializing_if = "is_false")]
    pub multiple: bool,
}

/// One answer of a poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    /// Its words.
    pub label: String,
    /// Votes so far, where shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<u64>,
}

/// A link's preview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Where it leads.
    pub url: String,
    /// The linked page's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its picture's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
