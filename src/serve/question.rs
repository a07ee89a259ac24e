//! A list's address read: the filters, the part, and what is wrong with either, said to whoever wrote it.

use super::error::OwnPage;
use crate::{
    model::{Mark, Part, Start},
    render::room::Asked,
    store::{Filter, StoreError, given},
};
use axum::{Extension, http::StatusCode, response::Html};
use jiff::Zoned;
use url::form_urlencoded;

/// Records that a page's number may skip, where the list can go on behind a record instead: skipping reads all of them.
const MAX_SKIPPED: u64 = 10_000;

/// Longest words of one filter, in characters: nobody writes more.
const MAX_WORDS: usize = 4_000;

/// A page that says by its status whether its question could be answered.
pub(super) type Page = (StatusCode, Extension<OwnPage>, Html<String>);

/// A question as it was read.
pub(super) struct Question {
    /// As the page repeats it.
    pub(super) asked: Asked,
    pub(super) filter: Filter,
    start: Option<Start>,
}

impl Question {
    /// Reads the question of the list at `path`; of its names, those of `names` count. What is written twice counts once.
    pub(super) fn read(path: &str, query: Option<&str>, names: &[&'static str]) -> Self {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        let written = |name: &str| {
            let words = pairs.iter().filter(|(known, _)| known == name).map(|(_, words)| words.trim());
            words.into_iter().find(|words| !words.is_empty())
        };
        let mut asked = Asked { path: path.to_owned(), page: 1, ..Asked::default() };
        let (mut filter, now) = (Filter::default(), Zoned::now());
        for name in names {
            let Some(words) = written(name) else { continue };
            if words.chars().nth(MAX_WORDS).is_some() {
                asked.wrong.push((name, format!("it is longer than {MAX_WORDS} characters")));
                continue;
            }
            asked.words.push((name, words.to_owned()));
            if given::NAMES.contains(name)
                && let Err(why) = filter.narrow(name, words, &now)
            {
                asked.wrong.push((name, why));
            }
        }
        let mut question = Self { asked, filter, start: None };
        question.place(written("page"), written("after"), written("before"));
        question
    }

    fn place(&mut self, page: Option<&str>, after: Option<&str>, before: Option<&str>) {
        match page.map(str::parse).transpose() {
            Ok(page) => self.asked.page = page.unwrap_or(1).max(1),
            Err(_) => self.asked.wrong.push(("page", "a page is a number from 1".to_owned())),
        }
        let mark = |text: &str| text.parse::<Mark>();
        match (after.map(mark).transpose(), before.map(mark).transpose()) {
            (Ok(Some(mark)), _) => self.start = Some(Start::After(mark)),
            (Ok(None), Ok(Some(mark))) => self.start = Some(Start::Before(mark)),
            (Ok(None), Ok(None)) => {}
            (Err(why), _) | (_, Err(why)) => self.asked.wrong.push(("page", why)),
        }
    }

    /// What was written for one of the names.
    pub(super) fn of(&self, name: &str) -> Option<&str> {
        self.asked.words.iter().find(|(known, _)| *known == name).map(|(_, words)| words.as_str())
    }

    /// The part that is asked for, of a list that goes on behind a record.
    pub(super) fn marked_part(&mut self, size: usize) -> Part {
        let numbered = self.numbered_part(size);
        let start = self.start.clone().unwrap_or(numbered.start);
        if matches!(start, Start::Skip(skip) if skip > MAX_SKIPPED) {
            let why =
                format!("only the first {MAX_SKIPPED} can be leapt over; go on from page to page, or narrow the list");
            self.asked.wrong.push(("page", why));
        }
        Part { size, start }
    }

    /// The part that is asked for, of a list whose parts are numbered.
    pub(super) fn numbered_part(&self, size: usize) -> Part {
        let skip = (self.asked.page - 1).saturating_mul(u64::try_from(size).unwrap_or(u64::MAX));
        Part { size, start: if skip == 0 { Start::First } else { Start::Skip(skip) } }
    }

    /// Whether it can be answered.
    pub(super) fn is_right(&self) -> bool {
        self.asked.wrong.is_empty()
    }

    /// What the archive answers; `none` where the question can't be answered, or the archive finds that it can't.
    pub(super) fn answer<T>(
        &mut self,
        none: T,
        ask: impl FnOnce(&Filter) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.is_right() {
            return Ok(none);
        }
        match ask(&self.filter) {
            Err(StoreError::Sort { known, .. }) => {
                self.asked.wrong.push(("sort", format!("known orders: {known}; a leading - turns one round")));
                Ok(none)
            }
            answer => answer,
        }
    }

    /// The page, with the status that says whether its question could be answered.
    pub(super) fn page(&self, html: String) -> Page {
        let status = if self.is_right() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        (status, Extension(OwnPage), Html(html))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Question {
        Question::read("/posts", Some(query), &given::NAMES)
    }

    #[test]
    fn filters_are_read_as_the_command_line_reads_them() {
        let question =
            read("platform=twitter&author=%40a%20b&since=2024-08-11T00:00Z&state=&via=+&sort=-captured&other=1");
        assert!(question.is_right());
        assert_eq!(question.filter.author.as_deref(), Some("a b"));
        assert_eq!(question.filter.since.unwrap().to_string(), "2024-08-11T00:00:00Z");
        assert_eq!((question.filter.state, question.filter.via), (None, None));
        assert_eq!(question.asked.words.len(), 4);
        assert_eq!(read("state=&state=live&state=deleted").of("state"), Some("live"));
    }

    #[test]
    fn what_cannot_be_asked_is_said_and_nothing_panics() {
        for (query, name) in [
            ("state=colour", "state"),
            ("via=pigeon", "via"),
            ("platform=twiter", "platform"),
            ("since=soon", "since"),
            ("until=2024-13-99", "until"),
            ("page=x", "page"),
            ("page=-1", "page"),
            ("after=x", "page"),
            ("before=~", "page"),
        ] {
            let question = read(query);
            assert_eq!(question.asked.wrong.first().map(|(name, _)| *name), Some(name), "{query}");
        }
        assert!(!read(&format!("author={}", "a".repeat(5_000))).is_right());
        for odd in ["", "&&&=&", "%", "%ff=%fe", "=x", "page=0", "page=18446744073709551615", "\u{0}", "a[]=b"] {
            let _ = read(odd).marked_part(50);
        }
        let mut far = read("page=100000");
        far.marked_part(50);
        assert!(!far.is_right());
        let mut marked = read("page=100000&after=12~2026-01-01");
        assert_eq!(marked.marked_part(50).start, Start::After("12~2026-01-01".parse().unwrap()));
        assert!(marked.is_right());
    }
}
