//! Reads and writes WARC files (ISO 28500): recorded exchanges, one record each, compressed one by one; and reads WACZ
//! files, which hold some of them.
//!
//! Every byte of such a file is untrusted. A reader yields each record that is whole, names damage with its byte
//! offset, and holds no more than one record's body, itself under a limit.

mod arc;
mod decode;
mod dictionary;
mod digest;
mod header;
mod member;
mod message;
mod original;
mod part;
mod read;
mod spool;
mod wacz;
mod write;

pub use decode::{beginning as decode_beginning, content as decode_content};
pub use original::original_headers;
pub use part::{Part, Window, in_folder};
pub use read::Reader;
pub use wacz::{Seal, Wacz, is_wacz, is_warc};
pub use write::{
    Asked, FIELDS, NewRecord, Payload, REQUEST, RESPONSE, Take, WarcWriter, WrittenRecord, public_url, response_head,
};

use crate::http::Headers;
use jiff::Timestamp;
use url::Url;

/// The longest line of a header, in bytes. Browsers send and accept URLs well below this.
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// All lines of one WARC header together, in bytes. Unknown fields are read past, not kept.
pub const MAX_WARC_HEADER_BYTES: usize = 16 * 1024 * 1024;

/// All lines of one HTTP header together, in bytes; Chromium's limit.
pub const MAX_HTTP_HEADER_BYTES: usize = 256 * 1024;

/// What one compressed member may unpack to, in bytes. Nothing of it is kept beyond a body, so this bounds time.
pub const MAX_MEMBER_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The default limit of one decoded body, in bytes.
pub const MAX_BODY_BYTES: u64 = 32 * 1024 * 1024;

/// A recorded HTTP message: half of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands, to find it again.
    pub place: Place,
    /// `WARC-Target-URI`, without a fragment; http or https but for resources and metadata.
    pub url: Url,
    /// `WARC-Date`.
    pub date: Option<Timestamp>,
    /// Request, response, or a response that is like an earlier one.
    pub kind: Kind,
    /// The HTTP header, as recorded.
    pub headers: Headers,
    /// The HTTP body after transfer and content decoding; of a record without a message its whole content.
    pub body: Body,
    /// What the record says of itself and of others.
    pub said: Said,
}

/// What a record's header says beside its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// `WARC-Record-ID`, with its brackets.
    pub id: Option<String>,
    /// `WARC-Refers-To`: of a revisit the record that it is like.
    pub refers_to: Option<String>,
    /// `WARC-Payload-Digest`, as it stands; nobody has compared it with the payload.
    pub payload_digest: Option<String>,
}

impl Said {
    /// The payload's SHA-256 in lower-case hex, where the record says one.
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        digest::declared_sha256(self.payload_digest.as_deref()?)
    }
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer.
    Response {
        /// The HTTP status code.
        status: u16,
    },
    /// An answer whose body is that of an earlier record (`revisit`).
    Revisit {
        /// The HTTP status code, where the record repeats the header.
        status: Option<u16>,
        /// `WARC-Refers-To-Target-URI`, else the record's own URL.
        original: Url,
        /// `WARC-Refers-To-Date`.
        original_date: Option<Timestamp>,
    },
    /// What was asked.
    Request {
        /// Such as `GET`.
        method: String,
    },
    /// Bytes that came without a message; yielded only where all kinds are asked for.
    Resource,
    /// What somebody says of other records; yielded only where all kinds are asked for.
    Metadata,
}

/// A record's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// All of it, decoded.
    Whole(Vec<u8>),
    /// What could be decoded, and why there is no more.
    Cut {
        /// Decoded so far.
        bytes: Vec<u8>,
        /// The decoder's words.
        detail: String,
    },
    /// Over the limit; nothing of it is kept.
    TooLarge {
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// The reader was told to read no bodies.
    Unread,
}

/// Where a record stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Byte offset of the record, or of the compressed member that holds it.
    pub offset: u64,
    /// How many unpacked bytes stand before it in that member; 0 in a file written as the standard asks.
    pub within: u64,
}

/// A spot where a file is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged at byte {offset}: {detail}")]
pub struct Damage {
    /// Byte offset in the file of the record, or of the compressed member, that is damaged.
    pub offset: u64,
    /// What was expected and what is there.
    pub detail: String,
}

#[cfg(test)]
mod tests;
