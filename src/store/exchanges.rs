//! The raw exchanges: what was asked and what came back, so that better parsers can read old answers again.

use super::{
    blobs,
    columns::{At, Json, count, counted},
    entries::{self, Kind},
};
use crate::http::{Exchange, FetchError, Headers, Request, Response};
use rusqlite::{Connection, Row, types::FromSqlError};
use std::cell::OnceCell;
use url::Url;

/// The exchanges of a rung, stored when the first look asks for their ids, and not at all where none does.
pub(super) struct Exchanges<'a> {
    connection: &'a Connection,
    run: i64,
    exchanges: &'a [Exchange],
    ids: OnceCell<Vec<i64>>,
}

impl<'a> Exchanges<'a> {
    pub(super) fn new(connection: &'a Connection, run: i64, exchanges: &'a [Exchange]) -> Self {
        Self { connection, run, exchanges, ids: OnceCell::new() }
    }

    pub(super) fn exchanges(&self) -> &[Exchange] {
        self.exchanges
    }

    pub(super) fn ids(&self) -> rusqlite::Result<&[i64]> {
        if let Some(ids) = self.ids.get() {
            return Ok(ids);
        }
        let ids = self.exchanges.iter().map(|exchange| save(self.connection, self.run, exchange));
        let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(self.ids.get_or_init(|| ids))
    }
}

/// Stores an exchange and returns its id.
pub(super) fn save(connection: &Connection, run: i64, exchange: &Exchange) -> rusqlite::Result<i64> {
    let request = &exchange.request;
    let request_body = request.body.as_deref().map(|body| body_blob(connection, body)).transpose()?.flatten();
    let answer = exchange.answer.as_ref().ok();
    let body = answer.map(|answer| body_blob(connection, &answer.body)).transpose()?.flatten();
    connection
        .prepare_cached(
            "INSERT INTO exchanges (run, started_at, elapsed_ms, method, url, request_headers, request_body, follow, \
             max_bytes, answered_url, status, response_headers, body, error, login) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(rusqlite::params![
            run,
            At(exchange.started_at),
            count(exchange.elapsed_ms),
            request.method,
            request.url.as_str(),
            Json(public(&request.headers)),
            request_body,
            request.follow,
            request.max_bytes.map(count),
            answer.map(|answer| answer.url.as_str()),
            answer.map(|answer| answer.status),
            answer.map(|answer| Json(public(&answer.headers))),
            body,
            exchange.answer.as_ref().err().map(Json),
            request.login.is_some(),
        ])?;
    let id = connection.last_insert_rowid();
    for (position, hop) in exchange.hops.iter().enumerate() {
        let body = body_blob(connection, &hop.body)?;
        connection
            .prepare_cached(
                "INSERT INTO exchange_hops (exchange, position, url, status, headers, body) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((
                id,
                i64::try_from(position).unwrap_or(i64::MAX),
                hop.url.as_str(),
                hop.status,
                Json(public(&hop.headers)),
                body,
            ))?;
    }
    entries::add(connection, run, Kind::Exchange, id)?;
    Ok(id)
}

/// An exchange as it was, less its secrets.
pub(super) fn load(connection: &Connection, id: i64) -> rusqlite::Result<Exchange> {
    let bytes = |blob: Option<i64>| blob.map_or_else(|| Ok(Vec::new()), |blob| blobs::get(connection, blob));
    let mut exchange = connection
        .prepare_cached(
            "SELECT started_at, elapsed_ms, method, url, request_headers, request_body, follow, max_bytes, \
             answered_url, status, response_headers, body, error FROM exchanges WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let request_body: Option<i64> = row.get("request_body")?;
            let error: Option<Json<FetchError>> = row.get("error")?;
            let answer = match error {
                Some(Json(error)) => Err(error),
                None => Ok(Response {
                    url: url(row, "answered_url")?,
                    status: row.get("status")?,
                    headers: row.get::<_, Json<Headers>>("response_headers")?.0,
                    body: bytes(row.get("body")?)?,
                }),
            };
            Ok(Exchange {
                request: Request {
                    method: row.get("method")?,
                    url: url(row, "url")?,
                    headers: row.get::<_, Json<Headers>>("request_headers")?.0,
                    body: request_body.map(|blob| blobs::get(connection, blob)).transpose()?,
                    follow: row.get("follow")?,
                    max_bytes: row.get::<_, Option<i64>>("max_bytes")?.map(counted),
                    login: None,
                    robots: false,
                },
                hops: Vec::new(),
                answer,
                started_at: row.get::<_, At>("started_at")?.0,
                elapsed_ms: counted(row.get("elapsed_ms")?),
            })
        })?;
    let mut hops = connection
        .prepare_cached("SELECT url, status, headers, body FROM exchange_hops WHERE exchange = ?1 ORDER BY position")?;
    let hops = hops.query_map([id], |row| {
        Ok(Response {
            url: url(row, "url")?,
            status: row.get("status")?,
            headers: row.get::<_, Json<Headers>>("headers")?.0,
            body: bytes(row.get("body")?)?,
        })
    })?;
    exchange.hops = hops.collect::<rusqlite::Result<_>>()?;
    Ok(exchange)
}

/// A column that holds an absolute URL.
pub(super) fn url(row: &Row<'_>, column: &str) -> rusqlite::Result<Url> {
    let text: String = row.get(column)?;
    Url::parse(&text).map_err(|error| FromSqlError::other(error).into())
}

fn public(headers: &Headers) -> Headers {
    Headers(headers.0.iter().filter(|(name, _)| !crate::http::is_secret_header(name)).cloned().collect())
}

/// The blob of a body; an empty body needs none, and one that no row can hold is left out.
fn body_blob(connection: &Connection, body: &[u8]) -> rusqlite::Result<Option<i64>> {
    if body.is_empty() || body.len() > blobs::MAX_BLOB_BYTES {
        return Ok(None);
    }
    blobs::put(connection, body).map(|put| Some(put.id))
}
