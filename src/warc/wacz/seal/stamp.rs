//! The time stamp (RFC 3161) of a signature: what it says, and whether an authority's key signed that.

use super::certificate::{self, Hash};
use crate::stamp as token;
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use cms::{
    cert::x509::Certificate,
    content_info::ContentInfo,
    signed_data::{SignedData, SignerInfo},
};
use der::{
    Decode, Encode,
    asn1::{ObjectIdentifier, OctetStringRef},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_tsp::TimeStampResp;

/// The attribute that holds the digest of what is signed (RFC 5652, 11.2).
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");

/// A time stamp.
pub(super) struct Stamp {
    /// When, as the authority says.
    pub(super) at: Timestamp,
    content: Vec<u8>,
    signer: SignerInfo,
}

/// The time stamp of a message in an authority's answer, or in the token alone.
pub(super) fn of(der: &[u8], message: &[u8]) -> Result<Stamp, String> {
    let no = |error: der::Error| format!("it is none: {error}");
    let in_answer = TimeStampResp::from_der(der).ok().and_then(|answer| answer.time_stamp_token);
    let der = match in_answer {
        Some(token) => token.to_der().map_err(no)?,
        None => der.to_vec(),
    };
    let said = token::token(&der)?;
    if said.imprint.as_slice() != Sha256::digest(message).as_slice() {
        return Err("it is of something else".to_owned());
    }
    let signed: SignedData = ContentInfo::from_der(&der).map_err(no)?.content.decode_as().map_err(no)?;
    let content = signed.encap_content_info.econtent.ok_or("it is empty")?.value().to_vec();
    let signer = signed.signer_infos.0.iter().next().cloned().ok_or("nobody signed it")?;
    Ok(Stamp { at: said.at, content, signer })
}

impl Stamp {
    /// Whether it was signed with the key of this certificate, which must be one for stamps.
    pub(super) fn is_by(&self, authority: &Certificate) -> Result<(), String> {
        if !certificate::may_stamp(authority) {
            return Err("its certificate is not one for time stamps".to_owned());
        }
        let hash = Hash::of(&self.signer.digest_alg).ok_or("its digest is not known here")?;
        let attributes = self.signer.signed_attrs.as_ref().ok_or("its attributes are not signed")?;
        let stated = attributes.iter().find(|attribute| attribute.oid == MESSAGE_DIGEST);
        let stated = stated.and_then(|attribute| attribute.values.iter().next());
        let stated = stated.and_then(|value| value.decode_as::<OctetStringRef<'_>>().ok()).ok_or("it has no digest")?;
        let algorithm = match hash {
            Hash::Sha256 => &SHA256,
            Hash::Sha384 => &SHA384,
            Hash::Sha512 => &SHA512,
        };
        if digest::digest(algorithm, &self.content).as_ref() != stated.as_bytes() {
            return Err("its words are not what was signed".to_owned());
        }
        let signed = attributes.to_der().map_err(|error| format!("it is none: {error}"))?;
        let hash = Hash::of(&self.signer.signature_algorithm).unwrap_or(hash);
        let key = &authority.tbs_certificate.subject_public_key_info;
        certificate::verify(key, hash, &signed, self.signer.signature.as_bytes()).map_err(str::to_owned)
    }
}
