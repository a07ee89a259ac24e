//! Where a part of a list stands, and the ways to the parts around it.

use super::asked::Asked;
use crate::{
    model::{Listed, Mark, Total},
    render::words,
};
use serde::Serialize;

/// The line below a list, and what its head says of its length.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Paging {
    /// `1–50 of 12,345`; empty where there is nothing.
    pub(super) range: String,
    pub(super) first: Option<String>,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// Of a list that goes on behind a record.
pub(super) fn marked<T>(asked: &Asked, listed: &Listed<T>, size: usize) -> Paging {
    let at = |name: &'static str, other: &'static str, mark: &Mark, page: u64| {
        let (mark, page) = (mark.to_string(), page.to_string());
        asked.with(&[(name, Some(&mark)), (other, None), ("page", Some(&page))])
    };
    let previous = listed.before.as_ref().map(|mark| match asked.page {
        // The first page has the list's own address.
        0..=2 => first(asked),
        page => at("before", "after", mark, page - 1),
    });
    Paging {
        range: range(asked.page, size, listed.records.len(), listed.total),
        first: previous.as_ref().filter(|_| asked.page > 2).map(|_| first(asked)),
        previous,
        next: listed.after.as_ref().map(|mark| at("after", "before", mark, asked.page.saturating_add(1))),
    }
}

/// Of a list whose parts are numbered: `shown` of `total` are on this one.
pub(super) fn numbered(asked: &Asked, shown: usize, total: Total, size: usize) -> Paging {
    let size_of = u64::try_from(size).unwrap_or(u64::MAX);
    let end = asked.page.saturating_mul(size_of);
    let more = end < total.at_least() || (matches!(total, Total::MoreThan(_)) && shown == size);
    let at = |page: u64| if page < 2 { first(asked) } else { asked.with(&[("page", Some(&page.to_string()))]) };
    Paging {
        range: range(asked.page, size, shown, total),
        first: (asked.page > 2).then(|| first(asked)),
        previous: (asked.page > 1).then(|| at(asked.page - 1)),
        next: (more && shown > 0).then(|| at(asked.page.saturating_add(1))),
    }
}

fn first(asked: &Asked) -> String {
    asked.with(&[("after", None), ("before", None), ("page", None)])
}

fn range(page: u64, size: usize, shown: usize, total: Total) -> String {
    if shown == 0 {
        return String::new();
    }
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let before = page.saturating_sub(1).saturating_mul(size);
    let (from, to) = (before.saturating_add(1), before.saturating_add(u64::try_from(shown).unwrap_or(u64::MAX)));
    let of = match total {
        Total::Exactly(n) => words::number(n.max(to)),
        // Counting stopped somewhere before this part.
        Total::MoreThan(n) if n < to => return format!("{}–{}", words::number(from), words::number(to)),
        Total::MoreThan(n) => format!("more than {}", words::number(n)),
    };
    if from == to {
        return format!("{} of {of}", words::number(from));
    }
    format!("{}–{} of {of}", words::number(from), words::number(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(page: u64) -> Asked {
        Asked { path: "/posts".to_owned(), page, ..Asked::default() }
    }

    #[test]
    fn a_part_says_which_it_is_and_no_more_than_is_known() {
        assert_eq!(range(1, 50, 50, Total::Exactly(12_345)), "1–50 of 12,345");
        assert_eq!(range(3, 50, 20, Total::MoreThan(10_000)), "101–120 of more than 10,000");
        assert_eq!(range(300, 50, 50, Total::MoreThan(10_000)), "14,951–15,000");
        assert_eq!(range(1, 50, 1, Total::Exactly(1)), "1 of 1");
        assert_eq!(range(1, 50, 0, Total::Exactly(0)), "");
        assert_eq!(range(u64::MAX, 50, 50, Total::Exactly(3)).matches('–').count(), 0);
    }

    #[test]
    fn parts_lead_to_each_other() {
        let mark = |id| Some(Mark { id, value: Some("2026-01-01".to_owned()) });
        let listed = Listed {
            records: vec![(); 2],
            before: mark(9),
            after: mark(7),
            total: Total::Exactly(100),
            damaged: Vec::new(),
        };
        let paging = marked(&asked(3), &listed, 2);
        assert_eq!(paging.next.as_deref(), Some("/posts?after=7%7E2026-01-01&page=4"));
        assert_eq!(paging.previous.as_deref(), Some("/posts?before=9%7E2026-01-01&page=2"));
        assert_eq!(paging.first.as_deref(), Some("/posts"));
        assert_eq!(marked(&asked(2), &listed, 2).previous.as_deref(), Some("/posts"));
        let paging = numbered(&asked(2), 2, Total::Exactly(5), 2);
        assert_eq!((paging.previous.as_deref(), paging.next.as_deref()), (Some("/posts"), Some("/posts?page=3")));
        assert_eq!(numbered(&asked(3), 1, Total::Exactly(5), 2).next, None);
    }
}
