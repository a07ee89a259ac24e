//! XML as it is in the wild: elements with their names' meaning, read past every mistake that can be read past.
//!
//! | module | what |
//! |---|---|
//! | [`charset`](decode) | bytes to text: byte order mark, header, declaration, what the bytes are |
//! | `mend` | what no XML parser reads, made readable |
//! | `entity` | references in text and attributes; nothing outside the document is ever asked for |
//! | `space` | namespaces, also undeclared, misspelt and private ones |
//! | [`read`] | containers and the records in them, one record in memory at a time |
//! | [`Element`] | a record as a small tree |

mod charset;
mod element;
mod entity;
mod mend;
mod read;
mod space;

pub(super) use charset::decode;
pub(super) use element::{Child, Element, resolve};
pub(super) use read::{read, root_name, tree};
pub(super) use space::Space;
