//! What a program asks of the records and of the feeds: the filters of the command line, and the parts of long lists.

use super::error::Problem;
use crate::store::Filter;
use jiff::Zoned;

/// What an address asks for behind its `?`: names and words, in their order.
pub(super) type Pairs = Vec<(String, String)>;

/// Names and words, taken one after the other; what nobody has taken in the end is unknown.
pub(super) struct Asked {
    pairs: Pairs,
    /// What may be asked here, for those who ask for something else.
    known: Vec<&'static str>,
}

impl Asked {
    pub(super) fn new(pairs: Pairs) -> Self {
        Self { pairs, known: Vec::new() }
    }

    /// The words of one name; none where they are missing or nothing but space.
    ///
    /// # Errors
    /// It is asked twice.
    pub(super) fn take(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.known.push(name);
        let mut found = None;
        let mut twice = false;
        self.pairs.retain(|(asked, words)| {
            if asked != name {
                return true;
            }
            twice |= found.replace(words.trim().to_owned()).is_some();
            false
        });
        if twice {
            return Err(Problem::Unclear(format!("`{name}` is asked twice; once is understood.")));
        }
        Ok(found.filter(|words| !words.is_empty()))
    }

    /// A whole number of one name, of no more than `most`.
    ///
    /// # Errors
    /// It is none, or too large.
    pub(super) fn number(&mut self, name: &'static str, most: usize) -> Result<Option<usize>, Problem> {
        let Some(words) = self.take(name)? else { return Ok(None) };
        match words.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(Problem::Unclear(format!("`{name}` is a whole number from 1 to {most}; {words:?} is none."))),
        }
    }

    /// The filters of these names.
    ///
    /// # Errors
    /// One is not understood: its name, and what may be written.
    pub(super) fn filter(&mut self, names: &[&'static str]) -> Result<Filter, Problem> {
        let (mut filter, now) = (Filter::default(), Zoned::now());
        for name in names.iter().copied() {
            if let Some(words) = self.take(name)? {
                let narrowed = filter.narrow(name, &words, &now);
                narrowed.map_err(|why| Problem::Unclear(format!("`{name}={words}` is not understood: {why}.")))?;
            }
        }
        Ok(filter)
    }

    /// That nothing else is asked: a misspelt filter must not show everything.
    ///
    /// # Errors
    /// Something is.
    pub(super) fn end(self) -> Result<(), Problem> {
        match self.pairs.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => {
                let known = self.known.join("`, `");
                Err(Problem::Unclear(format!("There is no `{name}` here. What can be asked: `{known}`.")))
            }
        }
    }
}

/// An address with what it asks for, percent-encoded.
pub(super) fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
