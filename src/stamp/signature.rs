//! Whether a token's signature is one of an authority that a user trusts: the signed message (RFC 5652, section 5) around it,
//! the attributes that RFC 3161 and RFC 5816 ask for, and the signer's certificate.

use super::{Authorities, info::Info};
use cms::{
    cert::{
        CertificateChoices,
        x509::{Certificate, attr::Attributes, ext::pkix::SubjectKeyIdentifier, spki::AlgorithmIdentifierOwned},
    },
    content_info::{CmsVersion, ContentInfo},
    signed_data::{SignedData, SignerIdentifier, SignerInfo},
};
use der::{
    Any, Decode, Encode, Sequence, Tag, Tagged,
    asn1::{Null, ObjectIdentifier, OctetString},
};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use sha2::{Digest, Sha256, Sha384, Sha512};
use webpki::{EndEntityCert, Error, aws_lc_rs};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// The content of a token (RFC 3161, section 2.4.2).
const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");

/// What a token is: a signed message (RFC 5652, section 5.1).
const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");

/// Signed attributes (RFC 5652, section 11; RFC 5035).
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");

/// The signature is the key's own, over the digest that the signer names.
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");

/// A way of hashing that signatures are made over; what is older is too weak to prove anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hashing {
    Sha256,
    Sha384,
    Sha512,
}

/// Each with its own name, and its names together with RSA and with ECDSA.
const HASHINGS: [(Hashing, ObjectIdentifier, ObjectIdentifier, ObjectIdentifier); 3] = [
    (Hashing::Sha256, oid("2.16.840.1.101.3.4.2.1"), oid("1.2.840.113549.1.1.11"), oid("1.2.840.10045.4.3.2")),
    (Hashing::Sha384, oid("2.16.840.1.101.3.4.2.2"), oid("1.2.840.113549.1.1.12"), oid("1.2.840.10045.4.3.3")),
    (Hashing::Sha512, oid("2.16.840.1.101.3.4.2.3"), oid("1.2.840.113549.1.1.13"), oid("1.2.840.10045.4.3.4")),
];

impl Hashing {
    fn of(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        HASHINGS.into_iter().find(|known| known.1 == algorithm.oid && is_bare(algorithm)).map(|known| known.0)
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// Whether an algorithm has no parameters, as these have none.
fn is_bare(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.parameters.as_ref().is_none_or(|parameters| *parameters == Any::from(Null))
}

/// `ESSCertID` (RFC 2634, section 5.4.1), as far as it is looked at: the rest, the issuer and the number, is what the hash
/// is of anyway.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct CertificateId {
    hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

/// `ESSCertIDv2` (RFC 5035, section 4): with SHA-256 where it names no other way of hashing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CertificateIdV2 {
    hashing: Hashing,
    hash: Vec<u8>,
}

/// `SigningCertificate` and `SigningCertificateV2`: the first one is the signer's.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct SigningCertificate {
    certificates: Vec<Any>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// The signed message of a token, and what it is of.
///
/// # Errors
/// It is none, in words for a person.
pub(super) fn signed(token: &[u8]) -> Result<(SignedData, Vec<u8>), String> {
    let broken = |error: der::Error| format!("it is no token of a time stamp: {error}");
    let message = ContentInfo::from_der(token).map_err(broken)?;
    if message.content_type != SIGNED_DATA {
        return Err("it is no signed token of a time stamp".to_owned());
    }
    let signed: SignedData = message.content.decode_as().map_err(broken)?;
    let of = &signed.encap_content_info;
    if of.econtent_type != TST_INFO || signed.signer_infos.0.is_empty() {
        return Err("it is no signed token of a time stamp".to_owned());
    }
    let content = of.econtent.as_ref().filter(|content| content.tag() == Tag::OctetString);
    let content = content.ok_or("its token is empty")?.value().to_vec();
    Ok((signed, content))
}

/// Checks a token's signature, and that its signer was one of these authorities' when it signed.
///
/// # Errors
/// It does not hold, and why, in words for a person.
pub fn verify(token: &[u8], authorities: &Authorities) -> Result<(), String> {
    let broken = |error: der::Error| format!("it is no token of a time stamp: {error}");
    let (signed, content) = signed(token)?;
    let [signer] = signed.signer_infos.0.as_slice() else { return Err("it has not one signer".to_owned()) };
    let of_key = matches!(signer.sid, SignerIdentifier::SubjectKeyIdentifier(_));
    if signed.version != CmsVersion::V3 || signer.version != if of_key { CmsVersion::V3 } else { CmsVersion::V1 } {
        return Err("its signed message is of another version than a time stamp's".to_owned());
    }
    let at = Info::of(&content).map_err(broken)?.at().ok_or("its time is none")?;

    let beside = certificates(&signed)?;
    let beside: Vec<&[u8]> = beside.iter().map(Vec::as_slice).chain(authorities.certificates()).collect();
    let certificate = beside.iter().copied().find(|certificate| is_of(certificate, &signer.sid));
    let certificate =
        certificate.ok_or("the certificate of its signer is neither in it nor among those that you trust")?;
    let hashing = Hashing::of(&signer.digest_alg).ok_or("its digest is no SHA-256, SHA-384 or SHA-512")?;
    if !signed.digest_algorithms.iter().any(|algorithm| *algorithm == signer.digest_alg) {
        return Err("its signer used another digest than it says".to_owned());
    }
    let attributes = signer.signed_attrs.as_ref().ok_or("it has no signed attributes")?;
    if attribute(attributes, CONTENT_TYPE)?.decode_as::<ObjectIdentifier>().ok() != Some(TST_INFO) {
        return Err("its signature is of something else than a time stamp".to_owned());
    }
    let digest: OctetString = attribute(attributes, MESSAGE_DIGEST)?.decode_as().map_err(broken)?;
    if digest.as_bytes() != hashing.hash(&content) {
        return Err("what it says is not what was signed".to_owned());
    }
    names_its_signer(attributes, certificate)?;
    is_signed(signer, hashing, &attributes.to_der().map_err(broken)?, certificate)?;
    authorities.vouch_for(certificate, &beside, at)
}

/// The certificates in a token, in DER.
fn certificates(signed: &SignedData) -> Result<Vec<Vec<u8>>, String> {
    let certificates = signed.certificates.iter().flat_map(|set| set.0.iter()).filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate.to_der()),
        CertificateChoices::Other(_) => None,
    });
    certificates.collect::<Result<_, _>>().map_err(|error| format!("a certificate in it is none: {error}"))
}

/// Whether a certificate is the one that a signer names.
fn is_of(certificate: &[u8], signer: &SignerIdentifier) -> bool {
    let Ok(Certificate { tbs_certificate: of, .. }) = Certificate::from_der(certificate) else { return false };
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == of.issuer && named.serial_number == of.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            of.get::<SubjectKeyIdentifier>().is_ok_and(|key| key.is_some_and(|(_, key)| key == *named))
        }
    }
}

/// The one value of an attribute that there is one of.
fn attribute(attributes: &Attributes, name: ObjectIdentifier) -> Result<&Any, String> {
    let mut named = attributes.iter().filter(|attribute| attribute.oid == name);
    match (named.next().map(|attribute| attribute.values.as_slice()), named.next()) {
        (Some([value]), None) => Ok(value),
        _ => Err(format!("the signed attribute {name} is not there once")),
    }
}

/// Whether the signed attributes name this certificate: else one for the same key, with another purpose, could be put in its
/// place.
fn names_its_signer(attributes: &Attributes, certificate: &[u8]) -> Result<(), String> {
    let broken = |error: der::Error| format!("what names its signer's certificate is broken: {error}");
    let is_v2 = attributes.iter().any(|attribute| attribute.oid == SIGNING_CERTIFICATE_V2);
    let name = if is_v2 { SIGNING_CERTIFICATE_V2 } else { SIGNING_CERTIFICATE };
    let named: SigningCertificate = attribute(attributes, name)?.decode_as().map_err(broken)?;
    let first = named.certificates.first().ok_or("it names no certificate of its signer")?;
    let fits = if is_v2 {
        let CertificateIdV2 { hashing, hash } = CertificateIdV2::of(first).map_err(broken)?;
        hash == hashing.hash(certificate)
    } else {
        let CertificateId { hash, .. } = first.decode_as().map_err(broken)?;
        hash.as_bytes() == sha1::Sha1::digest(certificate).as_slice()
    };
    if fits { Ok(()) } else { Err("it was signed with another certificate than the one in it".to_owned()) }
}

impl CertificateIdV2 {
    /// Reads it: a way of hashing where that is another than SHA-256, the hash, and what is not looked at.
    fn of(any: &Any) -> der::Result<Self> {
        let parts: Vec<Any> = Vec::from_der(&any.to_der()?)?;
        let unknown = || Tag::ObjectIdentifier.value_error();
        let (hashing, hash) = match parts.as_slice() {
            [first, hash, ..] if first.tag() == Tag::Sequence => {
                (Hashing::of(&first.decode_as()?).ok_or_else(unknown)?, hash)
            }
            [hash, ..] => (Hashing::Sha256, hash),
            [] => return Err(unknown()),
        };
        Ok(Self { hashing, hash: hash.decode_as::<OctetString>()?.into_bytes() })
    }
}

/// Whether the signature is of these bytes, by the key of this certificate.
fn is_signed(signer: &SignerInfo, hashing: Hashing, signed: &[u8], certificate: &[u8]) -> Result<(), String> {
    let algorithm = &signer.signature_algorithm;
    let known = HASHINGS.into_iter().find(|known| known.0 == hashing);
    let (is_rsa, is_ecdsa) = known.map_or((false, false), |(_, _, rsa, ecdsa)| {
        (algorithm.oid == RSA || algorithm.oid == rsa, algorithm.oid == ecdsa)
    });
    if !(is_rsa || is_ecdsa) || !is_bare(algorithm) {
        return Err(format!("it is signed in a way that is not known here ({})", algorithm.oid));
    }
    let certificate = CertificateDer::from(certificate);
    let certificate = EndEntityCert::try_from(&certificate)
        .map_err(|error| format!("the certificate of its signer is none: {error}"))?;
    for way in ways(hashing, is_rsa) {
        match certificate.verify_signature(*way, signed, signer.signature.as_bytes()) {
            Ok(()) => return Ok(()),
            // A key of another kind or curve; the next way may be its own.
            Err(Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
            Err(_) => return Err("its signature is not one of its signer's key".to_owned()),
        }
    }
    Err("its signer's key is of a kind that is not known here".to_owned())
}

/// The signatures of this kind over that digest: one for each kind of key.
fn ways(hashing: Hashing, is_rsa: bool) -> &'static [&'static dyn SignatureVerificationAlgorithm] {
    const RSA_256: &[&dyn SignatureVerificationAlgorithm] = &[aws_lc_rs::RSA_PKCS1_2048_8192_SHA256];
    const RSA_384: &[&dyn SignatureVerificationAlgorithm] = &[aws_lc_rs::RSA_PKCS1_2048_8192_SHA384];
    const RSA_512: &[&dyn SignatureVerificationAlgorithm] = &[aws_lc_rs::RSA_PKCS1_2048_8192_SHA512];
    const ECDSA_256: &[&dyn SignatureVerificationAlgorithm] =
        &[aws_lc_rs::ECDSA_P256_SHA256, aws_lc_rs::ECDSA_P384_SHA256, aws_lc_rs::ECDSA_P521_SHA256];
    const ECDSA_384: &[&dyn SignatureVerificationAlgorithm] =
        &[aws_lc_rs::ECDSA_P256_SHA384, aws_lc_rs::ECDSA_P384_SHA384, aws_lc_rs::ECDSA_P521_SHA384];
    const ECDSA_512: &[&dyn SignatureVerificationAlgorithm] =
        &[aws_lc_rs::ECDSA_P256_SHA512, aws_lc_rs::ECDSA_P384_SHA512, aws_lc_rs::ECDSA_P521_SHA512];
    match (hashing, is_rsa) {
        (Hashing::Sha256, true) => RSA_256,
        (Hashing::Sha384, true) => RSA_384,
        (Hashing::Sha512, true) => RSA_512,
        (Hashing::Sha256, false) => ECDSA_256,
        (Hashing::Sha384, false) => ECDSA_384,
        (Hashing::Sha512, false) => ECDSA_512,
    }
}
