//! What a token says, as RFC 3161 (section 2.4.2) has it. `x509_tsp` reads instants without fractions of a second only, which
//! authorities do give; so the instant is read here.

use cms::cert::x509::ext::{Extensions, pkix::name::GeneralName};
use der::{
    Any, Decode, Sequence, Tag, Tagged,
    asn1::{GeneralizedTime, Int, ObjectIdentifier},
};
use jiff::Timestamp;
use x509_tsp::{Accuracy, MessageImprint, TspVersion};

/// Digits of a fraction of a second that are read; what is finer is cut off.
const NANO_DIGITS: usize = 9;

/// A token's content.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct Info {
    version: TspVersion,
    policy: ObjectIdentifier,
    pub(super) message_imprint: MessageImprint,
    serial_number: Int,
    gen_time: Any,
    #[asn1(optional = "true")]
    accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    ordering: bool,
    #[asn1(optional = "true")]
    pub(super) nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    tsa: Option<GeneralName>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

impl Info {
    /// Reads it.
    pub(super) fn of(der: &[u8]) -> Result<Self, der::Error> {
        Self::from_der(der)
    }

    /// When it was stamped, as the authority says; none where that is no instant.
    pub(super) fn at(&self) -> Option<Timestamp> {
        (self.gen_time.tag() == Tag::GeneralizedTime).then(|| instant(self.gen_time.value())).flatten()
    }
}

/// `20261122070000Z`, `20261122070000.25Z`.
fn instant(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let whole = GeneralizedTime::from_der(&[&[0x18, 0x0f], seconds.as_bytes(), b"Z"].concat()).ok()?;
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(NANO_DIGITS);
    let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + i32::from(digit - b'0'));
    Timestamp::new(i64::try_from(whole.to_unix_duration().as_secs()).ok()?, nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_may_have_a_fraction() {
        for (text, expected) in [
            ("20261122070000Z", Some("2026-11-22T07:00:00Z")),
            ("20261122070000.25Z", Some("2026-11-22T07:00:00.25Z")),
            ("20261122070000.1234567891Z", Some("2026-11-22T07:00:00.123456789Z")),
            ("20261122070000.Z", None),
            ("20261122070000.-1Z", None),
            ("20261122070000", None),
            ("20261122070000+0100", None),
            ("20261332070000Z", None),
            ("2026112207Z", None),
        ] {
            assert_eq!(instant(text.as_bytes()).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}
