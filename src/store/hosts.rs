//! Hosts as politeness knows them from one run to the next: until when each is left alone, and its robots.txt.

use super::{Store, StoreError, columns::At};
use crate::model::{HostRecord, RobotsRecord};
use rusqlite::OptionalExtension;

impl Store {
    /// What is known of a host.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn host(&self, host: &str) -> Result<Option<HostRecord>, StoreError> {
        self.read("read what is known of a host", |connection| {
            connection
                .prepare_cached(
                    "SELECT rests_until, why, failures, rests, hour_from, asked FROM hosts WHERE host = ?1",
                )?
                .query_row([host], |row| {
                    Ok(HostRecord {
                        rests_until: row.get::<_, Option<At>>(0)?.map(|At(at)| at),
                        why: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                        failures: row.get(2)?,
                        rests: row.get(3)?,
                        hour_from: row.get::<_, Option<At>>(4)?.map(|At(at)| at),
                        asked: row.get(5)?,
                    })
                })
                .optional()
        })
    }

    /// Keeps what is known of a host now.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn keep_host(&mut self, host: &str, known: &HostRecord) -> Result<(), StoreError> {
        self.write("keep what is known of a host", |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO hosts (host, rests_until, why, failures, rests, hour_from, asked) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (host) DO UPDATE SET \
                     rests_until = excluded.rests_until, why = excluded.why, failures = excluded.failures, \
                     rests = excluded.rests, hour_from = excluded.hour_from, asked = excluded.asked",
                )?
                .execute((
                    host,
                    known.rests_until.map(At),
                    Some(&known.why).filter(|why| !why.is_empty()),
                    known.failures,
                    known.rests,
                    known.hour_from.map(At),
                    known.asked,
                ))?;
            Ok(())
        })
    }

    /// What is known of the robots.txt of an origin, such as `https://news.example`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn robots(&self, origin: &str) -> Result<Option<RobotsRecord>, StoreError> {
        self.read("read a robots.txt", |connection| {
            connection
                .prepare_cached("SELECT asked_at, status, body, unreachable_since FROM robots WHERE origin = ?1")?
                .query_row([origin], |row| {
                    Ok(RobotsRecord {
                        asked_at: row.get::<_, At>(0)?.0,
                        status: row.get(1)?,
                        body: row.get(2)?,
                        unreachable_since: row.get::<_, Option<At>>(3)?.map(|At(at)| at),
                    })
                })
                .optional()
        })
    }

    /// Keeps what is known of the robots.txt of an origin now.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn keep_robots(&mut self, origin: &str, known: &RobotsRecord) -> Result<(), StoreError> {
        self.write("keep a robots.txt", |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO robots (origin, asked_at, status, body, unreachable_since) VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (origin) DO UPDATE SET asked_at = excluded.asked_at, status = excluded.status, \
                     body = excluded.body, unreachable_since = excluded.unreachable_since",
                )?
                .execute((
                    origin,
                    At(known.asked_at),
                    known.status,
                    &known.body,
                    known.unreachable_since.map(At),
                ))?;
            Ok(())
        })
    }
}
