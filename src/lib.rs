//! embalm finds the social posts that articles embed, captures each while it still exists, and keeps it beside the
//! article in one SQLite file for reading offline.
//!
//! # The way of the data
//!
//! ```text
//! source  ->  article  ->  detect  ->  platforms + fetch  ->  store  ->  query · render · export
//! ```
//!
//! | step | where |
//! |---|---|
//! | a source names articles: a feed, a sitemap, a page, a list, a folder | [`source`], polled by [`pipeline`] |
//! | an article's bytes become title, byline, date, main text | [`article`] |
//! | its embeds are found, with what the page quotes of each | [`detect`], which asks every platform |
//! | a post's requests are planned and its answers read | [`platforms`], one file each; pure |
//! | what a site asks of robots | [`robots`], pure; heeded by [`fetch`] |
//! | requests are sent, or answered from a recording | [`fetch`]: `live`, `replay` |
//! | the capture loop, the fallback ladder, short links, media | [`pipeline`] |
//! | what is one word of a text, and what is the same one; how a long text begins | [`words`], pure |
//! | everything is kept, nothing overwritten | [`store`]; the schema is in `docs/schema.md` |
//! | archives are copied, merged, thinned out; what must not be shown is redacted | `backup`, `merge`, `prune`, `redact` of [`store`] |
//! | what a run entered can be proven later | `entries` of [`store`]; [`merkle`] and [`stamp`], pure |
//! | recordings are read and written | [`warc`]; out of an archive by [`export`], into one by [`pipeline`] |
//! | it is shown | [`report`] in a terminal, [`render`] as HTML, [`serve`] to a browser, [`export`] as files |
//! | what changed between two texts | [`diff`], for the terminal and for pages |
//! | flags become calls | [`commands`], one file a subcommand |
//!
//! # Floors
//!
//! The paragraphs of `pub mod` lines below are floors; a module uses only floors above it in this text (lower in the
//! house), never its neighbours. `tests/architecture.rs` holds this.
//!
//! # What is deliberately absent
//!
//! No browser runs, no archived script runs, nothing on the reading side opens a socket. Platforms have no clock and
//! no network; `fetch::live` alone opens sockets and `serve::listen` alone listens, `store` alone has SQL, `report` alone prints.

pub mod diff;
pub mod html;
pub mod http;
pub mod media_type;
pub mod merkle;
pub mod stamp;

pub mod model;
pub mod warc;
pub mod words;

pub mod article;
pub mod platforms;
pub mod robots;
pub mod source;

pub mod detect;
pub mod fetch;
pub mod render;
pub mod store;

pub mod export;
pub mod pipeline;
pub mod serve;

pub mod config;
pub mod report;

pub mod commands;
