//! Certificates (RFC 5280) one above another, each signed with the key of the next.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cms::cert::x509::{
    Certificate,
    attr::AttributeTypeAndValue,
    ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName, name::GeneralName},
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
    time::Time,
};
use der::{
    Decode, Encode,
    asn1::{ObjectIdentifier, Utf8StringRef},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The longest chain: the web's have three or four.
const MAX_CERTIFICATES: usize = 8;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// What is signed of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// By the name of a digest, or of a signature that takes it.
    pub(super) fn of(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        match algorithm.oid {
            SHA_256 | RSA_SHA_256 | ECDSA_SHA_256 => Some(Self::Sha256),
            SHA_384 | RSA_SHA_384 | ECDSA_SHA_384 => Some(Self::Sha384),
            SHA_512 | RSA_SHA_512 | ECDSA_SHA_512 => Some(Self::Sha512),
            _ => None,
        }
    }
}

/// Whether a message was signed with this key.
pub(super) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    hash: Hash,
    message: &[u8],
    signature: &[u8],
) -> Result<(), &'static str> {
    let curve =
        key.algorithm.parameters.as_ref().and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let algorithm: &'static dyn VerificationAlgorithm = match (key.algorithm.oid, curve, hash) {
        (RSA, _, Hash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
        (RSA, _, Hash::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
        (RSA, _, Hash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
        (ECDSA, Some(P_256), Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (ECDSA, Some(P_256), Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (ECDSA, Some(P_256), Hash::Sha512) => &ECDSA_P256_SHA512_ASN1,
        (ECDSA, Some(P_384), Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (ECDSA, Some(P_384), Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
        (ECDSA, Some(P_384), Hash::Sha512) => &ECDSA_P384_SHA512_ASN1,
        _ => return Err("it is of a kind that is not known here"),
    };
    let key = UnparsedPublicKey::new(algorithm, key.subject_public_key.raw_bytes());
    key.verify(message, signature).map_err(|_| "it is not by that key")
}

/// Certificates in PEM, the signer's first, each signed with the key of the next, and valid at that time.
pub(super) fn chain(pem: &str, at: Timestamp) -> Result<Vec<Certificate>, String> {
    let blocks = pem.split(BEGIN).skip(1).filter_map(|block| block.split(END).next());
    let decoded = blocks.take(MAX_CERTIFICATES + 1).map(|block| {
        let digits: String = block.split_ascii_whitespace().collect();
        let der = STANDARD.decode(digits).map_err(|_| "it is not in base64".to_owned())?;
        Certificate::from_der(&der).map_err(|error| format!("it is none: {error}"))
    });
    let chain = decoded.collect::<Result<Vec<_>, _>>()?;
    if chain.is_empty() || chain.len() > MAX_CERTIFICATES {
        return Err(format!("there are {} of them", if chain.is_empty() { "none" } else { "too many" }));
    }
    for certificate in &chain {
        let validity = certificate.tbs_certificate.validity;
        if at < time(validity.not_before) || at > time(validity.not_after) {
            return Err(format!("{} was not valid then", certificate.tbs_certificate.subject));
        }
    }
    for (lower, upper) in chain.iter().zip(chain.iter().skip(1)) {
        is_signed_by(lower, upper).map_err(|why| {
            format!("{} over {}: {why}", upper.tbs_certificate.subject, lower.tbs_certificate.subject)
        })?;
    }
    Ok(chain)
}

fn is_signed_by(lower: &Certificate, upper: &Certificate) -> Result<(), String> {
    if lower.tbs_certificate.issuer != upper.tbs_certificate.subject {
        return Err("another one issued it".to_owned());
    }
    // Else anybody with a certificate could issue others.
    let constraints = upper.tbs_certificate.get::<BasicConstraints>().ok().flatten();
    if !constraints.is_some_and(|(_, constraints)| constraints.ca) {
        return Err("it may not issue any".to_owned());
    }
    let hash = Hash::of(&lower.signature_algorithm).ok_or("it is signed in a way that is not known here")?;
    let signed = lower.tbs_certificate.to_der().map_err(|error| error.to_string())?;
    let signature = lower.signature.as_bytes().ok_or("it has no signature")?;
    verify(&upper.tbs_certificate.subject_public_key_info, hash, &signed, signature).map_err(str::to_owned)
}

/// The signer's own.
pub(super) fn leaf(chain: &[Certificate]) -> Result<&Certificate, String> {
    chain.first().ok_or_else(|| "there is no certificate".to_owned())
}

/// SHA-256 in hex.
pub(super) fn fingerprint(certificate: &Certificate) -> Option<String> {
    let digest = Sha256::digest(certificate.to_der().ok()?);
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// From when on it is valid.
pub(super) fn begins(certificate: &Certificate) -> Timestamp {
    time(certificate.tbs_certificate.validity.not_before)
}

fn time(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// Whether a certificate names this domain.
pub(super) fn is_of_domain(certificate: &Certificate, domain: &str) -> bool {
    let names = certificate.tbs_certificate.get::<SubjectAltName>().ok().flatten();
    let alternatives = names.iter().flat_map(|(_, names)| &names.0);
    let mut alternatives =
        alternatives.filter_map(|name| if let GeneralName::DnsName(name) = name { Some(name) } else { None });
    let in_subject = |part: &AttributeTypeAndValue| {
        part.oid == COMMON_NAME && part.value.decode_as::<Utf8StringRef<'_>>().is_ok_and(|name| name.as_str() == domain)
    };
    alternatives.any(|name| name.as_str().eq_ignore_ascii_case(domain))
        || certificate.tbs_certificate.subject.0.iter().flat_map(|parts| parts.0.iter()).any(in_subject)
}

/// Whether a certificate is one of an authority of time stamps (RFC 3161, 2.3).
pub(super) fn may_stamp(certificate: &Certificate) -> bool {
    let usage = certificate.tbs_certificate.get::<ExtendedKeyUsage>().ok().flatten();
    usage.is_some_and(|(_, usage)| usage.0.contains(&TIME_STAMPING))
}
