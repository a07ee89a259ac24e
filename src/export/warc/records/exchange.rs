//! An exchange becomes records: each answer with the request that it answers, and the metadata that joins them.

use super::{Records, hand_over};
use crate::{
    export::{
        error::ExportError,
        warc::{
            cdxj::{Indexed, body_query},
            volumes::Volumes,
        },
    },
    http::without_userinfo,
    store::{OutgoingAnswer, OutgoingExchange, StoredFile, WrittenPayload},
    warc::{self, Asked, NewRecord, Payload, RESPONSE, Take, WrittenRecord, response_head},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::json;
use std::ops::ControlFlow;

/// The profile of a record that repeats another one's payload (WARC 1.1, 6.7.2).
const SAME_PAYLOAD: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";

/// Bodies of requests up to this size, in bytes, are told in the index and in metadata too; what platforms are asked is far
/// below this.
const MAX_REQUEST_BODY_BYTES: u64 = 1 << 20;

impl<V: Volumes> Records<'_, V> {
    /// An exchange: each answer with its request, then what joins them.
    pub(super) fn exchange(&mut self, exchange: &OutgoingExchange) -> Result<(), ExportError> {
        self.roll()?;
        let asked = self.request_body(exchange)?;
        let mut answers = Vec::new();
        let mut last = None;
        for (nth, answer) in exchange.answers.iter().enumerate() {
            let written = self.answer(exchange, nth, answer, &asked)?;
            answers.push(json!({"record": written.id, "url": without_userinfo(&answer.url).as_str()}));
            last = Some(written.id);
        }
        let mut fields = json!({
            "embalm": 1, "kind": "exchange", "run": instant(exchange.run), "started_at": instant(exchange.started_at),
            "elapsed_ms": exchange.elapsed_ms, "method": exchange.request.method, "url": without_userinfo(&exchange.request.url).as_str(),
            "request_headers": exchange.request.headers, "follow": exchange.request.follow, "answers": answers,
        });
        if let Some(fields) = fields.as_object_mut() {
            if let Some(limit) = exchange.request.max_bytes {
                fields.insert("max_bytes".to_owned(), limit.into());
            }
            if exchange.login {
                fields.insert("login".to_owned(), true.into());
            }
            match (&asked, &exchange.request_body) {
                (Some(body), _) => drop(fields.insert("request_body".to_owned(), STANDARD.encode(body).into())),
                (None, Some(file)) => {
                    drop(fields.insert("request_body_sha256".to_owned(), file.sha256.clone().into()));
                }
                (None, None) => {}
            }
            if let Some(error) = &exchange.error {
                fields.insert("error".to_owned(), json!(error));
            }
        }
        self.exchanges += 1;
        let target = format!("urn:embalm:exchange:{}", self.exchanges);
        let concurrent = last.as_deref().map(|id| ("WARC-Concurrent-To", id));
        let written = self.told_of(&target, exchange.started_at, &fields.to_string(), concurrent.as_slice())?;
        self.outgoing.note_exchange(exchange.id, &written.id)?;
        Ok(())
    }

    /// The body of a request, where it is small.
    fn request_body(&self, exchange: &OutgoingExchange) -> Result<Option<Vec<u8>>, ExportError> {
        let Some(file) = exchange.request_body.as_ref().filter(|file| file.size_bytes <= MAX_REQUEST_BODY_BYTES) else {
            return Ok(None);
        };
        let mut body = Vec::new();
        self.outgoing.bytes(file, |part| {
            body.extend(part);
            ControlFlow::Continue(())
        })?;
        Ok(Some(body))
    }

    /// An answer, or a reference to the record that holds its payload already, and the request that it answers.
    fn answer(
        &mut self,
        exchange: &OutgoingExchange,
        nth: usize,
        answer: &OutgoingAnswer,
        asked: &Option<Vec<u8>>,
    ) -> Result<WrittenRecord, ExportError> {
        let url = warc::public_url(&answer.url);
        let body = answer.body.as_ref().filter(|file| file.size_bytes > 0);
        let head = response_head(answer.status, &answer.headers, body.map_or(0, |file| file.size_bytes));
        let earlier = body.map(|file| self.outgoing.written(file)).transpose()?.flatten();
        let new = NewRecord {
            kind: "response",
            target: Some(url.as_str()),
            at: exchange.started_at,
            content_type: RESPONSE,
            fields: &[],
            head: head.as_bytes(),
            payload: None,
        };
        let (written, digest, is_revisit) = match (body, earlier) {
            (Some(file), Some(earlier)) => (self.revisit(new, file, &earlier)?, file.sha256.clone(), true),
            (Some(file), None) => {
                let written = self.with_bytes(new, file)?;
                let payload =
                    WrittenPayload { record: written.id.clone(), url: url.to_string(), at: exchange.started_at };
                self.outgoing.note_payload(file, &payload)?;
                (written, file.sha256.clone(), false)
            }
            (None, _) => {
                let nothing = Payload::of(&[]);
                let digest = nothing.sha256().to_owned();
                (self.put(&NewRecord { payload: Some(&nothing), ..new })?, digest, false)
            }
        };
        let first = nth == 0;
        let sent = asked.as_deref().filter(|_| first).unwrap_or_default();
        let method = exchange.request.method.as_str();
        let content_type = exchange.request.headers.get("content-type").unwrap_or_default();
        self.note(&Indexed {
            target: url.as_str(),
            at: exchange.started_at,
            content_type: if is_revisit { Some("warc/revisit") } else { answer.headers.get("content-type") },
            status: Some(answer.status),
            payload: &digest,
            file: &self.file,
            record: &written,
            asked: (first && method != "GET").then(|| (method, body_query(content_type, sent))),
        })?;
        let outgoing = self.outgoing;
        let large = exchange.request_body.as_ref().filter(|_| asked.is_none());
        let read = |take: &mut Take<'_>| large.map_or(Ok(()), |file| hand_over(outgoing, file, take));
        let payload = match large {
            Some(file) => Payload::elsewhere(file.size_bytes, &file.sha256, false, &read),
            None => Payload::of(asked.as_deref().unwrap_or_default()),
        };
        self.put_request(
            &Asked { request: &exchange.request, body: &payload, at: exchange.started_at },
            &url,
            nth,
            &written,
        )?;
        Ok(written)
    }

    fn revisit(
        &mut self,
        new: NewRecord<'_>,
        file: &StoredFile,
        earlier: &WrittenPayload,
    ) -> Result<WrittenRecord, ExportError> {
        self.told.revisits += 1;
        let (at, digest) = (earlier.at.to_string(), format!("sha256:{}", file.sha256));
        let fields = [
            ("WARC-Profile", SAME_PAYLOAD),
            ("WARC-Refers-To", earlier.record.as_str()),
            ("WARC-Refers-To-Target-URI", earlier.url.as_str()),
            ("WARC-Refers-To-Date", at.as_str()),
            ("WARC-Payload-Digest", digest.as_str()),
        ];
        self.put(&NewRecord { kind: "revisit", fields: &fields, ..new })
    }
}

/// As instants stand in the archive.
fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}
