//! A proof that something was in an archive at a run: a small file that anyone can check without the archive, and that tells
//! nothing of anything else in it.

use crate::{
    merkle::{self, Hash},
    stamp::{self, Authorities},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// The version of the form.
pub const FORM: u64 = 1;

/// The proof, as its file has it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The version of this form.
    pub embalm_proof: u64,
    /// What was asked to be proven, as the user named it; a label, and no part of what is proven.
    pub target: String,
    /// What is proven.
    pub entries: Vec<Proven>,
    /// The records of the runs, oldest first: from those that entered it to one that everybody may know. Each is the text whose
    /// SHA-256 is the run's digest.
    pub runs: Vec<String>,
    /// Time stamps of these runs.
    pub stamps: Vec<ProofStamp>,
}

/// One entry of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proven {
    /// What was entered, as the text whose SHA-256 is the entry.
    pub content: String,
    /// The digest of the run that entered it.
    pub run: String,
    /// Its place in the run's tree, from 0.
    pub position: u64,
    /// What hides it from those who have another proof of the same run: 64 hex digits.
    pub salt: String,
    /// The hashes beside its way to the root, from the leaf upwards.
    pub path: Vec<String>,
}

/// A time stamp of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofStamp {
    /// The digest of the run.
    pub run: String,
    /// When, as the authority says.
    pub stamped_at: String,
    /// The authority's address.
    pub authority: String,
    /// Its token in DER, as base64.
    pub token: String,
}

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// `exchange`, `version`, `snapshot`, ...
    pub kind: String,
    /// What it is about: an address, a post's key, an article's name.
    pub subject: String,
    /// When that was, as the archive says.
    pub at: Option<String>,
    /// The digest of the run that entered it.
    pub run: String,
    /// When that run began, as its record says.
    pub run_started_at: String,
    /// Whether it was entered when an older archive was upgraded: then nobody witnessed its capture.
    pub at_an_upgrade: bool,
}

/// A run's record, as far as a proof needs it.
struct Record {
    command: String,
    started_at: String,
    root: Option<Hash>,
    entries: u64,
    parents: Vec<String>,
}

impl Record {
    fn of(text: &str) -> Option<Self> {
        let record: Value = serde_json::from_str(text).ok()?;
        let word = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        let parents = record.get("parents")?.as_array()?;
        (word("kind")? == "run").then(|| Self {
            command: word("command").unwrap_or_default(),
            started_at: word("started_at").unwrap_or_default(),
            root: word("root").as_deref().and_then(merkle::from_hex),
            entries: record.get("entries").and_then(Value::as_u64).unwrap_or(0),
            parents: parents.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }
}

impl Proof {
    /// The digests of its runs, oldest first.
    #[must_use]
    pub fn digests(&self) -> Vec<String> {
        self.runs.iter().map(|record| merkle::hex(&merkle::sha256(record.as_bytes()))).collect()
    }

    /// The roots of its runs, oldest first.
    #[must_use]
    pub fn roots(&self) -> Vec<String> {
        self.runs.iter().filter_map(|record| Record::of(record)?.root).map(|root| merkle::hex(&root)).collect()
    }

    /// Checks everything that can be checked without the archive: contents, ways, roots, records, and the chain.
    ///
    /// # Errors
    /// What is wrong, in words for a person.
    pub fn check(&self) -> Result<Vec<Statement>, String> {
        if self.embalm_proof != FORM {
            return Err(format!("it is of form {}, and this version knows {FORM}", self.embalm_proof));
        }
        let digests = self.digests();
        let mut records = HashMap::new();
        for (digest, text) in digests.iter().zip(&self.runs) {
            let record = Record::of(text).ok_or("one of its runs is no record of a run")?;
            records.insert(digest.as_str(), record);
        }
        let parents: std::collections::HashSet<&str> =
            records.values().flat_map(|record| record.parents.iter().map(String::as_str)).collect();
        let before_the_last = digests.get(..digests.len().saturating_sub(1)).unwrap_or_default();
        if let Some(loose) = before_the_last.iter().find(|digest| !parents.contains(digest.as_str())) {
            return Err(format!("no later run of it came after the run {loose}"));
        }
        for stamp in &self.stamps {
            let (run, token) = (&stamp.run, stamp::token(&stamp.token()?)?);
            if merkle::hex(&token.imprint) != *run || !digests.contains(run) {
                return Err(format!("a stamp is not one of the run {run}"));
            }
            if !stamp.stamped_at.parse().is_ok_and(|stated| token.is_of(stated)) {
                return Err(format!("the stamp of the run {run} is of another time than it says, {}", token.at));
            }
        }
        if self.entries.is_empty() {
            return self.runs_alone(&digests, &records);
        }
        self.entries.iter().map(|entry| entry.check(&records)).collect()
    }
}

impl Proof {
    /// A proof without entries is of its first run: that the last one came after it, and has all that it has.
    fn runs_alone(&self, digests: &[String], records: &HashMap<&str, Record>) -> Result<Vec<Statement>, String> {
        let first = digests.first().and_then(|digest| Some((digest, records.get(digest.as_str())?)));
        let (run, record) = first.ok_or("it proves nothing")?;
        Ok(vec![Statement {
            kind: "run".to_owned(),
            subject: run.clone(),
            at: None,
            run: run.clone(),
            run_started_at: record.started_at.clone(),
            at_an_upgrade: record.command == "upgrade",
        }])
    }
}

impl ProofStamp {
    fn token(&self) -> Result<Vec<u8>, String> {
        STANDARD.decode(&self.token).map_err(|_| "a stamp is no base64".to_owned())
    }

    /// Checks its signature.
    ///
    /// # Errors
    /// It is not one of these authorities', and why, in words for a person.
    pub fn verify(&self, authorities: &Authorities) -> Result<(), String> {
        stamp::verify(&self.token()?, authorities).map_err(|why| format!("the stamp of the run {}: {why}", self.run))
    }
}

impl Proven {
    fn check(&self, records: &HashMap<&str, Record>) -> Result<Statement, String> {
        let Self { content, run, position, salt, path } = self;
        let record = records.get(run.as_str()).ok_or_else(|| format!("the record of the run {run} is not in it"))?;
        let root = record.root.ok_or_else(|| format!("the run {run} has no root"))?;
        let salt = merkle::from_hex(salt).ok_or("a salt is none")?;
        let path: Vec<Hash> =
            path.iter().map(|hash| merkle::from_hex(hash)).collect::<Option<_>>().ok_or("a hash of a way is none")?;
        if *position >= record.entries {
            return Err(format!("the run {run} has {} entries, and none at {position}", record.entries));
        }
        let (found, needed) = (path.len(), merkle::steps(*position, record.entries));
        if found != needed {
            return Err(format!(
                "the way from {position} to the root of the run {run} has {found} hashes, not {needed}"
            ));
        }
        let leaf = [salt, merkle::sha256(content.as_bytes())].concat();
        if !merkle::is_included(&leaf, *position, record.entries, &path, &root) {
            return Err(format!("its content at {position} is not in the tree of the run {run}"));
        }
        let content: Value = serde_json::from_str(content).map_err(|_| "a content is no JSON")?;
        let word = |names: &[&str]| names.iter().find_map(|name| content.get(name)?.as_str().map(str::to_owned));
        Ok(Statement {
            kind: word(&["kind"]).unwrap_or_default(),
            subject: word(&["url", "post", "article"]).unwrap_or_default(),
            at: word(&["started_at", "captured_at", "looked_at", "asked_at"]),
            run: run.clone(),
            run_started_at: record.started_at.clone(),
            at_an_upgrade: record.command == "upgrade",
        })
    }
}
