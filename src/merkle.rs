//! Merkle trees as RFC 6962 has them, over SHA-256, in one pass and little memory: the root of millions of leaves, and the way
//! from one of them to it. Whether such a way is right is judged by another implementation, `ct_merkle`'s.

use ct_merkle::{InclusionProof, RootHash};
use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// What goes before a leaf, and before two nodes, when they are hashed (RFC 6962, section 2.1).
const LEAF: u8 = 0;
const NODE: u8 = 1;

/// More leaves than any archive has; a larger number in a proof is a lie.
const MAX_LEAVES: u64 = 1 << 40;

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// The bytes of a SHA-256 in hex; none where it is none.
#[must_use]
pub fn from_hex(text: &str) -> Option<Hash> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect();
    (digits.len() == 64).then(|| bytes.try_into().ok()).flatten()
}

/// Bytes in lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A whole subtree on the way to the root.
#[derive(Clone, Copy)]
struct Node {
    /// How many leaves it has; a power of two.
    leaves: u64,
    hash: Hash,
    /// It has the leaf whose way is wanted.
    holds: bool,
}

/// A tree whose leaves come one after the other.
#[derive(Clone, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    leaves: u64,
    wanted: Option<u64>,
    path: Vec<Hash>,
}

impl Tree {
    /// A tree that notes the way from one of its leaves, by its place from 0, to the root.
    #[must_use]
    pub fn with_path_of(index: u64) -> Self {
        Self { wanted: Some(index), ..Self::default() }
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut hash = Sha256::new();
        hash.update([LEAF]);
        hash.update(leaf);
        let mut node = Node { leaves: 1, hash: hash.finalize().into(), holds: self.wanted == Some(self.leaves) };
        self.leaves += 1;
        while let Some(left) = self.nodes.pop_if(|left| left.leaves == node.leaves) {
            node = self.join(left, node);
        }
        self.nodes.push(node);
    }

    /// How many leaves there are.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root, and the way of the leaf that was asked for: hashes beside it, from the leaf upwards. Without a leaf the root
    /// is the SHA-256 of nothing.
    #[must_use]
    pub fn finish(mut self) -> (Hash, Vec<Hash>) {
        let Some(mut node) = self.nodes.pop() else { return (sha256(b""), Vec::new()) };
        while let Some(left) = self.nodes.pop() {
            node = self.join(left, node);
        }
        (node.hash, self.path)
    }

    fn join(&mut self, left: Node, right: Node) -> Node {
        if left.holds {
            self.path.push(right.hash);
        } else if right.holds {
            self.path.push(left.hash);
        }
        let mut hash = Sha256::new();
        hash.update([NODE]);
        hash.update(left.hash);
        hash.update(right.hash);
        Node { leaves: left.leaves + right.leaves, hash: hash.finalize().into(), holds: left.holds || right.holds }
    }
}

/// How many hashes the way from a leaf to the root has (RFC 6962, section 2.1.1).
#[must_use]
pub fn steps(index: u64, leaves: u64) -> usize {
    let (mut place, mut last, mut steps) = (index, leaves.saturating_sub(1), 0);
    while last > 0 {
        // The last of an odd row has nobody beside it, and goes up alone.
        steps += usize::from(place != last || place % 2 == 1);
        (place, last) = (place / 2, last / 2);
    }
    steps
}

/// Whether the leaf at a place stands in the tree of that root and size.
#[must_use]
pub fn is_included(leaf: &[u8], index: u64, leaves: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= leaves || leaves > MAX_LEAVES {
        return false;
    }
    let Ok(proof) = InclusionProof::<Sha256>::try_from_bytes(path.concat()) else { return false };
    RootHash::<Sha256>::new((*root).into(), leaves).verify_inclusion(&leaf, index, &proof).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    #[test]
    fn roots_and_ways_are_those_of_another_implementation() {
        for size in 0..70_u64 {
            let leaves: Vec<Vec<u8>> = (0..size).map(|n| n.to_be_bytes().to_vec()).collect();
            let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
            leaves.iter().for_each(|leaf| other.push(leaf.clone()));
            for index in 0..size.max(1) {
                let mut tree = Tree::with_path_of(index);
                leaves.iter().for_each(|leaf| tree.push(leaf));
                let (root, path) = tree.finish();
                assert_eq!(root.as_slice(), other.root().as_bytes().as_slice(), "{size}");
                let Some(leaf) = usize::try_from(index).ok().and_then(|n| leaves.get(n)) else { continue };
                assert_eq!(path.concat(), other.prove_inclusion(usize::try_from(index).unwrap()).as_bytes());
                assert_eq!(path.len(), steps(index, size));
                assert!(is_included(leaf, index, size, &path, &root));
                assert!(!is_included(b"another", index, size, &path, &root));
                assert!(size == 1 || !is_included(leaf, (index + 1) % size, size, &path, &root));
            }
        }
    }

    #[test]
    fn hex_is_read_as_it_was_written() {
        assert_eq!(from_hex(&hex(&sha256(b"x"))), Some(sha256(b"x")));
        assert_eq!(from_hex("00"), None);
        assert_eq!(from_hex(&"é".repeat(64)), None);
    }
}
