//! Files of the archive, by the SHA-256 of their bytes: looked up in the database and nowhere else, of the type that the
//! bytes have, and never a document that a browser would open.

mod flow;
mod range;

pub use flow::MAX_BYTES_AHEAD;

use super::{Viewer, error::Problem};
use crate::{
    render,
    store::{STREAM_PART_BYTES, StoredFile},
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, ETAG,
        },
    },
    response::{IntoResponse, Response},
};
use range::Wanted;
use std::ops::ControlFlow;

/// A file is in a place of its own, without scripts, and loads nothing.
const POLICY: &str = "sandbox; default-src 'none'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The same for a film or sound, which a browser that opens it by itself asks for once more, from a page of its own making:
/// that page may play it, and nothing else.
const PLAYING_POLICY: &str = "sandbox allow-same-origin; default-src 'none'; media-src 'self'; script-src 'none'; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// These bytes will always be these bytes. Shared caches are not for what may be private.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

/// `/media/{digest}`.
pub(super) async fn file(
    State(viewer): State<Viewer>,
    Path(digest): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    const NONE: Problem = Problem::NotFound("The archive has no file of this digest.");
    if digest.len() != 64 || !digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(NONE);
    }
    let etag = format!("\"{digest}\"");
    let found = viewer.archive.read_media({
        let etag = etag.clone();
        move |store| {
            let Some(file) = store.stored_file(&digest)? else { return Ok(None) };
            let wanted = range::wanted(&method, &headers, file.size_bytes, &etag);
            let bytes = match &wanted {
                Wanted::Whole if method == Method::GET => 0..file.size_bytes,
                Wanted::Part(part) => part.clone(),
                _ => 0..0,
            };
            // What fits into one part needs no second look; most pictures of people do.
            let mut small = Vec::new();
            if bytes.end - bytes.start <= STREAM_PART_BYTES as u64 {
                store.read_stored(&file, bytes.clone(), |part| {
                    small = part;
                    ControlFlow::Continue(())
                })?;
            }
            Ok(Some((file, wanted, bytes, small)))
        }
    });
    let (file, wanted, bytes, small) = found.await?.ok_or(NONE)?;
    let (length, mut answer) = (bytes.end - bytes.start, Response::default());
    answer.headers_mut().insert(ETAG, header(&etag));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let size = file.size_bytes;
    match wanted {
        Wanted::Known => *answer.status_mut() = StatusCode::NOT_MODIFIED,
        Wanted::Other => *answer.status_mut() = StatusCode::PRECONDITION_FAILED,
        Wanted::Beyond => {
            *answer.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            answer.headers_mut().insert(CONTENT_RANGE, header(&format!("bytes */{size}")));
            // What is not there now may not be kept as an answer for ever.
            answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Wanted::Whole | Wanted::Part(_) => {
            describe(&file, answer.headers_mut());
            if let Wanted::Part(part) = &wanted {
                *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
                let told = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
                answer.headers_mut().insert(CONTENT_RANGE, header(&told));
            }
            // A HEAD tells the length of what a GET would bring.
            let told = if matches!(wanted, Wanted::Whole) { size } else { length };
            answer.headers_mut().insert(CONTENT_LENGTH, told.into());
            *answer.body_mut() =
                if small.len() as u64 == length { Body::from(small) } else { flow::body(viewer.archive, file, bytes) };
        }
    }
    Ok(answer.into_response())
}

/// Pictures, films and sounds are shown; everything else is handed over as bytes without a meaning.
fn describe(file: &StoredFile, headers: &mut HeaderMap) {
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(mime) = render::playable_as_any(file.sniffed) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        if !mime.starts_with("image/") {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PLAYING_POLICY));
        }
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(CONTENT_DISPOSITION, header(&format!("attachment; filename=\"{}.bin\"", file.sha256)));
    }
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digests and numbers are letters and digits of ASCII")
}
