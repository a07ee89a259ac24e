//! Who may ask, and what every answer says of itself.
//!
//! The viewer only reads, and answers its own pages alone: a request under a foreign name, or from a foreign page, learns
//! nothing. What proxies add (`X-Forwarded-Host` and its kin) is never believed.

use super::{
    Viewer,
    error::{OwnPage, Problem, Told},
    names::Names,
};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{
            self, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;

/// The longest address that is answered, in bytes; the addresses of articles go into `/at/`, twice escaped at worst.
pub const MAX_ADDRESS_BYTES: usize = 16_384;

/// What a page may load: the viewer's own files, and nothing else.
const POLICY: &str = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self'; \
    connect-src 'none'; object-src 'none'; frame-src 'none'; worker-src 'none'; manifest-src 'none'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// What every answer says, whatever it is.
const ALWAYS: [(HeaderName, &str); 7] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// Refuses what is not for it, answers the rest, and marks every answer.
pub(super) async fn guard(State(viewer): State<Viewer>, request: Request, next: Next) -> Response {
    let is_record = request.uri().path().starts_with("/api/");
    let answer = match admit(&viewer.names, &request) {
        Err(problem) => problem.into_response(),
        // The panic itself went to the log; its reader gets an answer, and the next one as well.
        Ok(()) => AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Problem::Failed("a handler panicked".to_owned()).into_response()),
    };
    marked(in_our_words(answer, is_record))
}

/// Whether a request is answered at all.
fn admit(names: &Names, request: &Request) -> Result<(), Problem> {
    if !is_ours(names, request.uri(), request.headers()) {
        return Err(Problem::Misdirected);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::OnlyReads);
    }
    if is_foreign(names, request.headers()) {
        return Err(Problem::Foreign);
    }
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > MAX_ADDRESS_BYTES) {
        return Err(Problem::TooLong);
    }
    Ok(())
}

/// Whether the one `Host` is a name of ours, and the address in the request line, where it is a whole one, the same.
fn is_ours(names: &Names, uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else { return false };
    let whole = match (uri.scheme_str(), uri.authority()) {
        (None, None) => true,
        (Some("http"), Some(authority)) => authority.as_str() == host,
        _ => false,
    };
    whole && names.has(host)
}

/// Whether a page of another origin asks. A person who follows a link from there, or types the address, is welcome: what
/// is shown then is shown to that person alone, in a tab of its own.
fn is_foreign(names: &Names, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| {
        let mut fields = headers.get_all(name).iter();
        fields.next().is_some_and(|field| field.as_bytes() == value.as_bytes()) && fields.next().is_none()
    };
    let is_visit = says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document");
    let foreign_site = headers.contains_key("sec-fetch-site")
        && !says("sec-fetch-site", "same-origin")
        && !says("sec-fetch-site", "none");
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let foreign_origin = origins.any(|origin| !origin.to_str().is_ok_and(|origin| names.is_own_origin(origin)));
    (foreign_site || foreign_origin) && !is_visit
}

/// An answer that a library gave in its own words is given in ours; one for `/api/` as a record.
fn in_our_words(mut answer: Response, is_record: bool) -> Response {
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_ours = answer.extensions().get::<Told>().is_some() || answer.extensions().get::<OwnPage>().is_some();
    if is_error && !is_ours && !is_json(answer.headers()) {
        let keeps_meaning = matches!(status, StatusCode::PRECONDITION_FAILED | StatusCode::RANGE_NOT_SATISFIABLE);
        if !keeps_meaning {
            answer = Problem::of(status).into_response();
        }
    }
    match answer.extensions().get::<Told>() {
        Some(told) if is_record => told.as_record(),
        _ => answer,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn marked(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{RunRecord, SourceRecord, StatusRecord},
        serve::{About, archive::Archive},
        store::Store,
    };
    use axum::{Router, body::Body, middleware, routing::get};
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use std::sync::Arc;

    /// Knows nothing beside the archive.
    #[derive(Debug)]
    struct Nothing;

    impl About for Nothing {
        fn status(&self, _store: &Store, _now: jiff::Timestamp) -> Result<StatusRecord, String> {
            Err("not asked".to_owned())
        }

        fn settle(&self, _runs: &mut [RunRecord], _store: &Store) {}

        fn sources(&self, _store: &Store) -> Result<Vec<SourceRecord>, String> {
            Ok(Vec::new())
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_for_without_a_word_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Store::create_or_open(&path).unwrap());
        let names = Arc::new(Names::new("127.0.0.1:8020".parse().unwrap(), &[]));
        let viewer = Viewer { archive: Archive::open(path).unwrap(), about: Arc::new(Nothing), names };
        async fn fault() -> &'static str {
            panic!("at a secret place")
        }
        let app = Router::new()
            .route("/", get(fault))
            .route("/api/fault", get(fault))
            .layer(middleware::from_fn_with_state(viewer.clone(), guard))
            .with_state(viewer);
        for path in ["/", "/api/fault"] {
            let request = Request::builder().uri(path).header("Host", "127.0.0.1:8020").body(Body::empty()).unwrap();
            let answer = TowerToHyperService::new(app.clone()).call(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            let text = String::from_utf8_lossy(&body);
            assert!(text.contains("could not be made") && !text.contains("secret"), "{text}");
        }
    }
}
