//! Parts of lists of any length. A part goes on behind a record, not at a number: it costs the same at any depth, and what
//! is captured meanwhile moves nothing.
//!
//! Where a filter leaves few records, those are gathered and sorted; else the list is walked in its order, which is quick
//! where an index has that order and reads every row where none has. The figures are in `docs/viewer.md`.

use super::filter::{Filter, Named};
use crate::{
    model::{Listed, Mark, Part, Start, Total},
    store::columns::counted,
};
use rusqlite::{
    Connection, ToSql,
    types::{ToSqlOutput, Value},
};

/// So many records are gathered and sorted in a few milliseconds, and counted exactly; more are walked.
pub(super) const FEW: u64 = 20_000;

/// Counting stops here where only walking tells how many there are.
pub(super) const MAX_COUNTED: u64 = 10_000;

/// A list's sort order: what it sorts by, and the number that parts equal ones.
pub(super) struct Sort {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    pub(super) tie: &'static str,
    /// Downwards, unless the filter turns it round.
    pub(super) down: bool,
    /// The key is a number.
    pub(super) number: bool,
}

/// A sort order and its direction.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) sort: &'static Sort,
    pub(super) down: bool,
}

impl Order {
    /// For `ORDER BY`.
    pub(super) fn by(self) -> String {
        let direction = if self.down { "DESC" } else { "ASC" };
        format!("{} {direction}, {} {direction}", self.sort.key, self.sort.tie)
    }

    fn turned(self, round: bool) -> Self {
        Self { down: self.down != round, ..self }
    }

    /// What holds of the rows behind a mark: one condition, or two, to be asked one after the other. Nothing to sort by
    /// comes before everything, upwards.
    fn behind(self, mark: &Mark) -> &'static [Behind] {
        match (self.down, &mark.value) {
            (false, None) => &[Behind::EmptyAndLater, Behind::NotEmpty],
            (false, Some(_)) => &[Behind::Later],
            (true, None) => &[Behind::EmptyAndLater],
            (true, Some(_)) => &[Behind::Later, Behind::Empty],
        }
    }

    fn condition(self, behind: Behind) -> String {
        let Sort { key, tie, .. } = self.sort;
        let later = if self.down { '<' } else { '>' };
        match behind {
            Behind::All => "1".to_owned(),
            Behind::Later => format!("({key}, {tie}) {later} (:key, :tie)"),
            Behind::Empty => format!("{key} IS NULL"),
            Behind::NotEmpty => format!("{key} IS NOT NULL"),
            Behind::EmptyAndLater => format!("{key} IS NULL AND {tie} {later} :tie"),
        }
    }
}

#[derive(Clone, Copy)]
enum Behind {
    All,
    Later,
    Empty,
    NotEmpty,
    EmptyAndLater,
}

/// A list that is read in parts: its rows are numbered, and a filter narrows it.
pub(super) struct List<'a> {
    /// `FROM`, with the aliases that order and conditions name.
    pub(super) from: String,
    /// `WHERE`.
    pub(super) fits: String,
    pub(super) order: Order,
    pub(super) named: Named<'a>,
}

impl List<'_> {
    /// The numbers of the records of a part, with the marks around it. The total is left for [`List::count`].
    pub(super) fn part(&self, connection: &Connection, part: &Part) -> rusqlite::Result<Listed<i64>> {
        self::part(connection, std::slice::from_ref(self), part)
    }

    /// How many records the list has, counted as far as `limit`.
    pub(super) fn count(&self, connection: &Connection, limit: u64) -> rusqlite::Result<Total> {
        let Self { from, fits, .. } = self;
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {fits} LIMIT {})", limit.saturating_add(1));
        let mut statement = connection.prepare_cached(&sql)?;
        let named = self.named.of(&statement)?;
        let found = statement.query_row(named.as_slice(), |row| row.get(0)).map(counted)?;
        Ok(Total::counted_to(limit, found))
    }

    fn rows(
        &self,
        connection: &Connection,
        order: Order,
        behind: Behind,
        mark: Option<&Mark>,
        limit: usize,
        skip: u64,
    ) -> rusqlite::Result<Vec<Mark>> {
        let Self { from, fits, .. } = self;
        let Sort { key, tie, number, .. } = order.sort;
        let (condition, by) = (order.condition(behind), order.by());
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {tie}, CAST({key} AS TEXT) FROM {from} WHERE {fits} AND {condition} ORDER BY {by} LIMIT :limit OFFSET :skip"
        ))?;
        let value = mark.and_then(|mark| mark.value.as_deref());
        let value = Key { value, number: *number };
        let (id, limit) = (mark.map(|mark| mark.id), i64::try_from(limit).unwrap_or(i64::MAX));
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let named = self.named.with(&[(":key", &value), (":tie", &id), (":limit", &limit), (":skip", &skip)]);
        let named = named.of(&statement)?;
        let rows = statement.query_map(named.as_slice(), |row| Ok(Mark { id: row.get(0)?, value: row.get(1)? }))?;
        rows.collect()
    }
}

/// The numbers of the records of a part of several lists as one, with the marks around it: lists of one order and direction,
/// each of which is walked no further than the part goes. What stands in more than one of them is there once.
pub(super) fn part(connection: &Connection, lists: &[List<'_>], part: &Part) -> rusqlite::Result<Listed<i64>> {
    let wanted = part.size.saturating_add(1);
    let (backwards, mut rows) = match &part.start {
        Start::First => (false, merged(connection, lists, false, Behind::All, None, wanted, 0)?),
        Start::Skip(skip) => (false, merged(connection, lists, false, Behind::All, None, wanted, *skip)?),
        Start::After(mark) => (false, beyond(connection, lists, false, mark, wanted)?),
        Start::Before(mark) => (true, beyond(connection, lists, true, mark, wanted)?),
    };
    let more = rows.len() > part.size;
    rows.truncate(part.size);
    if backwards {
        rows.reverse();
    }
    let others_before = match &part.start {
        Start::First => false,
        Start::Skip(skip) => *skip > 0,
        Start::After(_) => true,
        Start::Before(_) => more,
    };
    Ok(Listed {
        before: rows.first().filter(|_| others_before).cloned(),
        after: rows.last().filter(|_| backwards || more).cloned(),
        records: rows.into_iter().map(|mark| mark.id).collect(),
        total: Total::Exactly(0),
        damaged: Vec::new(),
    })
}

fn beyond(
    connection: &Connection,
    lists: &[List<'_>],
    backwards: bool,
    mark: &Mark,
    wanted: usize,
) -> rusqlite::Result<Vec<Mark>> {
    let mut rows = Vec::new();
    let Some(first) = lists.first() else { return Ok(rows) };
    for behind in first.order.turned(backwards).behind(mark) {
        let left = wanted.saturating_sub(rows.len());
        if left > 0 {
            rows.extend(merged(connection, lists, backwards, *behind, Some(mark), left, 0)?);
        }
    }
    Ok(rows)
}

fn merged(
    connection: &Connection,
    lists: &[List<'_>],
    backwards: bool,
    behind: Behind,
    mark: Option<&Mark>,
    limit: usize,
    skip: u64,
) -> rusqlite::Result<Vec<Mark>> {
    if let [list] = lists {
        return list.rows(connection, list.order.turned(backwards), behind, mark, limit, skip);
    }
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let (mut rows, mut down) = (Vec::new(), false);
    for list in lists {
        let order = list.order.turned(backwards);
        down = order.down;
        rows.extend(list.rows(connection, order, behind, mark, limit.saturating_add(skip), 0)?);
    }
    rows.sort_unstable_by(|a, b| (&a.value, a.id).cmp(&(&b.value, b.id)));
    if down {
        rows.reverse();
    }
    rows.dedup_by_key(|mark| mark.id);
    Ok(rows.into_iter().skip(skip).take(limit).collect())
}

/// The records of these numbers, and the numbers of those that are damaged, where a reader is shown all others; else the first
/// of them is the error.
pub(super) fn records<T>(
    connection: &Connection,
    numbers: &[i64],
    leave_out: bool,
    read: fn(&Connection, i64) -> rusqlite::Result<T>,
) -> rusqlite::Result<(Vec<T>, Vec<i64>)> {
    let (mut records, mut damaged) = (Vec::with_capacity(numbers.len()), Vec::new());
    for number in numbers {
        match read(connection, *number) {
            Ok(record) => records.push(record),
            Err(error) if leave_out && is_damage(&error) => damaged.push(*number),
            Err(error) => return Err(error),
        }
    }
    Ok((records, damaged))
}

/// Whether a row holds what embalm never writes there: an unknown word, no address, no text.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows
    )
}

/// A mark's value as the column has it: a number is no text.
struct Key<'a> {
    value: Option<&'a str>,
    number: bool,
}

impl ToSql for Key<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.value {
            Some(value) if self.number => ToSqlOutput::Owned(Value::Integer(value.parse().unwrap_or(0))),
            Some(value) => value.into(),
            None => ToSqlOutput::Owned(Value::Null),
        })
    }
}

/// A filter by whether it is asked for, with the numbers of what it alone leaves as a sub-select.
pub(super) type Narrowing = (fn(&Filter) -> bool, &'static str);

/// The first of `starts` that a filter names and that leaves few records, as a sub-select of their numbers.
pub(super) fn few(
    connection: &Connection,
    filter: &Filter,
    named: &Named<'_>,
    starts: &[Narrowing],
) -> rusqlite::Result<Option<&'static str>> {
    for (asked, numbers) in starts {
        if !asked(filter) {
            continue;
        }
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ({numbers}) LIMIT {})", FEW + 1);
        let mut statement = connection.prepare_cached(&sql)?;
        let named = named.of(&statement)?;
        if statement.query_row(named.as_slice(), |row| row.get(0)).map(counted)? <= FEW {
            return Ok(Some(numbers));
        }
    }
    Ok(None)
}
