//! axe-core's rules on every kind of page: no violation at any width, by day or by night.

use crate::{
    Suite, exported,
    reader::{Reader, VIEWS},
    reading,
};
use serde_json::json;
use std::{env, fs};

/// Names the file of axe-core.
const AXE: &str = "EMBALM_AXE";

/// Every rule that names something wrong, and where; "best practices" too.
const RUN: &str = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.flatMap(rule => \
    rule.nodes.slice(0, 5).map(node => `${rule.id} (${rule.impact}): ${node.target.join(' ')} — ${node.failureSummary.replace(/\\s+/g, ' ')}`)))";

pub(crate) async fn axe_finds_no_violation(suite: &Suite) {
    let Some(path) = env::var_os(AXE) else {
        assert!(env::var_os("CI").is_none(), "{AXE} names no axe-core");
        println!("left out: axe-core; {AXE} is the path of its axe.min.js");
        return;
    };
    let axe = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let pages = [reading::pages(suite), exported::kinds(suite)].concat();
    let mut wrong = Vec::new();
    for view in VIEWS {
        let reader = Reader::open(&suite.browser, view).await;
        // The original as preserved stands in a sandbox, in which axe-core's own promises would wait for ever.
        reader.call("Page.setBypassCSP", json!({"enabled": true})).await;
        for page in &pages {
            reader.goto(page).await;
            let found: Vec<String> = reader.eval_apart(&[&axe, RUN]).await;
            let scheme = if view.dark { "dark" } else { "light" };
            wrong.extend(found.into_iter().map(|one| format!("{page} at {} px, {scheme}: {one}", view.width)));
        }
        reader.close().await;
    }
    assert!(wrong.is_empty(), "{} violations:\n{}", wrong.len(), wrong.join("\n"));
}
