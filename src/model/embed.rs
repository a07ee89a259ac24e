//! An embed: a social post as an article shows it, with what the article itself quotes of it.

use super::{PostRef, When};
use serde::{Deserialize, Serialize};
use url::Url;

/// One embed of an article. A post that occurs twice in a page is one embed, in its richest form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// Reading order in the article, from 0.
    pub position: usize,
    /// The markup that stands for the post.
    pub form: Form,
    /// The post, or what leads to it.
    pub target: Target,
    /// In the article's body, or elsewhere in the page.
    pub scope: Scope,
    /// What the page itself says of the post.
    pub quoted: Quoted,
}

/// The markup in which a post stands. Ordered from the poorest to the richest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Only inside JSON state of the page.
    Json,
    /// A URL as text, or a post flattened into text.
    Text,
    /// A plain link.
    Link,
    /// A Flash `<object>`, `<embed>` or `<param>`.
    Object,
    /// An id or URL in `data-` attributes, custom elements, placeholders.
    DataAttr,
    /// A script that writes the embed.
    Script,
    /// An AMP element.
    Amp,
    /// An iframe with a real `src` or `srcdoc`.
    Iframe,
    /// A blockquote that holds the post's words or stands for it.
    Blockquote,
}

impl Form {
    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Link => "link",
            Self::Object => "object",
            Self::DataAttr => "data-attr",
            Self::Script => "script",
            Self::Amp => "amp",
            Self::Iframe => "iframe",
            Self::Blockquote => "blockquote",
        }
    }
}

/// Where in the page an embed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In the article's body.
    Article,
    /// Related stories, sidebar, footer, comments.
    Page,
}

impl Scope {
    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Page => "page",
        }
    }
}

/// What an embed points to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A post with a known id.
    Post(PostRef),
    /// A URL that only the network can resolve to a post (t.co, pic.twitter.com, vm.tiktok.com).
    ShortLink {
        /// The platform whose short link it is.
        platform: String,
        /// The short URL, absolute.
        url: Url,
    },
    /// A post of this platform whose id the page does not give.
    Unresolved {
        /// The platform.
        platform: String,
    },
}

impl Target {
    /// The platform's id, such as `twitter`.
    #[must_use]
    pub fn platform(&self) -> &str {
        match self {
            Self::Post(post) => &post.platform,
            Self::ShortLink { platform, .. } | Self::Unresolved { platform } => platform,
        }
    }

    /// The post, where its id is known.
    #[must_use]
    pub fn post(&self) -> Option<&PostRef> {
        match self {
            Self::Post(post) => Some(post),
            _ => None,
        }
    }
}

/// What the article itself says of the post. All of it is the page's word, and can be faked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// The post's words, line breaks kept, attribution line left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    /// Without `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_handle: Option<String>,
    /// The day or instant that the page prints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<When>,
    /// Links inside the words, as printed (`pic.twitter.com/x` without a scheme stays so).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
}

impl Quoted {
    /// Whether the page says nothing of the post beyond its address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
