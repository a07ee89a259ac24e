//! Signs a WACZ file: the anonymous signature of WACZ Signing and Verification 0.1.0
//! (<https://specs.webrecorder.net/wacz-auth/0.1.0/>), as ArchiveWeb.page makes it and ReplayWeb.page checks it: ECDSA over
//! P-384 with SHA-256, r and s one after the other.
//!
//! It says that whoever has the key made the file. Whose key that is must be told elsewhere. The same file and key give the
//! same signature (RFC 6979).

use base64::{Engine, engine::general_purpose::STANDARD};
use p384::{
    ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner},
    elliptic_curve::Generate,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// A longer file is no key, in bytes.
const MAX_KEY_BYTES: u64 = 16 << 10;

/// A key to sign with.
pub struct Signer(SigningKey);

/// What stands in `datapackage-digest.json` beside the digest.
#[derive(Debug, Serialize)]
pub(super) struct Signed {
    hash: String,
    created: String,
    software: String,
    version: &'static str,
    signature: String,
    #[serde(rename = "publicKey")]
    public_key: String,
}

impl Signer {
    /// The key in this file (PKCS#8 in PEM, P-384: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384`). Where
    /// there is no file one is made, for its owner alone to read.
    ///
    /// # Errors
    /// A sentence: the file can't be read or made, or holds no such key.
    pub fn of_file(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Self::make(path).map_err(|why| format!("making the signing key {shown} failed: {why}"));
            }
            Err(error) => return Err(format!("reading the signing key {shown} failed: {error}")),
            Ok(found) if found.len() > MAX_KEY_BYTES => {
                return Err(format!("{shown} is no signing key: it is too long"));
            }
            Ok(_) => {}
        }
        let text =
            fs::read_to_string(path).map_err(|error| format!("reading the signing key {shown} failed: {error}"))?;
        SigningKey::from_pkcs8_pem(&text).map(Self).map_err(|_| {
            format!(
                "{shown} is no signing key: it must be a key for P-384 in PKCS#8 and PEM; name a file that is not there, and one \
                 is made"
            )
        })
    }

    fn make(path: &Path) -> Result<Self, String> {
        let key = SigningKey::try_generate().map_err(|error| error.to_string())?;
        let text = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| error.to_string())?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|error| error.to_string())?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| error.to_string())?;
        Ok(Self(key))
    }

    /// Signs the digest of a `datapackage.json`, made at `created`.
    pub(super) fn sign(&self, hash: &str, created: &str) -> Result<Signed, String> {
        let signature: Signature =
            self.0.sign_prehash(&Sha256::digest(hash)).map_err(|error| format!("signing failed: {error}"))?;
        let public_key =
            self.0.verifying_key().to_public_key_der().map_err(|error| format!("signing failed: {error}"))?;
        Ok(Signed {
            hash: hash.to_owned(),
            created: created.to_owned(),
            software: super::wacz::SOFTWARE.to_owned(),
            version: "0.1.0",
            signature: STANDARD.encode(signature.to_bytes()),
            public_key: STANDARD.encode(public_key.as_bytes()),
        })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Signer")
    }
}
