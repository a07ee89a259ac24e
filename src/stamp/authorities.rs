//! The authorities that a user trusts, and whether a certificate was one of theirs, for time stamps, at an instant. Chains are
//! followed by `webpki`, which TLS connections are checked by as well.

use cms::cert::x509::{
    Certificate,
    ext::pkix::{ExtendedKeyUsage, KeyUsage},
};
use der::{Decode, asn1::ObjectIdentifier};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, anchor_from_trusted_cert};

/// What a certificate of a time-stamp authority is for (RFC 3161, section 2.3).
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// More certificates than any list of authorities that comes with a system.
const MAX_CERTIFICATES: usize = 4096;

/// Certificates whose word on a time stamp a user takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads a PEM file's text: one certificate, or many. Those of authorities in between, and that of the signer itself, may
    /// stand there too, for tokens that have none.
    ///
    /// # Errors
    /// There is no certificate in it, or a broken one; in words for a person.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
            .take(MAX_CERTIFICATES)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("it is no PEM file of certificates: {error}"))?;
        if certificates.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        for certificate in &certificates {
            anchor_from_trusted_cert(certificate).map_err(|error| format!("a certificate in it is none: {error}"))?;
        }
        Ok(Self(certificates))
    }

    /// The certificates, in DER.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Whether this certificate, in DER, could sign time stamps at that instant: by one of these, over those that came with it.
    ///
    /// # Errors
    /// It could not, and why, in words for a person.
    pub(super) fn vouch_for(&self, signer: &[u8], beside: &[&[u8]], at: Timestamp) -> Result<(), String> {
        let certificate = Certificate::from_der(signer).map_err(|error| format!("its certificate is none: {error}"))?;
        is_for_stamps(&certificate)?;
        if self.certificates().any(|trusted| trusted == signer) {
            return is_valid(&certificate, at).then_some(()).ok_or_else(|| {
                format!("the certificate of its signer, {}, was not valid then", certificate.tbs_certificate.subject)
            });
        }
        let anchors: Vec<TrustAnchor<'_>> = self
            .0
            .iter()
            .filter(|trusted| Certificate::from_der(trusted).is_ok_and(|trusted| is_valid(&trusted, at)))
            .filter_map(|trusted| anchor_from_trusted_cert(trusted).ok())
            .collect();
        let beside: Vec<CertificateDer<'_>> = beside.iter().map(|beside| CertificateDer::from(*beside)).collect();
        let signer = CertificateDer::from(signer);
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        EndEntityCert::try_from(&signer)
            .and_then(|signer| {
                signer
                    .verify_for_usage(
                        ALL_VERIFICATION_ALGS,
                        &anchors,
                        &beside,
                        UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                        webpki::KeyUsage::required_if_present(TIME_STAMPING.as_bytes()),
                        None,
                        None,
                    )
                    .map(drop)
            })
            .map_err(|error| {
                let subject = &certificate.tbs_certificate.subject;
                match error {
                    // The latter of one that has the name of another.
                    Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => {
                        format!("none of the authorities that you trust vouched for its signer, {subject}, then")
                    }
                    Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
                        format!("the certificate of its signer, {subject}, or one above it was not valid then")
                    }
                    error => format!("the certificate of its signer, {subject}, does not hold: {error}"),
                }
            })
    }
}

/// RFC 3161, section 2.3: for time stamps, for nothing else, and marked as critical.
fn is_for_stamps(certificate: &Certificate) -> Result<(), String> {
    let of = &certificate.tbs_certificate;
    let broken = |error: der::Error| format!("the certificate of its signer is broken: {error}");
    let uses = of.get::<ExtendedKeyUsage>().map_err(broken)?;
    if !matches!(&uses, Some((true, ExtendedKeyUsage(uses))) if uses.as_slice() == [TIME_STAMPING]) {
        return Err(format!("the certificate of its signer, {}, is not for time stamps alone", of.subject));
    }
    match of.get::<KeyUsage>().map_err(broken)? {
        Some((_, uses)) if !uses.digital_signature() && !uses.non_repudiation() => {
            Err(format!("the certificate of its signer, {}, is not for signing", of.subject))
        }
        _ => Ok(()),
    }
}

fn is_valid(certificate: &Certificate, at: Timestamp) -> bool {
    let validity = certificate.tbs_certificate.validity;
    let at = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0));
    (validity.not_before.to_unix_duration()..=validity.not_after.to_unix_duration()).contains(&at)
}
