//! Whether a WACZ is as it was packed, and who says so: the digests of its files in `datapackage.json`, the digest of that in
//! `datapackage-digest.json`, and the signature there. <https://specs.webrecorder.net/wacz-auth/0.1.0/>
//!
//! Nothing is believed because a signature holds, and nothing is left unread because one does not: who alters a file can as
//! well take its signature away. What is wrong is said.

mod certificate;
mod signature;
mod stamp;

use super::{MAX_RATIO, SMALL_BYTES, content, directory::Entry};
use crate::warc::{Part, digest::Check};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use signature::SignedData;
use std::{
    collections::BTreeMap,
    io::{self, Read},
};

/// The list of files, in bytes; some hundred a file.
const MAX_PACKAGE_BYTES: u64 = 16 * 1024 * 1024;

/// What holds its digest and the signature with its certificates, in bytes.
const MAX_SIGNATURE_BYTES: u64 = 1024 * 1024;

/// Flaws that are told one by one.
const MAX_TOLD: usize = 20;

/// Read at a time to be hashed, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

const PACKAGE: &str = "datapackage.json";
const DIGEST: &str = "datapackage-digest.json";

/// What a check gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seal {
    /// What is not as it was packed or signed, in words.
    pub flaws: Vec<String>,
    /// What holds, in words.
    pub held: String,
}

/// `datapackage.json`.
#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    resources: Vec<Resource>,
    created: Option<String>,
}

/// One file in it, as it is written today and as it was at first.
#[derive(Deserialize)]
struct Resource {
    path: String,
    hash: Option<String>,
    hashing: Option<String>,
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Stats {
    hash: Option<String>,
}

/// `datapackage-digest.json`.
#[derive(Deserialize)]
struct PackageDigest {
    hash: String,
    #[serde(rename = "signedData")]
    signed: Option<SignedData>,
}

impl Resource {
    /// With the name of its algorithm.
    fn hash(&self) -> Option<String> {
        let hash = self.hash.as_deref().or_else(|| self.stats.as_ref()?.hash.as_deref())?;
        let algorithm = self.hashing.as_deref().filter(|_| !hash.contains(':'));
        Some(algorithm.map_or_else(|| hash.to_owned(), |algorithm| format!("{algorithm}:{hash}")))
    }
}

/// Checks one WACZ with these files in it.
pub(super) fn check(whole: &Part, entries: &[Entry]) -> Seal {
    let mut seal = Seal::default();
    let package = match read(whole, entries, PACKAGE, MAX_PACKAGE_BYTES) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            "nothing in it says what it should hold (it has no datapackage.json)".clone_into(&mut seal.held);
            return seal;
        }
        Err(error) => return broken(format!("{PACKAGE} can't be read: {error}")),
    };
    let Ok(list) = serde_json::from_slice::<Package>(&package) else {
        return broken(format!("{PACKAGE} is not understood, so that nothing says what the file should hold"));
    };
    let files = files(whole, entries, &list, &mut seal.flaws);
    let are_sound = seal.flaws.is_empty();
    let signed = match signed(whole, entries, &package, &list) {
        Ok(signed) => signed,
        Err(flaw) => {
            seal.flaws.push(flaw);
            None
        }
    };
    if are_sound {
        seal.held = format!("its {files} files are what its list says");
    }
    seal.held = match signed {
        Some(signed) if are_sound => format!("{}; {signed}", seal.held),
        Some(signed) => format!("its list of files is {signed}"),
        None if seal.flaws.is_empty() => format!("{}; nobody has signed it", seal.held),
        None => seal.held,
    };
    let more = seal.flaws.len().saturating_sub(MAX_TOLD);
    if more > 0 {
        seal.flaws.truncate(MAX_TOLD);
        seal.flaws.push(format!("and {more} more files that are not what its list says"));
    }
    seal
}

fn broken(flaw: String) -> Seal {
    Seal { flaws: vec![flaw], held: String::new() }
}

/// The bytes of one file; of two under one name nobody can say which one is meant.
fn read(whole: &Part, entries: &[Entry], name: &str, limit_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let mut named = entries.iter().filter(|entry| entry.name == name);
    let Some(entry) = named.next() else { return Ok(None) };
    if named.next().is_some() {
        return Err(io::Error::other("it stands in the file twice"));
    }
    let mut bytes = Vec::new();
    content(whole, entry)?.take(limit_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(io::Error::other(format!("it is over {limit_bytes} bytes")));
    }
    Ok(Some(bytes))
}

/// Compares every file that is listed or read with the list; how many are as it says.
fn files(whole: &Part, entries: &[Entry], list: &Package, flaws: &mut Vec<String>) -> usize {
    let mut listed: BTreeMap<&str, (Option<String>, bool)> = BTreeMap::new();
    for resource in &list.resources {
        let twice = listed.insert(&resource.path, (resource.hash(), false));
        if twice.is_some_and(|(hash, _)| hash != resource.hash()) {
            flaws.push(format!("{} is listed with two digests", resource.path));
        }
    }
    let len = whole.open().map_or(0, |window| window.len());
    let (mut same, mut read_bytes) = (0, 0_u64);
    for entry in entries.iter().filter(|entry| !entry.name.ends_with('/')) {
        let name = &entry.name;
        let Some((hash, is_there)) = listed.get_mut(name.as_str()) else {
            // Everything is listed but the list and its digest, also what is not read here.
            if name != PACKAGE && name != DIGEST {
                flaws.push(format!("{name} is in it, but not in its list of files"));
            }
            continue;
        };
        *is_there = true;
        // Files that lie over one another would be read again and again.
        read_bytes = read_bytes.saturating_add(entry.packed);
        if read_bytes > len {
            flaws.push("the files in it are larger than itself; no more of them are compared with its list".to_owned());
            return same;
        }
        let Some(check) = hash.as_deref().and_then(Check::new) else {
            flaws.push(format!("{name} can't be compared: its list gives no SHA-256 of it"));
            continue;
        };
        match holds(whole, entry, check) {
            Ok(true) => same += 1,
            Ok(false) => flaws.push(format!("{name} is not what its digest says: it was changed after it was packed")),
            Err(error) => flaws.push(format!("{name} can't be compared with its digest: {error}")),
        }
    }
    let missing = listed.iter().filter(|(_, (_, is_there))| !is_there).map(|(path, _)| *path);
    flaws.extend(missing.map(|path| format!("{path} is in its list of files, but not in it")));
    same
}

/// Whether a file is what its digest says, read piece by piece.
fn holds(whole: &Part, entry: &Entry, mut check: Check) -> io::Result<bool> {
    let mut room = if entry.is_stored() { u64::MAX } else { entry.packed.saturating_mul(MAX_RATIO).max(SMALL_BYTES) };
    let mut content = content(whole, entry)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            return Ok(check.holds());
        }
        room = room.checked_sub(read as u64).ok_or_else(|| io::Error::other("it unpacks to far more than it is"))?;
        check.update(buffer.get(..read).unwrap_or_default());
    }
}

/// Compares the list of files with its digest, and that with its signature; what the signature says, where there is one.
fn signed(whole: &Part, entries: &[Entry], package: &[u8], list: &Package) -> Result<Option<String>, String> {
    let bytes = read(whole, entries, DIGEST, MAX_SIGNATURE_BYTES)
        .map_err(|error| format!("{DIGEST} can't be read: {error}"))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let digest: PackageDigest =
        serde_json::from_slice(&bytes).map_err(|error| format!("{DIGEST} is not understood: {error}"))?;
    let hash: String = Sha256::digest(package).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest.hash != format!("sha256:{hash}") {
        return Err(format!("{PACKAGE} is not what {DIGEST} says: it was changed after it was packed"));
    }
    let Some(signed) = digest.signed else { return Ok(None) };
    if signed.hash != digest.hash {
        return Err("its signature is of another list of files".to_owned());
    }
    if list.created.is_some() && list.created != signed.created {
        return Err("its signature is of another time than its list of files".to_owned());
    }
    signed.check().map(Some).map_err(|why| format!("its signature does not hold: {why}"))
}

#[cfg(test)]
mod tests;
