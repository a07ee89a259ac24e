//! Time stamps as RFC 3161 has them: what is asked of an authority, what its answer says, and whether an authority that the
//! user trusts signed it. Pure: nothing is sent or read here.

mod authorities;
mod info;
mod signature;

pub use authorities::Authorities;
pub use signature::verify;

use cms::cert::x509::spki::AlgorithmIdentifier;
use der::{
    Any, Decode, Encode,
    asn1::{Int, ObjectIdentifier, OctetString},
};
use info::Info;
use jiff::Timestamp;
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion};

/// The media types of a request and of an answer (RFC 3161, section 3.4).
pub const REQUEST_TYPE: &str = "application/timestamp-query";

/// SHA-256.
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The last status with which a token comes: granted, or granted with modifications.
const GRANTED: u8 = 1;

/// What is stamped: a SHA-256.
pub type Imprint = [u8; 32];

/// A number that nobody has used before.
pub type Nonce = [u8; 8];

/// A token as it is kept, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// In DER.
    pub der: Vec<u8>,
    /// What is stamped.
    pub imprint: Imprint,
    /// When, as the authority says.
    pub at: Timestamp,
    nonce: Option<Vec<u8>>,
}

impl Token {
    /// Whether it was stamped at that time, as archives keep times: to the millisecond.
    #[must_use]
    pub fn is_of(&self, at: Timestamp) -> bool {
        self.at.as_millisecond() == at.as_millisecond()
    }
}

/// A request for a stamp of these 32 bytes, in DER. The authority is asked to send its certificate along.
#[must_use]
pub fn request(imprint: &Imprint, nonce: &Nonce) -> Option<Vec<u8>> {
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifier { oid: SHA_256, parameters: Some(Any::null()) },
            hashed_message: OctetString::new(imprint.as_slice()).ok()?,
        },
        req_policy: None,
        nonce: Some(Int::new(&positive(nonce)).ok()?),
        cert_req: true,
        extensions: None,
    };
    request.to_der().ok()
}

/// A nonce as a number above zero without leading zeros, which DER does not have.
fn positive(nonce: &Nonce) -> Nonce {
    let mut number = *nonce;
    if let Some(first) = number.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    number
}

/// Reads an authority's answer to a request.
///
/// # Errors
/// It is not the answer to that request, in words for a person.
pub fn answer(answer: &[u8], imprint: &Imprint, nonce: &Nonce) -> Result<Token, String> {
    let answer = TimeStampResp::from_der(answer).map_err(|error| format!("its answer is no time stamp: {error}"))?;
    let status = answer.status.status as u8;
    if status > GRANTED {
        return Err(format!("it refused, with status {status}"));
    }
    let token = answer.time_stamp_token.ok_or("its answer has no token")?;
    let token = token.to_der().map_err(|error| format!("its token can't be kept: {error}"))?;
    let token = self::token(&token)?;
    if token.imprint != *imprint {
        return Err("it stamped something else".to_owned());
    }
    if token.nonce.as_deref() != Some(positive(nonce).as_slice()) {
        return Err("it answered another request".to_owned());
    }
    Ok(token)
}

/// Reads a token.
///
/// # Errors
/// It is none, in words for a person.
pub fn token(der: &[u8]) -> Result<Token, String> {
    let (_, content) = signature::signed(der)?;
    let info = Info::of(&content).map_err(|error| format!("it is no token of a time stamp: {error}"))?;
    if info.message_imprint.hash_algorithm.oid != SHA_256 {
        return Err("its imprint is no SHA-256".to_owned());
    }
    let imprint = info.message_imprint.hashed_message.as_bytes().try_into().map_err(|_| "its imprint is no SHA-256")?;
    let at = info.at().ok_or("its time is none")?;
    Ok(Token { der: der.to_vec(), imprint, at, nonce: info.nonce.map(|nonce| nonce.as_bytes().to_vec()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_answer_is_none() {
        let (imprint, nonce) = ([7; 32], [0xff, 0, 0, 0, 0, 0, 0, 1]);
        let request = request(&imprint, &nonce).unwrap();
        assert!(request.windows(32).any(|bytes| bytes == imprint));
        for wrong in [b"".as_slice(), b"<html>", &request, &[0x30, 0x80]] {
            assert!(answer(wrong, &imprint, &nonce).is_err());
            assert!(token(wrong).is_err());
        }
        assert_eq!(positive(&nonce), [0x7f, 0, 0, 0, 0, 0, 0, 1]);
    }
}
