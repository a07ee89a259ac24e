//! Compares a record's block with the digest that its header declares.

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A digest being computed, beside the one that is declared.
pub(super) struct Check {
    declared: Vec<u8>,
    running: Running,
}

enum Running {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Check {
    /// From a value such as `sha1:3I42H3S6…` (base 32) or `sha256:e3b0c442…` (base 16). None where the algorithm or the
    /// notation is not known; then nothing can be said.
    pub(super) fn new(value: &str) -> Option<Self> {
        let (algorithm, digits) = value.split_once(':')?;
        let (running, size) = match algorithm.to_ascii_lowercase().as_str() {
            "sha1" | "sha-1" => (Running::Sha1(Sha1::new()), 20),
            "sha256" | "sha-256" => (Running::Sha256(Sha256::new()), 32),
            _ => return None,
        };
        let digits = digits.trim_end_matches('=');
        let declared = if digits.len() == size * 2 { bytes(digits, 4) } else { bytes(digits, 5) }?;
        (declared.len() == size).then_some(Self { declared, running })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.running {
            Running::Sha1(digest) => digest.update(bytes),
            Running::Sha256(digest) => digest.update(bytes),
        }
    }

    /// Whether all that was read is what was declared.
    pub(super) fn holds(self) -> bool {
        match self.running {
            Running::Sha1(digest) => *digest.finalize() == *self.declared,
            Running::Sha256(digest) => *digest.finalize() == *self.declared,
        }
    }
}

/// A declared SHA-256 in lower-case hex; none where it is another digest, or in no known notation.
pub(super) fn declared_sha256(value: &str) -> Option<String> {
    let Check { declared, running: Running::Sha256(_) } = Check::new(value)? else { return None };
    Some(declared.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Base 16 (4 bits a digit) or base 32 (5 bits), RFC 4648, in either case.
fn bytes(digits: &str, bits: u32) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len());
    let (mut buffer, mut held) = (0_u32, 0);
    for digit in digits.bytes().map(|digit| digit.to_ascii_lowercase()) {
        let value = match (bits, digit) {
            (4, b'0'..=b'9') => digit - b'0',
            (4, b'a'..=b'f') => digit - b'a' + 10,
            (5, b'a'..=b'z') => digit - b'a',
            (5, b'2'..=b'7') => digit - b'2' + 26,
            _ => return None,
        };
        buffer = (buffer << bits | u32::from(value)) & 0xffff;
        held += bits;
        if held >= 8 {
            held -= 8;
            out.push((buffer >> held & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_holds_in_each_notation_and_for_its_bytes_only() {
        for declared in [
            "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
            "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
            "SHA256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "sha256:FTZE3OS7WCRQ4JXIHMVMLOPCTYNRMHS4D6TUEXTTAQZWFE4LTASA====",
        ] {
            for (word, same) in [("hello", true), ("hallo", false)] {
                let mut check = Check::new(declared).unwrap();
                check.update(word.as_bytes());
                assert_eq!(check.holds(), same, "{declared} of {word}");
            }
        }
        assert!(Check::new("md5:5d41402abc4b2a76b9719d911017c592").is_none());
        assert!(Check::new("sha1:short").is_none());
    }
}
