//! Time stamps: each is one, of the run that it stands with. Whether its signature is one of an authority that you trust is for
//! `openssl ts -verify` to say, as `docs/trust.md` shows.

use super::Check;
use crate::{merkle, stamp, store::columns::At};
use rusqlite::Connection;

pub(super) fn stamps(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT s.id, s.run, s.stamped_at, s.token, r.digest FROM stamps s LEFT JOIN runs r ON r.id = s.run ORDER BY s.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, run): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (stated, digest) = (row.get::<_, At>(2).ok(), row.get::<_, Option<String>>(4)?);
        match stamp::token(row.get_ref(3)?.as_blob()?) {
            Err(why) => check.fault("stamps", Some(id), why),
            Ok(token) if Some(merkle::hex(&token.imprint)) != digest => {
                check.fault("stamps", Some(id), format!("it does not stamp the run {run}"));
            }
            Ok(token) if stated.is_none_or(|At(stated)| stated != token.at) => {
                check.fault("stamps", Some(id), format!("its token says {}", token.at));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}
