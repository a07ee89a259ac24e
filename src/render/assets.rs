//! The files that pages of the viewer and of a static site name under `assets/`. They are part of the program.

/// One such file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name under `assets/`.
    pub name: &'static str,
    /// Its type, for a `Content-Type` header.
    pub mime: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
}

const STYLESHEET: &str = concat!(
    include_str!("templates/style/base.css"),
    include_str!("templates/style/article.css"),
    include_str!("templates/style/post.css"),
    include_str!("templates/style/ratios.css"),
    include_str!("templates/style/room.css"),
    include_str!("templates/style/timeline.css"),
    include_str!("templates/style/plots.css"),
    include_str!("templates/style/print.css"),
);

/// All of them: style sheet, the two scripts, the icon.
pub const ASSETS: [Asset; 4] = [
    Asset { name: "embalm.css", mime: "text/css; charset=utf-8", bytes: STYLESHEET.as_bytes() },
    Asset { name: "room.js", mime: "text/javascript; charset=utf-8", bytes: script().as_bytes() },
    Asset {
        name: "theme.js",
        mime: "text/javascript; charset=utf-8",
        bytes: include_bytes!("templates/room/theme.js"),
    },
    Asset { name: "embalm.png", mime: "image/png", bytes: include_bytes!("templates/room/embalm.png") },
];

/// The style sheet of pages and fragments.
#[must_use]
pub const fn stylesheet() -> &'static str {
    STYLESHEET
}

/// The script of the viewer and of static sites: conveniences alone.
#[must_use]
pub const fn script() -> &'static str {
    include_str!("templates/room/room.js")
}

/// The script that searches a static site.
#[must_use]
pub const fn search_script() -> &'static str {
    include_str!("templates/room/search.js")
}

/// The style sheet of snippets: every rule begins with their class, so that it touches nothing else in a page.
#[must_use]
pub const fn snippet_stylesheet() -> &'static str {
    include_str!("templates/snippet.css")
}
