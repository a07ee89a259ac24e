//! What is no export is refused with its name; the exports themselves are cases among the fixtures.

use super::*;

#[test]
fn a_table_without_a_column_of_addresses_and_a_page_are_refused() {
    let error = |text: &str| read_saved(Payload::of(text.as_bytes())).unwrap_err().to_string();
    assert!(error("title,body\na,b\n").contains("plain text"));
    assert!(error("<!doctype html><title>Sign in</title><p>x").contains("titled \"Sign in\""));
    assert!(error("{\"a\":1}").contains("JSON"));
    assert!(error("[{\"url\":").contains("broken"));
    assert!(error("").contains("empty"));
}
