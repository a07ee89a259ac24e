//! What `doctor` found, a line each.

use super::{Style, printable, table};
use crate::pipeline::{Check, Health};

/// All checks as a table, and what they come to.
#[must_use]
pub fn doctor_page(checks: &[Check], style: Style) -> String {
    let rows = checks.iter().map(|check| {
        let health = match check.health {
            Health::Ok => style.green("ok"),
            Health::Warning => style.yellow("warning"),
            Health::Problem => style.red("problem"),
            Health::Skipped => style.dim("skipped"),
        };
        [check.check.to_owned(), check.subject.clone(), health, printable(&check.detail)].map(Some).to_vec()
    });
    let table = table::table(&["check", "of", "health", "detail"], rows, style);
    let count = |health| checks.iter().filter(|check| check.health == health).count();
    let verdict = match (count(Health::Problem), count(Health::Warning)) {
        (0, 0) => style.green("All is well."),
        (0, warnings) => style.yellow(&format!("It works; {warnings} of these may interest you.")),
        (problems, _) => style.red(&format!("{problems} of these want a person's look.")),
    };
    format!("{table}\n{verdict}")
}
