//! Which address that a page states for itself is believed: a table of cases.

use embalm::article::address::{is_believed, leads_away, leads_to_a_stop};
use std::fs;
use url::Url;

/// The rows of a table in `fixtures/addresses`, cells parted by tabs; `#` begins a comment.
fn rows(name: &str) -> Vec<[String; 3]> {
    let table = fs::read_to_string(format!("fixtures/addresses/{name}.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let row = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().expect("three cells");
    rows.map(row).collect()
}

fn wrong(name: &str, judge: impl Fn(&Url, &Url) -> bool) -> Vec<[String; 3]> {
    let mut rows = rows(name);
    assert!(rows.len() > 8);
    let url = |text: &str| Url::parse(text).unwrap();
    rows.retain(|[asked, other, expected]| judge(&url(other), &url(asked)) != (expected == "yes"));
    rows
}

#[test]
fn an_address_that_a_page_states_is_believed_where_it_can_be_that_of_the_article() {
    assert_eq!(wrong("canonical", is_believed), Vec::<[String; 3]>::new());
}

#[test]
fn a_redirect_to_the_front_page_or_the_section_leads_away() {
    assert_eq!(wrong("redirects", leads_away), Vec::<[String; 3]>::new());
}

#[test]
fn a_redirect_to_where_people_are_held_up_is_told() {
    assert_eq!(wrong("stops", leads_to_a_stop), Vec::<[String; 3]>::new());
}
