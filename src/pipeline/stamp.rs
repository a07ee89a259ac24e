//! A time stamp of the newest run, asked of the authority that the user names, by the transport that everything goes through.
//! It never fails a run: without an answer the next run asks again.

use crate::{
    fetch::Transport,
    http::Request,
    platforms,
    stamp::{self, Authorities},
    store::{Store, StoreError, Unstamped},
};
use jiff::Timestamp;
use url::Url;

/// Bytes of an authority's answer; those of public ones have some 6 KB, with all their certificates.
const MAX_ANSWER_BYTES: u64 = 256 << 10;

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamping {
    /// Nothing was added since the last stamp.
    Nothing,
    /// The newest run is stamped: when, as the authority says.
    Stamped(Timestamp),
    /// There is no stamp, and why, in words for a person.
    Failed(String),
}

/// Has the newest run stamped, where anything was added since the last stamp. Where the user says which authorities are to be
/// believed, a stamp that none of them signed is kept no more than none.
///
/// # Errors
/// The archive can't be read or written.
pub async fn stamp(
    store: &mut Store,
    transport: &dyn Transport,
    authority: &Url,
    believed: Option<&Authorities>,
) -> Result<Stamping, StoreError> {
    let Some(Unstamped { run, digest, nonce }) = store.unstamped()? else { return Ok(Stamping::Nothing) };
    let Some(body) = stamp::request(&digest, &nonce) else {
        return Ok(Stamping::Failed("the request can't be written".to_owned()));
    };
    let mut request = Request::get(authority.clone());
    request.method = "POST".to_owned();
    request.headers.push("Content-Type", stamp::REQUEST_TYPE);
    request.body = Some(body);
    request.max_bytes = Some(MAX_ANSWER_BYTES);
    let exchange = transport.fetch(request).await;
    let answer = match exchange.response() {
        Some(answer) if answer.is_success() => stamp::answer(&answer.body, &digest, &nonce).and_then(|token| {
            believed.map_or(Ok(()), |believed| stamp::verify(&token.der, believed))?;
            Ok(token)
        }),
        _ => Err(platforms::failure(&exchange).to_string()),
    };
    match answer {
        Err(why) => Ok(Stamping::Failed(why)),
        Ok(token) => {
            store.keep_stamp(run, authority.as_str(), &token)?;
            Ok(Stamping::Stamped(token.at))
        }
    }
}
