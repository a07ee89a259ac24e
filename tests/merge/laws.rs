//! The laws of merging, asserted of any archives; and, by name, of the smallest ones that once broke them.

use super::{
    Shelf, content, has_all_of, lifted,
    made_up::{
        Act::{self, Adopted, Article, ArticleFailed, Failed, Found, Lift, NextRun, Quoted, Redact, Wait},
        write,
    },
};
use embalm::store::Store;

/// Both began as copies of one archive, and went on by themselves: it does not matter which one is merged into which, nor how
/// often.
pub(super) fn of_two(base: &[Act], one: &[Act], other: &[Act]) {
    let shelf = Shelf::new();
    let base = shelf.made("base.db", 0, base);
    let (a, b) = (shelf.copy(&base, "a.db"), shelf.copy(&base, "b.db"));
    write(&a, 1, one);
    write(&b, 2, other);
    let ab = shelf.merged("ab.db", &a, &[&b]);
    let ba = shelf.merged("ba.db", &b, &[&a]);
    content::assert_same(&ab, &ba, &[]);
    has_all_of(&ab, &a);
    has_all_of(&ab, &b);
    let again = shelf.merged("again.db", &ab, &[&b, &a, &base]);
    content::assert_same(&ab, &again, &[]);
    // One more run, which does nothing: so none of the rows are taken for known by their runs.
    let (more_of_a, more_of_b) = (shelf.copy(&a, "more of a.db"), shelf.copy(&b, "more of b.db"));
    write(&more_of_a, 3, &[]);
    write(&more_of_b, 4, &[]);
    let again = shelf.merged("more.db", &ab, &[&more_of_b, &more_of_a]);
    content::assert_same(&ab, &again, &["runs"]);
    content::assert_same(&lifted(&shelf, &ab, "ab-lifted.db"), &lifted(&shelf, &ba, "ba-lifted.db"), &[]);
}

/// Whether archives say of one link that it is this post and that one. What is removed for good under such a name depends on
/// what was known by then: `docs/care.md` says so.
pub(super) fn contradict(parts: &[&[Act]]) -> bool {
    let leads = || parts.iter().flat_map(|part| part.iter());
    leads().any(|act| {
        let Adopted { link, post } = act else { return false };
        leads().any(|other| matches!(other, Adopted { link: also, post: to } if also == link && to != post))
    })
}

/// The same with what is removed only hidden.
pub(super) fn hidden_only(acts: &[Act]) -> Vec<Act> {
    let hidden = |act: &Act| match act {
        Redact { what, .. } => Redact { what: *what, remove: false },
        act => act.clone(),
    };
    acts.iter().map(hidden).collect()
}

/// Archives are merged in any order. They began as copies of one, or know nothing of each other.
pub(super) fn of_three(base: Option<&[Act]>, parts: [&[Act]; 3]) {
    let shelf = Shelf::new();
    let base = base.map(|base| shelf.made("base.db", 0, base));
    let [a, b, c] = [1, 2, 3].map(|machine: u32| {
        let path = shelf.path(&format!("{machine}.db"));
        if let Some(base) = &base {
            shelf.copy(base, &format!("{machine}.db"));
        }
        write(&path, machine, parts[machine as usize - 1]);
        path
    });
    let left = shelf.merged("left.db", &a, &[&b, &c]);
    let bc = shelf.merged("bc.db", &b, &[&c]);
    let right = shelf.merged("right.db", &a, &[&bc]);
    let back = shelf.merged("back.db", &c, &[&b, &a]);
    content::assert_same(&left, &right, &[]);
    content::assert_same(&left, &back, &[]);
}

/// Merged into an empty one or into a copy of itself it is as it was.
pub(super) fn of_one(acts: &[Act]) {
    let shelf = Shelf::new();
    let a = shelf.made("a.db", 1, acts);
    let copy = shelf.copy(&a, "copy.db");
    content::assert_same(&a, &shelf.merged("aa.db", &a, &[&copy]), &[]);
    let empty = shelf.path("empty.db");
    drop(Store::create_or_open(&empty).unwrap());
    content::assert_same(&a, &shelf.merged("ea.db", &empty, &[&a]), &[]);
    content::assert_same(&a, &shelf.merged("ae.db", &a, &[&empty]), &[]);
}

fn found(post: u8) -> Act {
    Found { post, says: 0, via: 0, picture: 1, quotes: None }
}

fn failed(post: u8) -> Act {
    Failed { post, again: true }
}

#[test]
fn what_was_told_of_a_short_link_is_of_one_post_where_archives_say_two() {
    for told in [failed(6), Quoted { post: 6, says: 0 }, Article { name: 0, says: 0, posts: vec![6], address: None }] {
        of_two(&[told], &[Adopted { link: 6, post: 0 }], &[Adopted { link: 6, post: 1 }]);
    }
}

#[test]
fn what_was_told_of_a_short_link_follows_it_in_whichever_order_archives_come() {
    let article = Article { name: 0, says: 0, posts: vec![7], address: None };
    for told in [failed(7), Failed { post: 7, again: false }, Quoted { post: 7, says: 0 }, article] {
        let (to_0, to_1) = ([Adopted { link: 7, post: 0 }], [Adopted { link: 7, post: 1 }]);
        of_three(None, [&to_0, &to_1, std::slice::from_ref(&told)]);
        of_three(None, [&to_1, std::slice::from_ref(&told), &to_0]);
        of_three(Some(std::slice::from_ref(&told)), [&to_1, &[], &to_0]);
    }
}

#[test]
fn a_post_that_is_removed_here_and_whose_file_is_hidden_there_is_both() {
    of_two(&[found(0)], &[Redact { what: 0, remove: true }], &[Redact { what: 8, remove: false }]);
}

#[test]
fn what_was_told_of_a_link_is_redacted_as_the_post_that_it_leads_to() {
    for remove in [false, true] {
        let article = Article { name: 0, says: 0, posts: vec![6], address: None };
        let redacted = Redact { what: 1, remove };
        let told = [Quoted { post: 1, says: 0 }, article, failed(6), redacted, Adopted { link: 6, post: 1 }];
        of_one(&told);
    }
}

#[test]
fn a_post_that_an_article_embeds_by_a_link_that_moves_is_waited_for() {
    let embeds = |post| Article { name: 0, says: 0, posts: vec![post], address: None };
    of_two(&[], &[Adopted { link: 6, post: 2 }, embeds(2), embeds(6)], &[Adopted { link: 6, post: 0 }]);
    let found = Found { post: 0, says: 0, via: 0, picture: 0, quotes: Some(3) };
    of_three(None, [&[found, Adopted { link: 6, post: 3 }, embeds(6)], &[], &[Adopted { link: 6, post: 1 }]]);
    of_two(&[embeds(7)], &[Adopted { link: 7, post: 4 }], &[Adopted { link: 7, post: 0 }, embeds(4)]);
}

#[test]
fn of_words_of_one_instant_those_that_a_run_entered_last_are_shown_whatever_they_were_told_of() {
    let embeds = Article { name: 0, says: 0, posts: vec![3], address: None };
    let told = [embeds, Quoted { post: 6, says: 0 }, Quoted { post: 3, says: 0 }];
    of_two(&[], &[Adopted { link: 6, post: 3 }], &told);
}

#[test]
fn a_file_of_a_post_that_is_redacted_is_kept_with_another_one_that_has_it() {
    for remove in [false, true] {
        of_one(&[found(4), Redact { what: 4, remove }, found(0)]);
        of_one(&[found(4), Redact { what: 4, remove }, Redact { what: 8, remove }, found(0)]);
    }
}

#[test]
fn what_was_shown_again_in_one_archive_and_removed_in_another_is_removed() {
    let found = |quotes| Found { post: 3, says: 0, via: 0, picture: 0, quotes };
    let hidden = |what| Redact { what, remove: false };
    let removed = [Redact { what: 3, remove: true }];
    of_two(&[found(None), hidden(3)], &removed, &[Lift { what: 3 }]);
    of_two(&[found(Some(5)), hidden(5)], &[], &[Lift { what: 5 }, removed[0].clone()]);
}

#[test]
fn an_article_that_waits_under_one_name_is_answered_under_another_one_when_both_are_known_as_one() {
    let read = |name| Article { name, says: 0, posts: vec![], address: Some(0) };
    let [waits, one, other]: [&[Act]; 3] = [&[Wait, ArticleFailed { name: 3 }], &[read(3)], &[NextRun, read(0)]];
    of_three(None, [waits, one, other]);
    of_three(None, [other, waits, one]);
}

#[test]
fn what_was_hidden_as_a_post_s_is_shown_again_when_its_name_leads_to_another_one() {
    let hidden = [Adopted { link: 6, post: 3 }, Redact { what: 3, remove: false }];
    let article = [Article { name: 0, says: 0, posts: vec![6], address: None }];
    of_three(None, [&[Adopted { link: 6, post: 0 }], &hidden, &article]);
    of_three(Some(&article), [&[Adopted { link: 6, post: 0 }], &hidden, &[]]);
}
