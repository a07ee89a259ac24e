//! Takes articles and posts out of the archive, as pages that need nothing of it: one file an article, a static site,
//! or snippets for a publisher's own pages. No transport, no clock: the caller says when it is.
//!
//! | what | where |
//! |---|---|
//! | one self-contained file an article | `single` |
//! | a static site: pages, lists, what it says of itself | `site` |
//! | its search, by a local index | `search` |
//! | its links, and the files of posts copied beside | `places` |
//! | names that are harmless on any file system and never change | `names` |
//! | snippets for a publisher's own pages | `snippets` |
//! | a page of theirs with its embeds replaced by these | `rewrite` |
//! | web archives: WARC and WACZ files | `warc` |
//! | tables for programs of others: JSON Lines, CSV, Parquet | `tables` |
//! | what Datasette shows beside an archive | `datasette` |
//! | files that appear whole or not at all | `folder` |

mod datasette;
mod error;
mod folder;
mod names;
mod places;
mod rewrite;
mod search;
mod single;
mod site;
mod snippets;
mod tables;
mod warc;

pub use datasette::datasette_metadata;
pub use error::ExportError;
pub use rewrite::{Action, RewriteOptions, Rewriter, Rewritten, RewrittenEmbed};
pub use single::{article_file, article_files};
pub use site::{Exported, Selection, SiteOptions, site};
pub use snippets::{MAX_SNIPPET_BYTES, MAX_SNIPPET_FILE_BYTES, Snippet, SnippetOptions, snippet, snippets};
pub use tables::{
    HAS_PARQUET, SPREADSHEET_CELL_CHARACTERS, TABLES_VERSION, TableForm, WrittenTable, table_file, table_stream, tables,
};
pub use warc::{Progress, Signer, WarcExported, WarcOptions, WarcProgress, wacz, warc, warc_to};

pub use folder::write_file;

use folder::Folder;
use serde::Serialize;
use std::path::PathBuf;

/// A page of an export, as `embalm export --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// `article`, `version`, `changes`, `original`, `post`, `author`, `platform`, `list`, `search`, `about` or `snippet`.
    pub what: &'static str,
    /// An article's number in the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// A post's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// In bytes.
    pub bytes: u64,
    /// Without the files inside it, for a snippet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_without_media: Option<u64>,
    /// False where it was there already, with these bytes.
    pub written: bool,
}

/// Hears of every page.
pub type Sink<'a> = dyn FnMut(&Written) -> Result<(), ExportError> + 'a;
