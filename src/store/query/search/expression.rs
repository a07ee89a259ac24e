//! A question as an expression of FTS5. Words are quoted, so that nothing of what a person typed is a sign of FTS5's.

use super::question::{Node, Words};
use crate::store::index::Index;

/// The expression for one index; none where nothing in it can fit, such as for a column that it lacks.
pub(super) fn expression(node: &Node, index: &Index) -> Option<String> {
    match node {
        Node::Words(words) => of_words(words, index),
        Node::All(nodes) => {
            let parts: Option<Vec<_>> = nodes.iter().map(|node| expression(node, index)).collect();
            parts.map(|parts| format!("({})", parts.join(" AND ")))
        }
        Node::Any(nodes) => {
            let mut parts: Vec<_> = nodes.iter().filter_map(|node| expression(node, index)).collect();
            if parts.len() > 1 { Some(format!("({})", parts.join(" OR "))) } else { parts.pop() }
        }
        Node::Without(node, other) => {
            let node = expression(node, index)?;
            Some(match expression(other, index) {
                Some(other) => format!("({node} NOT {other})"),
                None => node,
            })
        }
    }
}

/// The same without what a find must not have: it has none of that, and counting it takes as long as what it has.
pub(super) fn of_wanted(node: &Node, index: &Index) -> Option<String> {
    expression(&node.without_others(), index)
}

/// The columns of an index that a name in a question means.
pub(super) fn columns(name: &str, index: &Index) -> Vec<&'static str> {
    let means = |column: &&'static str| {
        *column == name || (name == "author" && ["author_name", "author_handle", "byline"].contains(column))
    };
    index.columns.iter().copied().filter(means).collect()
}

pub(super) fn of_words(words: &Words, index: &Index) -> Option<String> {
    let column = match words.column {
        None => String::new(),
        Some(name) => {
            let columns = columns(name, index);
            if columns.is_empty() {
                return None;
            }
            format!("{{{}}} : ", columns.join(" "))
        }
    };
    let star = if words.prefix { " *" } else { "" };
    Some(format!("{column}\"{}\"{star}", words.tokens.join(" ")))
}
