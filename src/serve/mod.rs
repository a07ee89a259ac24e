//! The viewer: a small HTTP server that shows the archive as it is now, and asks the network for nothing.
//!
//! | question | file |
//! |---|---|
//! | which address is answered by what | `routes` |
//! | who may ask, under which names, and what every answer says of itself | `guard`, `names` |
//! | where the archive is read | `archive`: stores for reading only, lent to threads that may block |
//! | a page, and where its links lead | `posts`, `who`, `places` |
//! | the front page, the lists, the search; an address read as a question | `lists`, `question` |
//! | an article, its versions, its original | `article` |
//! | a file of a post, or a part of it, however large | `media` |
//! | the article or post of an original address | `at` |
//! | how everything stands, and what the archive alone does not know of that | `status`, [`About`] |
//! | records for programs; feeds; what both are asked | `api`, `feeds`, `asked` |
//! | the style sheet, the script, the icon | `assets` |
//! | what went wrong, in words without internals | `error` |
//! | the one socket, which only listens, and the limits of connections | `listen` |

mod about;
mod api;
mod archive;
mod article;
mod asked;
mod assets;
mod at;
mod error;
mod feeds;
mod guard;
mod listen;
mod lists;
mod media;
mod names;
mod places;
mod posts;
mod question;
mod routes;
mod status;
mod who;

pub use about::About;
pub use listen::{Listening, ServeError, Settings, listen};
pub use names::HostName;

use archive::Archive;
use names::Names;
use std::sync::Arc;

/// The limits of the viewer: `docs/security.md` lists them.
pub mod limits {
    pub use super::{
        api::{DEFAULT_RECORDS, MAX_COUNTED_RECORDS, MAX_RECORDS},
        archive::{ANSWER_TIME_LIMIT, MAX_MEDIA_READERS, MAX_PAGE_READERS, TURN_TIME_LIMIT},
        guard::MAX_ADDRESS_BYTES,
        listen::{END_TIME_LIMIT, HEAD_TIME_LIMIT, MAX_CONNECTIONS, MAX_HEAD_BYTES, MAX_HEAD_FIELDS, STALL_TIME_LIMIT},
        media::MAX_BYTES_AHEAD,
    };
}

/// What the handlers share.
#[derive(Clone, Debug)]
struct Viewer {
    archive: Archive,
    about: Arc<dyn About>,
    names: Arc<Names>,
}
