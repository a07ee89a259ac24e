//! The viewer: a small HTTP server that shows the archive as it is now, and asks the network for nothing.
//!
//! | question | file |
//! |---|---|
//! | which address is answered by what | [`routes`] |
//! | who may ask, and what every answer says of itself | `guard` |
//! | where the archive is read | `archive`: stores for reading only, lent to threads that may block |
//! | a page, and where its links lead | `pages`, `places` |
//! | an article, its versions, its original | `article` |
//! | a file of a post | `media` |
//! | the style sheet, the script, the icon | `assets` |
//! | what went wrong, in words without internals | `error` |
//! | the one socket, which only listens | `listen` |

mod archive;
mod article;
mod assets;
mod error;
mod guard;
mod listen;
mod media;
mod pages;
mod places;
mod routes;

pub use listen::{Listening, ServeError, listen};

use archive::Archive;

/// What the handlers share.
#[derive(Clone)]
struct Viewer {
    archive: Archive,
}
