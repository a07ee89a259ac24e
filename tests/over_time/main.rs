//! Articles over time: which addresses are one article, what is a new version of it, when it is looked at again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

mod addresses;
mod content;
mod looks;
mod site;
mod whole;
