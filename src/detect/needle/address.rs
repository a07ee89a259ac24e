//! Whether an address in a page's bytes may be a post's, told from its host and the shape of its path without
//! parsing it: separators may be escaped in any way, and the address may end anywhere.

use crate::platforms::{Host, Least, Needles, WRAPPER_HOSTS};

/// Longer hosts are no hosts.
const MAX_HOST_BYTES: usize = 100;
/// Bytes of an address that are looked at.
const MAX_LOOK_BYTES: usize = 400;
/// Parts of a path that are looked at for an id.
const MAX_PARTS: usize = 5;

/// Second-level names under which countries register names.
const SECOND_LEVEL: [&[u8]; 9] = [b"co", b"com", b"org", b"net", b"ac", b"gov", b"ne", b"or", b"go"];

/// First parts of paths by which servers of the fediverse address posts; what follows has an id in it.
const SHAPES: [&[u8]; 22] = [
    b"users",
    b"notice",
    b"objects",
    b"display",
    b"notes",
    b"statuses",
    b"p",
    b"i",
    b"w",
    b"videos",
    b"web",
    b"deck",
    b"ui",
    b"ap",
    b"~",
    b"u",
    b"federation",
    b"events",
    b"post",
    b"comment",
    b"posts",
    b"s",
];

/// The longest of them.
const MAX_SHAPE_BYTES: usize = 10;

/// Ids of posts on any host are at least so long.
const MIN_ID_BYTES: usize = 10;

/// The hosts that platforms have, by the first byte of the name before their ending.
pub(super) struct Sites {
    by_byte: Vec<Vec<&'static Host>>,
    by_first: Vec<&'static Host>,
}

impl Sites {
    pub(super) fn new(all: &[Needles]) -> Self {
        let mut by_byte: Vec<Vec<&'static Host>> = (0..=u8::MAX).map(|_| Vec::new()).collect();
        let mut by_first = Vec::new();
        for host in all.iter().flat_map(|needles| needles.hosts).chain(WRAPPER_HOSTS) {
            if host.name.ends_with('.') {
                by_first.push(host);
                continue;
            }
            let of = host.name.bytes().next().and_then(|first| by_byte.get_mut(usize::from(first)));
            of.into_iter().for_each(|hosts| hosts.push(host));
        }
        Self { by_byte, by_first }
    }

    /// Whether the address whose beginning stands at `start..end` may be a post's.
    pub(super) fn may_name(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        // A backslash at the needle's end begins the next escape.
        let from = if bytes.get(end - 1) == Some(&b'\\') { end - 1 } else { end };
        let look = bytes.get(from..(from + MAX_LOOK_BYTES).min(bytes.len())).unwrap_or_default();
        // `at://` and `tg://` are posts' own schemes.
        let before = bytes.get(start.saturating_sub(2)..start).unwrap_or_default();
        if before.eq_ignore_ascii_case(b"at") || before.eq_ignore_ascii_case(b"tg") {
            return true;
        }
        // Of a slash that is percent-encoded more than once the beginning belongs to the needle.
        let encoded = look
            .iter()
            .take(8)
            .position(|byte| byte.eq_ignore_ascii_case(&b'f'))
            .filter(|_| bytes.get(end - 1) == Some(&b'5'));
        let mut look = encoded.and_then(|at| look.get(at + 1..)).unwrap_or(look);
        while let Some(len) = separator(look) {
            look = look.get(len..).unwrap_or_default();
        }
        self.may_be(look)
    }

    /// Hosts that are known by the first of their names: `nitter.example.org`.
    fn by_first_label(&self, host: &[u8]) -> Option<&'static Host> {
        let first = host.iter().position(|byte| *byte == b'.').and_then(|dot| host.get(..=dot))?;
        self.by_first.iter().copied().find(|known| known.name.as_bytes().eq_ignore_ascii_case(first))
    }

    /// Whether this host and path may be a post's.
    pub(super) fn may_be(&self, address: &[u8]) -> bool {
        let len = host_len(address);
        let (host, rest) = address.split_at(len);
        let name = main_label(host);
        if host.is_empty() {
            return false;
        }
        let known = self.by_byte.get(usize::from(name.first().map_or(0, u8::to_ascii_lowercase)));
        let known = known.into_iter().flatten().find(|known| known.name.as_bytes().eq_ignore_ascii_case(name));
        let known = known.copied().or_else(|| self.by_first_label(host));
        let rest = port(rest);
        let Some(gap) = separator(rest) else {
            // A query may follow the host at once: `?w=wall1_2`, or the hash of `/#!/user/status/1`.
            return known.is_some() && matches!(rest.first(), Some(b'?' | b'#' | b'%' | b'\\' | b'&'));
        };
        let path = rest.get(gap..).unwrap_or_default();
        let first = part(path);
        match known {
            Some(known) => {
                let after = path.get(first.len()..).unwrap_or_default();
                let is = match (goes_on(after), known.least) {
                    // The path may be in the fragment.
                    _ if matches!(first, b"" | b"#!") => true,
                    (Next::Part, _) | (Next::Query, Least::More) => true,
                    (_, least) => least == Least::Part,
                };
                // Further down even such a path may name a post: `/channel/UC…/community?lb=…`.
                let is_never = || known.never.iter().any(|never| never.as_bytes().eq_ignore_ascii_case(first));
                is && (!is_never() || is_deep(after))
            }
            // Readers of the fediverse put the server's host into the path.
            None if first.contains(&b'.') && !first.starts_with(b"@") => {
                let inner = path.get(first.len()..).unwrap_or_default();
                separator(inner).and_then(|len| inner.get(len..)).is_some_and(|path| has_shape(part(path), path))
            }
            None => has_shape(first, path),
        }
    }
}

/// Whether a path on any host has the shape of a post's: `@name/1…`, or a word with an id after it.
fn has_shape(first: &[u8], path: &[u8]) -> bool {
    let named = first.starts_with(b"@") || first.starts_with(b"%40");
    let is_shape = || SHAPES.iter().any(|shape| shape.eq_ignore_ascii_case(first));
    if !named && (first.len() > MAX_SHAPE_BYTES || !is_shape()) {
        return false;
    }
    let number = matches!(first, b"post" | b"comment" | b"notice" | b"~");
    let mut rest = path.get(first.len()..).unwrap_or_default();
    for _ in 0..MAX_PARTS {
        let Some(gap) = separator(rest) else { return false };
        rest = rest.get(gap..).unwrap_or_default();
        let part = part(rest);
        let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
        if (part.len() >= MIN_ID_BYTES && digits > 0) || (number && (digits > 0 || first == b"~")) {
            return true;
        }
        rest = rest.get(part.len()..).unwrap_or_default();
    }
    false
}

/// Whether a path has two more parts.
fn is_deep(after: &[u8]) -> bool {
    let Some(gap) = separator(after) else { return false };
    let rest = after.get(gap..).unwrap_or_default();
    matches!(goes_on(rest.get(part(rest).len()..).unwrap_or_default()), Next::Part)
}

/// Is of a host.
const OF_HOST: u8 = 1;
/// Ends a part of a path.
const ENDS_PART: u8 = 1 << 1;

/// What each byte is in an address.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let own = byte as u8;
        if own.is_ascii_alphanumeric() || matches!(own, b'.' | b'-' | b'_') || !own.is_ascii() {
            kinds[byte] |= OF_HOST;
        }
        if matches!(own, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b' ' | b'\n' | b'\r' | b'\t' | b'\\' | b'&')
            || matches!(own, b')' | b']' | b'%')
        {
            kinds[byte] |= ENDS_PART;
        }
        byte += 1;
    }
    kinds
};

#[inline]
fn is(byte: u8, kinds: u8) -> bool {
    KINDS[usize::from(byte)] & kinds != 0
}

/// The length of the host that begins here; letters beyond ASCII may be percent-encoded.
fn host_len(address: &[u8]) -> usize {
    let mut len = 0;
    while let Some(byte) = address.get(len).filter(|_| len < MAX_HOST_BYTES) {
        let is_encoded = || *byte == b'%' && is_high(address.get(len + 1..).unwrap_or_default());
        if !is(*byte, OF_HOST) && !is_encoded() {
            break;
        }
        len += 1;
    }
    len
}

/// Whether what follows a percent sign stands for a byte beyond ASCII.
fn is_high(escape: &[u8]) -> bool {
    let escape = escape.strip_prefix(b"25").unwrap_or(escape);
    escape.first().is_some_and(|digit| matches!(digit, b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F'))
}

/// The name that is registered: `youtube` of `www.youtube.com`, `pinterest` of `www.pinterest.co.uk`.
fn main_label(host: &[u8]) -> &[u8] {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let mut labels = host.rsplit(|byte| *byte == b'.').skip(1);
    let second = labels.next().unwrap_or_default();
    if second.len() <= 3 && SECOND_LEVEL.iter().any(|known| known.eq_ignore_ascii_case(second)) {
        return labels.next().unwrap_or(second);
    }
    second
}

/// A host's port, left out.
fn port(rest: &[u8]) -> &[u8] {
    let Some(after) = rest.strip_prefix(b":") else { return rest };
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    after.get(digits..).unwrap_or_default()
}

/// The length of the slash that stands here, however it is escaped.
fn separator(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'/' => Some(1),
        b'\\' => {
            let run = bytes.iter().take_while(|byte| **byte == b'\\').count();
            match bytes.get(run..)? {
                [b'/', ..] => Some(run + 1),
                [b'u' | b'U', b'0', b'0', b'2', b'f' | b'F', ..] => Some(run + 5),
                _ => None,
            }
        }
        b'%' => {
            let mut at = 1;
            while bytes.get(at..at + 2) == Some(b"25") {
                at += 2;
            }
            bytes.get(at..at + 2).filter(|hex| hex.eq_ignore_ascii_case(b"2f")).map(|_| at + 2)
        }
        b'&' => {
            let end = bytes.iter().take(12).position(|byte| *byte == b';')?;
            let name = bytes.get(1..end)?;
            let name = name.strip_prefix(b"amp").unwrap_or(name);
            let is = [b"sol".as_slice(), b"#47", b"#047", b"#x2f", b"#x02f"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            is.then_some(end + 1)
        }
        _ => None,
    }
}

/// The bytes before the next separator, query, or end of an address.
fn part(path: &[u8]) -> &[u8] {
    let mut len = 0;
    loop {
        let rest = path.get(len..).unwrap_or_default();
        len += rest.iter().position(|byte| is(*byte, ENDS_PART)).unwrap_or(rest.len());
        let goes_on = match path.get(len) {
            // The hash of `#!` is the path's.
            Some(b'#') => len == 0 && path.get(1) == Some(&b'!'),
            Some(b'%') => path.get(len..len + 3).is_some_and(|escape| matches!(escape, b"%40" | b"%3A" | b"%3a")),
            _ => false,
        };
        if !goes_on {
            break;
        }
        len += 1;
    }
    path.get(..len).unwrap_or_default()
}

/// What follows a part of a path.
enum Next {
    Part,
    Query,
    Nothing,
}

fn goes_on(after: &[u8]) -> Next {
    let begins = |byte: Option<&u8>| {
        byte.is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || b"_-@%!/?#\\&.~+:`$*(".contains(byte) || !byte.is_ascii()
        })
    };
    if let Some(len) = separator(after) {
        return if begins(after.get(len)) { Next::Part } else { Next::Nothing };
    }
    match after.first() {
        Some(b'?' | b'#') if begins(after.get(1)) => Next::Query,
        Some(b'%' | b'\\' | b'&') => Next::Query,
        _ => Next::Nothing,
    }
}
