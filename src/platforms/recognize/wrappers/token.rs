//! Redirectors that write the address in a code of their own: base64, JSON in base64, signs in the place of others.
//! Codes without a key alone; what only the redirector can read is not named by its address.

use super::{is_address, is_host, parameter, whole_path};
use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

/// Redirectors of mailings whose path or parameter holds the address, or JSON with it, in base64: Substack, Customer.io,
/// Mandrill, Mailjet, Kit, Sophos. From links in public newsletters, to November 2026.
const CODED: &[&str] = &[
    "substack.com",
    ".customeriomail.com",
    "mandrillapp.com",
    ".mjt.lu",
    ".convertkit-mail.com",
    ".convertkit-mail2.com",
    ".convertkit-mail4.com",
    ".protection.sophos.com",
];

/// First labels of the hosts that mailings have their links counted by (Sailthru's `link.site.example/click/…`).
const COUNTERS: [&str; 5] = ["link", "links", "click", "clicks", "email"];

/// `http` in base64 begins so, and `{"` so.
const STARTS: [&str; 2] = ["aHR0c", "eyJ"];
/// Longer codes hold more than an address.
const MAX_CODE_BYTES: usize = 6 * 1024;
/// How deep a code's JSON may hold JSON in its strings.
const MAX_DEPTH: usize = 2;
/// Values of a code's JSON that are looked at.
const MAX_VALUES: usize = 64;

/// Base64 in the alphabet of addresses, with or without its padding; ends that are cut off don't matter.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The address that a redirector's code says.
pub(super) fn unwrap(host: &str, url: &Url) -> Option<String> {
    if host.starts_with("urldefense.") {
        return defended(url);
    }
    if is_host(host, ".bing.com") && url.path().starts_with("/ck/") {
        return decoded(parameter(url, &["u"])?.get(2..)?);
    }
    if is_host(host, "avanan.click") || is_host(host, ".avanan.click") {
        let (_, inner) = whole_path(url).split_once("/___")?;
        return inner.split("___").next().map(str::to_owned).filter(|inner| is_address(inner));
    }
    if !STARTS.iter().any(|start| whole_path(url).contains(start)) {
        return None;
    }
    let is_counter = host.split('.').next().is_some_and(|first| COUNTERS.contains(&first));
    if !is_counter && !CODED.iter().any(|coded| is_host(host, coded)) {
        return None;
    }
    // A code may be signed: the signature stands after a dot.
    let parts = url.path_segments()?.map(str::to_owned);
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let mut codes = parts.chain(values).filter(|code| STARTS.iter().any(|start| code.starts_with(start)));
    codes.find_map(|code| decoded(code.split('.').next()?))
}

/// The address in base64, or the first one in JSON in base64.
fn decoded(code: &str) -> Option<String> {
    if code.len() > MAX_CODE_BYTES {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(code.replace('+', "-").replace('/', "_")).ok()?).ok()?;
    in_text(&text, MAX_DEPTH)
}

fn in_text(text: &str, depth: usize) -> Option<String> {
    if is_address(text) {
        return Some(text.trim().to_owned());
    }
    let json: Value = serde_json::from_str(text).ok().filter(|_| text.starts_with('{') && depth > 0)?;
    let mut open = vec![&json];
    for _ in 0..MAX_VALUES {
        match open.pop()? {
            Value::String(text) => {
                if let Some(found) = in_text(text, depth - 1) {
                    return Some(found);
                }
            }
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    None
}

/// `/v3/__https://…__;…` or `/v2/url?u=https-3A__…`, in which `-` stands for `%` and `_` for `/`.
fn defended(url: &Url) -> Option<String> {
    let whole = whole_path(url);
    if let Some((_, inner)) = whole.split_once("/v3/__") {
        return inner.split("__;").next().map(str::to_owned).filter(|inner| is_address(inner));
    }
    let inner = parameter(url, &["u"])?.replace('-', "%").replace('_', "/");
    percent_decode_str(&inner).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
