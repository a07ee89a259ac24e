//! What is plotted: read from counts that triggers keep, so that a million posts cost no more than a thousand.

use crate::{
    model::{Age, AgeCount, CaptureCount, Fates, Figures, MediaSum, PlatformFates, SizeOn, State, Step},
    store::{
        Store, StoreError,
        columns::{Word, counted},
    },
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;

/// A day before this one is a mistake of somebody's clock: there was no web.
const FIRST_DAY: &str = "1990-01-01";

impl Store {
    /// Counts over time, by age, by platform, by kind, as they are at `now`. Rows whose days are no days (an archive may
    /// come from a stranger) are left out.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn figures(&self, now: Timestamp) -> Result<Figures, StoreError> {
        let today = now.to_zoned(TimeZone::UTC).date();
        self.read("count what is plotted", |connection| {
            let step = step(connection, today)?;
            let (ages, ageless) = ages(connection, today)?;
            Ok(Figures {
                step,
                captures: captures(connection, step)?,
                ages,
                ageless,
                platforms: platforms(connection)?,
                sizes: sizes(connection)?,
                media: media(connection)?,
            })
        })
    }
}

/// As long as the days from the first capture to today ask for.
fn step(connection: &Connection, today: Date) -> rusqlite::Result<Step> {
    let first: Option<String> = connection
        .prepare_cached("SELECT min(day) FROM capture_tallies WHERE posts > 0 AND day >= ?1")?
        .query_row([FIRST_DAY], |row| row.get(0))?;
    let first = first.and_then(|day| day.parse().ok()).unwrap_or(today);
    Ok(Step::of(first, today.max(first)))
}

fn captures(connection: &Connection, step: Step) -> rusqlite::Result<Vec<CaptureCount>> {
    let start = match step {
        Step::Day => "day",
        Step::Week => "date(day, '-6 days', 'weekday 1')",
        Step::Month => "substr(day, 1, 7) || '-01'",
        Step::Year => "substr(day, 1, 4) || '-01-01'",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {start} AS start, platform, sum(posts) AS posts FROM capture_tallies WHERE posts > 0 GROUP BY 1, 2"
    ))?;
    let counts = statement.query_map([], |row| {
        let start = row.get::<_, Option<String>>("start")?.and_then(|day| day.parse().ok());
        let (platform, posts) = (row.get("platform")?, counted(row.get("posts")?));
        Ok(start.map(|start| CaptureCount { start, platform, posts }))
    })?;
    counts.filter_map(Result::transpose).collect()
}

/// Posts by age, and those of no age: without a day of publication, or with one that is still to come.
fn ages(connection: &Connection, today: Date) -> rusqlite::Result<(Vec<AgeCount>, Fates)> {
    let mut ages = Age::ALL.map(|age| AgeCount { age, fates: Fates::default() });
    let mut ageless = Fates::default();
    let earliest = Age::ALL.map(|age| age.earliest(today));
    let mut statement = connection.prepare_cached("SELECT published, state, posts FROM age_tallies WHERE posts > 0")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let published: Option<Date> = row.get_ref("published")?.as_str()?.parse().ok();
        // The clocks of platforms and of this machine need not agree to the day.
        let tomorrow = today.tomorrow().unwrap_or(today);
        let published = published.filter(|day| *day <= tomorrow && day.year() >= 1990);
        let at = published.and_then(|day| earliest.iter().position(|earliest| earliest.is_none_or(|from| day >= from)));
        let fates = match at.and_then(|at| ages.get_mut(at)) {
            Some(age) => &mut age.fates,
            None => &mut ageless,
        };
        add(fates, row)?;
    }
    Ok((ages.to_vec(), ageless))
}

fn platforms(connection: &Connection) -> rusqlite::Result<Vec<PlatformFates>> {
    let mut statement = connection.prepare_cached("SELECT platform, state, posts FROM post_tallies WHERE posts > 0")?;
    let mut rows = statement.query([])?;
    let mut platforms: BTreeMap<String, Fates> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        add(platforms.entry(row.get("platform")?).or_default(), row)?;
    }
    let mut platforms: Vec<_> =
        platforms.into_iter().map(|(platform, fates)| PlatformFates { platform, fates }).collect();
    platforms.sort_by_key(|one| std::cmp::Reverse(one.fates.posts()));
    Ok(platforms)
}

/// A row's `posts` of its `state`, to the others.
fn add(fates: &mut Fates, row: &Row<'_>) -> rusqlite::Result<()> {
    let posts = counted(row.get("posts")?);
    let count = match row.get::<_, Word<State>>("state")?.0 {
        State::Live => &mut fates.live,
        State::Deleted => &mut fates.deleted,
        State::AccountDeleted => &mut fates.account_deleted,
        State::Suspended => &mut fates.suspended,
        State::Private | State::LoginRequired | State::AgeRestricted | State::GeoBlocked | State::Unavailable => {
            &mut fates.withheld
        }
        State::Unknown => &mut fates.unknown,
    };
    *count = count.saturating_add(posts);
    Ok(())
}

/// The size after each day's last run.
fn sizes(connection: &Connection) -> rusqlite::Result<Vec<SizeOn>> {
    let mut statement = connection.prepare_cached(
        "SELECT substr(max(finished_at), 1, 10) AS day, archive_bytes FROM runs \
         WHERE finished_at IS NOT NULL AND archive_bytes > 0 AND finished_at >= ?1 GROUP BY substr(finished_at, 1, 10)",
    )?;
    let sizes = statement.query_map([FIRST_DAY], |row| {
        let day = row.get::<_, String>("day")?.parse().ok();
        let bytes = counted(row.get("archive_bytes")?);
        Ok(day.map(|day| SizeOn { day, bytes }))
    })?;
    sizes.filter_map(Result::transpose).collect()
}

fn media(connection: &Connection) -> rusqlite::Result<Vec<MediaSum>> {
    let mut statement = connection
        .prepare_cached("SELECT kind, files, bytes FROM media_tallies WHERE files > 0 ORDER BY bytes DESC, kind")?;
    let sums = statement.query_map([], |row| {
        Ok(MediaSum { kind: row.get("kind")?, files: counted(row.get("files")?), bytes: counted(row.get("bytes")?) })
    })?;
    sums.collect()
}
