//! The filters of the reading commands, written in one way everywhere.

use crate::{
    commands::{Failure, completions::candidates},
    model::{State, Via},
    store::{Filter, given},
};
use clap_complete::ArgValueCompleter;
use jiff::{Timestamp, Zoned};

/// Filters, the same on every listing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct FilterArgs {
    /// Only this platform, such as twitter
    #[arg(long, value_name = "PLATFORM", value_parser = given::platform, add = ArgValueCompleter::new(candidates::platforms))]
    pub platform: Option<String>,
    /// Only posts of this author (handle, with or without @)
    #[arg(long, value_name = "HANDLE", add = ArgValueCompleter::new(candidates::authors))]
    pub author: Option<String>,
    /// Only of this site (the article's host)
    #[arg(long, value_name = "HOST", add = ArgValueCompleter::new(candidates::sites))]
    pub site: Option<String>,
    /// Only in this state: live, deleted, account_deleted, suspended, private, login_required, age_restricted,
    /// geo_blocked, unavailable, unknown
    #[arg(long, value_name = "STATE", value_parser = given::state, add = ArgValueCompleter::new(candidates::states))]
    pub state: Option<State>,
    /// Only from this rung: api, syndication, oembed, embed_page, page_meta, memento, import, quoted
    #[arg(long, value_name = "VIA", value_parser = given::via, add = ArgValueCompleter::new(candidates::vias))]
    pub via: Option<Via>,
    /// Captured since then: 2024-08-11, 2024-08, 2024, yesterday, last monday, 3d, "2 weeks ago", 2024-08-11T20:15:00Z
    #[arg(long, value_name = "TIME", value_parser = since, add = ArgValueCompleter::new(candidates::times))]
    pub since: Option<Timestamp>,
    /// Captured until then, all of a day, a month or a year included
    #[arg(long, value_name = "TIME", value_parser = until, add = ArgValueCompleter::new(candidates::times))]
    pub until: Option<Timestamp>,
    /// Only of this article (URL, name or number)
    #[arg(long, value_name = "ARTICLE", add = ArgValueCompleter::new(candidates::articles))]
    pub article: Option<String>,
    /// Only in this language (BCP 47)
    #[arg(long, value_name = "LANG")]
    pub lang: Option<String>,
    /// Only with this label (of the source that names the article)
    #[arg(long, value_name = "LABEL", add = ArgValueCompleter::new(candidates::labels))]
    pub label: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Order, such as captured (newest first, the default); a leading - turns it round
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
}

/// Reads `--since`. Days are those of the user's own time zone.
pub(in crate::commands) fn since(words: &str) -> Result<Timestamp, String> {
    given::since(words, &Zoned::now())
}

/// Reads `--until`.
pub(in crate::commands) fn until(words: &str) -> Result<Timestamp, String> {
    given::until(words, &Zoned::now())
}

impl FilterArgs {
    /// Whether any of them is given.
    pub(in crate::commands) fn is_set(&self) -> bool {
        self.filter() != Filter::default()
    }

    /// That none but these is given: a filter that can't narrow what is asked for must not be passed over in silence.
    pub(in crate::commands) fn only(&self, asked: &str, taken: &[&str]) -> Result<(), Failure> {
        let others: Vec<String> =
            self.given().into_iter().map(|(name, _)| name).filter(|name| !taken.contains(name)).map(flag).collect();
        if others.is_empty() {
            return Ok(());
        }
        let taken: Vec<String> = taken.iter().map(|name| flag(name)).collect();
        Err(Failure::usage(format!(
            "{asked} cannot be narrowed by {}: it takes {}",
            others.join(" or "),
            taken.join(", ")
        )))
    }

    /// What they leave, in words: as they were given.
    pub(in crate::commands) fn words(&self) -> String {
        let given: Vec<_> = self
            .given()
            .into_iter()
            .filter(|(name, _)| *name != "sort")
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        if given.is_empty() { "everything".to_owned() } else { given.join(", ") }
    }

    /// Those that are given, by their names, with what they say.
    fn given(&self) -> Vec<(&'static str, String)> {
        let filter = self.filter();
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let parts = [
            ("platform", filter.platform),
            ("author", filter.author),
            ("site", filter.site),
            ("state", filter.state.map(|state| state.as_str().to_owned())),
            ("via", filter.via.map(|via| via.as_str().to_owned())),
            ("since", time(filter.since)),
            ("until", time(filter.until)),
            ("article", filter.article),
            ("lang", filter.lang),
            ("label", filter.label),
            ("limit", filter.limit.map(|limit| limit.to_string())),
            ("sort", filter.sort),
        ];
        parts.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
    }

    /// As the store takes them.
    pub(in crate::commands) fn filter(&self) -> Filter {
        Filter {
            platform: self.platform.clone(),
            author: self.author.as_ref().map(|handle| handle.trim_start_matches('@').to_owned()),
            site: self.site.clone(),
            state: self.state,
            via: self.via,
            since: self.since,
            until: self.until,
            article: self.article.clone(),
            lang: self.lang.clone(),
            label: self.label.clone(),
            limit: self.limit,
            sort: self.sort.clone(),
            source: None,
            offset: None,
        }
    }
}

fn flag(name: &str) -> String {
    format!("--{name}")
}
