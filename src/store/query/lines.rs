//! Posts by the line: enough of each to know it again.

use super::view::instant;
use crate::{
    model::PostLine,
    store::{
        columns::{Word, counted},
        query::content::read_post_ref,
    },
    words::shortened,
};
use rusqlite::{Connection, Params};

/// Characters of a post's text in a list.
const MAX_TEXT: usize = 480;

/// The posts `p` (with their shown snapshots `s`) that `which` names: conditions, order and limit of a statement of ours.
pub(super) fn lines(connection: &Connection, which: &str, parameters: impl Params) -> rusqlite::Result<Vec<PostLine>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT p.platform, p.post_id, p.url, p.state, p.state_since, p.via, p.captured_at, s.author_name, \
           coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, s.published, \
           substr(s.text, 1, {MAX_TEXT} + 1) AS text, s.lang, s.warning, \
           (SELECT count(*) FROM snapshot_media m WHERE m.snapshot = s.id AND m.part = 'media' AND m.kind <> 'poster') AS files \
         FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot WHERE {which}"
    ))?;
    let lines = statement.query_map(parameters, |row| {
        let text: Option<String> = row.get("text")?;
        Ok(PostLine {
            post: read_post_ref(row)?,
            state: row.get::<_, Word<_>>("state")?.0,
            state_since: instant(row, "state_since")?,
            via: row.get::<_, Option<Word<_>>>("via")?.map(|Word(via)| via),
            captured_at: instant(row, "captured_at")?,
            author_name: row.get("author_name")?,
            author_handle: row.get("author_handle")?,
            published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
            text: text.map(|text| shortened(&text, MAX_TEXT)),
            lang: row.get("lang")?,
            warning: row.get("warning")?,
            files: counted(row.get("files")?),
        })
    })?;
    lines.collect()
}
