//! What stands in a page wherever a platform's posts do: the detector looks for it before it parses anything.

/// The traces without which no post of a platform stands in a page. A trace too many costs a little time; one too few
/// loses embeds (`tests/detect.rs` compares what is found with and without them).
pub struct Needles {
    /// Its hosts.
    pub hosts: &'static [Host],
    /// Words that say whose an id beside them is, in lower case, at least three bytes long: in names of attributes,
    /// elements, classes; and of fields in a page's state.
    pub words: &'static [&'static str],
    /// What names a post by itself without an address, likewise: `data-pin-id`, the function that draws it.
    pub marks: &'static [&'static str],
}

/// A host, or several that share a name.
pub struct Host {
    /// The name that is registered, without its ending: `youtube` of `www.youtube.com`. With a dot at its end the
    /// first of any host's names: `nitter.` of `nitter.example.org`.
    pub name: &'static str,
    /// The least of a path that names a post.
    pub least: Least,
    /// First parts of paths that never do, in lower case.
    pub never: &'static [&'static str],
}

/// How much of a path an address needs to name a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Least {
    /// One part.
    Part,
    /// One part with a query or fragment, or two parts: one part alone is an account's.
    More,
    /// Two parts.
    Parts,
}

impl Host {
    /// A host of which one part may name a post.
    pub(super) const fn part(name: &'static str) -> Self {
        Self { name, least: Least::Part, never: &[] }
    }

    /// A host of which one part alone names an account.
    pub(super) const fn more(name: &'static str, never: &'static [&'static str]) -> Self {
        Self { name, least: Least::More, never }
    }

    /// A host whose posts' paths have at least two parts.
    pub(super) const fn parts(name: &'static str, never: &'static [&'static str]) -> Self {
        Self { name, least: Least::Parts, never }
    }
}
