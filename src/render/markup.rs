//! Markup that may stand in a page as it is, and the templates that make it.

use super::{RenderError, bidi};
use crate::html;
use minijinja::{
    Environment, UndefinedBehavior,
    syntax::SyntaxConfig,
    value::{Serde, Value},
};
use serde::{Serialize, Serializer};
use std::sync::LazyLock;

/// HTML of our own making, or sanitised. The one type that templates write unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    /// Vouches for `html`: it came out of the sanitiser, a template, or is one of our own constants.
    pub(super) fn vouched(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl Serialize for Markup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The engine recognises its own value inside a serialised context, its safety with it.
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .expect("the usual delimiters are a valid syntax"),
    );
    // The engine's own escaping also turns every `/` into an entity, which would double the size of nothing but noise.
    environment.set_formatter(|out, _, value| {
        if value.is_none() {
            return Ok(());
        }
        let written = match value.as_str() {
            Some(text) if value.is_safe() => out.write_str(text),
            Some(text) => out.write_str(&html::escape(&bidi::balanced(text))),
            None => out.write_str(&html::escape(&value.to_string())),
        };
        written.map_err(minijinja::Error::from)
    });
    for (name, source) in [
        ("article.html", include_str!("templates/article.html")),
        ("article_main.html", include_str!("templates/article_main.html")),
        ("media.html", include_str!("templates/media.html")),
        ("post.html", include_str!("templates/post.html")),
        ("snippet.html", include_str!("templates/snippet.html")),
        ("snippet_media.html", include_str!("templates/snippet_media.html")),
        ("room/article.html", include_str!("templates/room/article.html")),
        ("room/changes.html", include_str!("templates/room/changes.html")),
        ("room/author.html", include_str!("templates/room/author.html")),
        ("room/front.html", include_str!("templates/room/front.html")),
        ("room/list.html", include_str!("templates/room/list.html")),
        ("room/site_list.html", include_str!("templates/room/site_list.html")),
        ("room/head.html", include_str!("templates/room/head.html")),
        ("room/lines.html", include_str!("templates/room/lines.html")),
        ("room/article_entry.html", include_str!("templates/room/article_entry.html")),
        ("room/articles.html", include_str!("templates/room/articles.html")),
        ("room/failures.html", include_str!("templates/room/failures.html")),
        ("room/field.html", include_str!("templates/room/field.html")),
        ("room/filters.html", include_str!("templates/room/filters.html")),
        ("room/paging.html", include_str!("templates/room/paging.html")),
        ("room/post_entry.html", include_str!("templates/room/post_entry.html")),
        ("room/posts.html", include_str!("templates/room/posts.html")),
        ("room/run.html", include_str!("templates/room/run.html")),
        ("room/runs.html", include_str!("templates/room/runs.html")),
        ("room/search.html", include_str!("templates/room/search.html")),
        ("room/sources.html", include_str!("templates/room/sources.html")),
        ("room/message.html", include_str!("templates/room/message.html")),
        ("room/original.html", include_str!("templates/room/original.html")),
        ("room/platform.html", include_str!("templates/room/platform.html")),
        ("room/platforms.html", include_str!("templates/room/platforms.html")),
        ("room/plot.html", include_str!("templates/room/plot.html")),
        ("room/post.html", include_str!("templates/room/post.html")),
        ("room/shell.html", include_str!("templates/room/shell.html")),
        ("room/site_about.html", include_str!("templates/room/site_about.html")),
        ("room/site_articles.html", include_str!("templates/room/site_articles.html")),
        ("room/site_leaf.html", include_str!("templates/room/site_leaf.html")),
        ("room/site_platforms.html", include_str!("templates/room/site_platforms.html")),
        ("room/site_posts.html", include_str!("templates/room/site_posts.html")),
        ("room/site_search.html", include_str!("templates/room/site_search.html")),
        ("room/status.html", include_str!("templates/room/status.html")),
        ("room/time.html", include_str!("templates/room/time.html")),
        ("room/timeline.html", include_str!("templates/room/timeline.html")),
    ] {
        environment
            .add_template(name, source)
            .expect("the templates are part of the program, and every test draws them");
    }
    environment
});

/// Writes a drawing with its template.
pub(super) fn draw<T: Serialize>(template: &'static str, drawing: &T) -> Result<Markup, RenderError> {
    TEMPLATES
        .get_template(template)
        .and_then(|found| found.render(Serde(drawing)))
        .map(Markup)
        .map_err(|source| RenderError { template, source })
}
