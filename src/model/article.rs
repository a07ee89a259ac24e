//! An article, and the reference by which a source names it before it is fetched.

use super::When;
use serde::{Deserialize, Serialize};
use url::Url;

/// An article as a source names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleRef {
    /// Where it is: http, https, or file.
    pub url: Url,
    /// As the source titles it.
    pub title: Option<String>,
    /// As the source dates it.
    pub published: Option<When>,
}

/// What an article says of itself, and its main text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// The page's own canonical URL, else the URL that was asked. None for a file that names none.
    pub url: Option<Url>,
    /// The headline, without the site's name.
    pub title: String,
    /// The authors as the page prints them.
    pub byline: Option<String>,
    /// The publication's name.
    pub site_name: Option<String>,
    /// First publication.
    pub published: Option<When>,
    /// BCP 47, as the page says or as its text shows.
    pub lang: Option<String>,
    /// The main text as a reader sees it: paragraphs parted by blank lines, embeds left out.
    pub text: String,
    /// The main text as HTML, not yet sanitised. `html::embed_token(position)` stands where an embed stood.
    pub body_html: String,
}
