//! An exchange out of the records that it was written as: its answers are what the records say, never the claim.

use super::{Bundle, claims::ExchangeClaim};
use crate::{
    http::{Exchange, Request, Response},
    warc::{Body, Kind, Record, original_headers, public_url},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use url::Url;

/// The body of one answer, in bytes: a setting may have let in more than a recording is usually read for.
const MAX_ANSWER_BYTES: u64 = 128 << 20;

/// Redirects of one exchange.
const MAX_ANSWERS: usize = 64;

/// Exchanges that are read together: those of one look, or the pages of one version.
const MAX_TOGETHER: usize = 1000;

/// What the answers of exchanges that are read together may take in memory, heads and bodies, in bytes. A small file can
/// name one large answer any number of times.
const MAX_TOGETHER_BYTES: u64 = 256 << 20;

impl Bundle {
    /// The exchanges that metadata records of these ids join. `login` is the platform whose login went with them, where
    /// one did.
    pub(in crate::pipeline) fn exchanges<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
        login: Option<&str>,
    ) -> Result<Vec<Exchange>, String> {
        let mut left_bytes = MAX_TOGETHER_BYTES;
        let mut exchanges = Vec::new();
        for id in ids {
            if exchanges.len() >= MAX_TOGETHER {
                return Err(format!("names more than {MAX_TOGETHER} exchanges"));
            }
            exchanges.push(self.exchange(id, login, &mut left_bytes)?);
        }
        Ok(exchanges)
    }

    /// The exchange that a metadata record of this id joins, where its answers fit.
    fn exchange(&self, id: &str, login: Option<&str>, left_bytes: &mut u64) -> Result<Exchange, String> {
        let spot = self.named(id).ok_or_else(|| format!("the exchange {id} is not in the file"))?;
        let (claim, size_bytes) = self.claim::<ExchangeClaim>(spot).map_err(|damage| damage.to_string())?;
        if claim.answers.len() > MAX_ANSWERS {
            return Err(format!("the exchange {id} has more than {MAX_ANSWERS} answers"));
        }
        take(left_bytes, size_bytes)?;
        let answers = claim.answers.iter().map(|answer| self.answer(&answer.record, &answer.url, left_bytes));
        let mut hops = answers.collect::<Result<Vec<_>, _>>()?;
        let answer = match claim.error {
            Some(error) => Err(error),
            None => Ok(hops.pop().ok_or_else(|| format!("the exchange {id} has no answer"))?),
        };
        let body = claim.request_body.map(|text| STANDARD.decode(text)).transpose();
        let body = body.map_err(|error| format!("the body of a request is not in base64: {error}"))?;
        let body = match claim.request_body_sha256 {
            Some(sha256) => Some(self.payload(&sha256)?.into_bytes()?),
            None => body,
        };
        take(left_bytes, body.as_ref().map_or(0, Vec::len))?;
        let request = Request {
            method: claim.method,
            url: claim.url,
            headers: claim.request_headers,
            body,
            follow: claim.follow,
            max_bytes: claim.max_bytes,
            login: login.filter(|_| claim.login).map(str::to_owned),
            robots: false,
        };
        let asked = hops.first().or(answer.as_ref().ok()).map(|answer| &answer.url);
        if asked.is_some_and(|asked| public_url(asked) != public_url(&request.url)) {
            return Err(format!("the exchange {id} asked {} and was answered elsewhere", request.url));
        }
        Ok(Exchange { request, hops, answer, started_at: claim.started_at, elapsed_ms: claim.elapsed_ms })
    }

    fn answer(&self, id: &str, url: &Url, left_bytes: &mut u64) -> Result<Response, String> {
        let spot = self.named(id).ok_or_else(|| format!("the record {id} is not in the file"))?;
        let record = self.record(spot, MAX_ANSWER_BYTES)?;
        if record.url != public_url(url) {
            return Err(format!("the record {id} is of {}, not of {url}", record.url));
        }
        let status = match &record.kind {
            Kind::Response { status } | Kind::Revisit { status: Some(status), .. } => *status,
            _ => return Err(format!("the record {id} is no answer")),
        };
        let headers = original_headers(&record.headers);
        let body = self.body(record)?;
        let head: usize = headers.0.iter().map(|(name, value)| name.len() + value.len()).sum();
        take(left_bytes, head + body.len())?;
        Ok(Response { url: url.clone(), status, headers, body })
    }

    /// The body of an answer: of a revisit that of the record which it is like.
    fn body(&self, record: Record) -> Result<Vec<u8>, String> {
        let sha256 = record.said.sha256();
        let whole = |body: Body| match body {
            Body::Whole(bytes) => Ok(bytes),
            _ => Err("an answer is not whole".to_owned()),
        };
        let bytes = match (&record.kind, &record.said.refers_to) {
            (Kind::Revisit { .. }, Some(first)) if self.named(first).is_some() => {
                let spot = self.named(first).ok_or("no such record")?;
                whole(self.record(spot, MAX_ANSWER_BYTES)?.body)?
            }
            (Kind::Revisit { .. }, _) => self.payload(sha256.as_deref().unwrap_or_default())?.into_bytes()?,
            _ => whole(record.body)?,
        };
        match sha256 {
            Some(sha256) if super::hex(&Sha256::digest(&bytes)) != sha256 => {
                Err("an answer is not what its digest says".to_owned())
            }
            _ => Ok(bytes),
        }
    }
}

fn take(left_bytes: &mut u64, bytes: usize) -> Result<(), String> {
    let left = left_bytes.checked_sub(bytes as u64);
    *left_bytes = left.ok_or_else(|| format!("names answers of more than {MAX_TOGETHER_BYTES} bytes"))?;
    Ok(())
}
