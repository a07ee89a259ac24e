//! Articles over time: which addresses are one article, what is a new version of it, when it is looked at again.

mod addresses;
mod content;
