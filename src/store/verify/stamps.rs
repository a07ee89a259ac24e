//! Time stamps: each is one, of the run that it stands with; and, where the user names authorities, signed by one of them.

use super::{Check, Verified};
use crate::{
    merkle,
    stamp::{self, Authorities},
    store::columns::At,
};
use rusqlite::Connection;

pub(super) fn stamps(
    connection: &Connection,
    check: &mut Check<'_>,
    verified: &mut Verified,
    authorities: Option<&Authorities>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT s.id, s.run, s.stamped_at, s.token, r.digest FROM stamps s LEFT JOIN runs r ON r.id = s.run ORDER BY s.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        verified.stamps += 1;
        let (id, run): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (stated, digest) = (row.get::<_, At>(2).ok(), row.get::<_, Option<String>>(4)?);
        let der = row.get_ref(3)?.as_bytes()?;
        match stamp::token(der) {
            Err(why) => check.fault("stamps", Some(id), why),
            Ok(token) if Some(merkle::hex(&token.imprint)) != digest => {
                check.fault("stamps", Some(id), format!("it does not stamp the run {run}"));
            }
            Ok(token) if stated.is_none_or(|At(stated)| !token.is_of(stated)) => {
                check.fault("stamps", Some(id), format!("its token says {}", token.at));
            }
            Ok(_) => {}
        }
        if let Some(authorities) = authorities {
            verified.signatures += 1;
            if let Err(why) = stamp::verify(der, authorities) {
                check.fault("stamps", Some(id), format!("the stamp of the run {run}: {why}"));
            }
        }
    }
    Ok(())
}
