//! An exchange on its way out: what was asked and what came, bodies left where they are.

use super::{Outgoing, file::stored};
use crate::{
    http::{FetchError, Headers, Request},
    store::{
        StoreError, StoredFile,
        columns::{At, Json, counted},
        exchanges::url,
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use url::Url;

/// An answer, or a redirect on the way to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingAnswer {
    /// The URL that answered.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// As received, less their secrets.
    pub headers: Headers,
    /// None where it is empty.
    pub body: Option<StoredFile>,
}

/// An exchange without its bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingExchange {
    /// Its number.
    pub id: i64,
    /// When its run began.
    pub run: Timestamp,
    /// The request, without its body.
    pub request: Request,
    /// The request's body.
    pub request_body: Option<StoredFile>,
    /// Whether the user's own login went with it.
    pub login: bool,
    /// Redirects, then the last answer, where one came.
    pub answers: Vec<OutgoingAnswer>,
    /// Why no last answer came.
    pub error: Option<FetchError>,
    /// When the request left.
    pub started_at: Timestamp,
    /// In milliseconds.
    pub elapsed_ms: u64,
}

impl Outgoing<'_> {
    /// One exchange.
    ///
    /// # Errors
    /// Where the archive cannot be read, or does not hold it.
    pub fn exchange(&self, id: i64) -> Result<OutgoingExchange, StoreError> {
        self.query(&format!("read exchange {id}"), |connection| exchange(connection, id))
    }
}

fn exchange(connection: &Connection, id: i64) -> rusqlite::Result<OutgoingExchange> {
    let (mut exchange, last) = connection
        .prepare_cached(
            "SELECT e.*, r.started_at AS run_started_at FROM exchanges e JOIN runs r ON r.id = e.run WHERE e.id = ?1",
        )?
        .query_row([id], |row| {
            let error: Option<Json<FetchError>> = row.get("error")?;
            let last = match error {
                Some(_) => None,
                None => Some(OutgoingAnswer {
                    url: url(row, "answered_url")?,
                    status: row.get("status")?,
                    headers: row.get::<_, Json<Headers>>("response_headers")?.0,
                    body: body(connection, row, "body")?,
                }),
            };
            let exchange = OutgoingExchange {
                id,
                run: row.get::<_, At>("run_started_at")?.0,
                request: Request {
                    method: row.get("method")?,
                    url: url(row, "url")?,
                    headers: row.get::<_, Json<Headers>>("request_headers")?.0,
                    body: None,
                    follow: row.get("follow")?,
                    max_bytes: row.get::<_, Option<i64>>("max_bytes")?.map(counted),
                    login: None,
                    robots: false,
                },
                request_body: body(connection, row, "request_body")?,
                login: row.get("login")?,
                answers: Vec::new(),
                error: error.map(|Json(error)| error),
                started_at: row.get::<_, At>("started_at")?.0,
                elapsed_ms: counted(row.get("elapsed_ms")?),
            };
            Ok((exchange, last))
        })?;
    let mut hops = connection
        .prepare_cached("SELECT url, status, headers, body FROM exchange_hops WHERE exchange = ?1 ORDER BY position")?;
    let hops = hops.query_map([id], |row| {
        Ok(OutgoingAnswer {
            url: url(row, "url")?,
            status: row.get("status")?,
            headers: row.get::<_, Json<Headers>>("headers")?.0,
            body: body(connection, row, "body")?,
        })
    })?;
    exchange.answers = hops.collect::<rusqlite::Result<_>>()?;
    exchange.answers.extend(last);
    Ok(exchange)
}

fn body(connection: &Connection, row: &Row<'_>, column: &str) -> rusqlite::Result<Option<StoredFile>> {
    let blob: Option<i64> = row.get(column)?;
    let file = blob.map(|blob| stored(connection, blob)).transpose()?;
    Ok(file.flatten())
}
