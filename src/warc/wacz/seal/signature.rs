//! The signature of a WACZ: by a key that nobody vouches for, or by the key of a domain's certificate with a time stamp.

use super::{certificate, stamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use cms::cert::x509::{Certificate, spki::SubjectPublicKeyInfoOwned};
use der::Decode;
use jiff::{SignedDuration, Timestamp};
use p384::ecdsa::Signature;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// For how long after it was made the certificate of a domain may sign; signers have a new one made (authsign, `CERT_DURATION`).
const MAX_AGE_OF_CERTIFICATE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How much later than the signature its time stamp may be (authsign, `STAMP_DURATION`).
const MAX_STAMP_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// r and s one after the other, as browsers sign with P-384, in bytes.
const FIXED_BYTES: usize = 96;

/// Fingerprints (SHA-256) of the roots that certificates of domains lead to, as authsign 0.5 has them: Let's Encrypt's ISRG Root X1
/// and X2, DST Root CA X3's copy, and X1 signed by that.
const DOMAIN_ROOTS: [&str; 4] = [
    "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6",
    "69729b8e15a86efc177a57afb7171dfc64add28c2fca8cf1507e34453ccb1470",
    "6d99fb265eb1c5b3744765fcbc648f3cd8e1bffafdc4c2f99b9d47cf7ff1c24f",
    "ee5f7abd6981bb0255632cd8f49283451b4b18844d12040b44ee00f07b8fe2c6",
];

/// The same of authorities of time stamps: freeTSA, DigiCert Trusted Root G4.
const STAMP_ROOTS: [&str; 2] = [
    "a6379e7cecc05faa3cbf076013d745e327bbbaa38c0b9af22469d4701d18aabc",
    "33846b545a49c9be4903c60e01713c1bd4e4ef31ea65cd95d69e62794f30b941",
];

/// `signedData` in `datapackage-digest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignedData {
    pub(super) hash: String,
    pub(super) created: Option<String>,
    signature: String,
    public_key: Option<String>,
    domain: Option<String>,
    domain_cert: Option<String>,
    time_signature: Option<String>,
    timestamp_cert: Option<String>,
    cross_signed_cert: Option<String>,
}

impl SignedData {
    /// Who signed, in words.
    ///
    /// # Errors
    /// Why it does not hold, in words.
    pub(super) fn check(&self) -> Result<String, String> {
        let signature = STANDARD.decode(&self.signature).map_err(|_| "it is not in base64")?;
        let signature = if signature.len() == FIXED_BYTES {
            Signature::from_slice(&signature).map_err(|_| "it is none")?.to_der().as_bytes().to_vec()
        } else {
            signature
        };
        match (&self.domain_cert, &self.public_key) {
            (Some(chain), _) => self.by_domain(chain, &signature),
            (None, Some(key)) => self.by_key(key, &signature),
            (None, None) => Err("it names neither a key nor a certificate".to_owned()),
        }
    }

    fn by_key(&self, key: &str, signature: &[u8]) -> Result<String, String> {
        let der = STANDARD.decode(key).map_err(|_| "its key is not in base64")?;
        let info = SubjectPublicKeyInfoOwned::from_der(&der).map_err(|error| format!("its key is none: {error}"))?;
        self.is_of(&info, signature)?;
        let fingerprint: String = Sha256::digest(&der).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(format!("signed by a key that nobody vouches for (its SHA-256 begins with {fingerprint})"))
    }

    fn by_domain(&self, chain: &str, signature: &[u8]) -> Result<String, String> {
        let domain = self.domain.as_deref().ok_or("it names no domain")?;
        let created = self.created.as_deref().and_then(|at| at.parse::<Timestamp>().ok()).ok_or("it has no date")?;
        let chain = certificate::chain(chain, created).map_err(|why| format!("the certificate of {domain}: {why}"))?;
        let leaf = certificate::leaf(&chain)?;
        self.is_of(&leaf.tbs_certificate.subject_public_key_info, signature)?;
        if !certificate::is_of_domain(leaf, domain) {
            return Err(format!("its certificate is not one of {domain}"));
        }
        if certificate::begins(leaf) + MAX_AGE_OF_CERTIFICATE < created {
            return Err(format!("its certificate was older than {} days", MAX_AGE_OF_CERTIFICATE.as_hours() / 24));
        }
        if let Some(crossed) = &self.cross_signed_cert {
            let crossed = certificate::chain(crossed, created)?;
            self.is_of(&certificate::leaf(&crossed)?.tbs_certificate.subject_public_key_info, signature)?;
        }
        let at = self.stamped(created)?;
        known(&chain, &DOMAIN_ROOTS).map_err(|root| format!("{root} vouches for {domain}, and is not known here"))?;
        Ok(format!("signed by {domain}, stamped {at}"))
    }

    /// When an authority saw the signature.
    fn stamped(&self, created: Timestamp) -> Result<Timestamp, String> {
        let (Some(token), Some(chain)) = (&self.time_signature, &self.timestamp_cert) else {
            return Err("it has no time stamp".to_owned());
        };
        let token = STANDARD.decode(token).map_err(|_| "its time stamp is not in base64")?;
        let stamp = stamp::of(&token, self.signature.as_bytes()).map_err(|why| format!("its time stamp: {why}"))?;
        let chain =
            certificate::chain(chain, stamp.at).map_err(|why| format!("the certificate of its time stamp: {why}"))?;
        stamp.is_by(certificate::leaf(&chain)?).map_err(|why| format!("its time stamp: {why}"))?;
        if created > stamp.at || created + MAX_STAMP_DELAY < stamp.at {
            return Err(format!("it says that it was made {created}, and was stamped {}", stamp.at));
        }
        known(&chain, &STAMP_ROOTS)
            .map_err(|root| format!("{root} vouches for its time stamp, and is not known here"))?;
        Ok(stamp.at)
    }

    fn is_of(&self, key: &SubjectPublicKeyInfoOwned, signature: &[u8]) -> Result<(), String> {
        let holds = certificate::verify(key, certificate::Hash::Sha256, self.hash.as_bytes(), signature);
        holds.map_err(|why| format!("of its list of files: {why}"))
    }
}

/// Whether a chain leads to one of these roots; else the name of where it leads.
fn known(chain: &[Certificate], roots: &[&str]) -> Result<(), String> {
    let Some(root) = chain.last() else { return Err("nobody".to_owned()) };
    let is_known = certificate::fingerprint(root).is_some_and(|print| roots.contains(&print.as_str()));
    if is_known { Ok(()) } else { Err(format!("{:?}", root.tbs_certificate.subject.to_string())) }
}
