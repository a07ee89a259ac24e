//! What `doctor` found, a line each.

use super::{
    Style, printable,
    table::{self, Paint, Words},
};
use crate::pipeline::{Check, Health};

/// All checks as a table, and what they come to.
#[must_use]
pub fn doctor_page(checks: &[Check], style: Style) -> String {
    let rows = checks.iter().map(|check| {
        let health = match check.health {
            Health::Ok => Words::new("ok", Paint::Good),
            Health::Warning => Words::new("warning", Paint::Odd),
            Health::Problem => Words::new("problem", Paint::Bad),
            Health::Skipped => Words::new("skipped", Paint::Dim),
        };
        let plain = |text: &str| Words::new(text, Paint::Plain);
        vec![plain(check.check), plain(&check.subject), health, plain(&printable(&check.detail))]
    });
    let table = table::telling(&["check", "of", "health", "detail"], rows, style);
    let count = |health| checks.iter().filter(|check| check.health == health).count();
    let verdict = match (count(Health::Problem), count(Health::Warning)) {
        (0, 0) => style.green("All is well."),
        (0, warnings) => style.yellow(&format!("It works; {warnings} of these may interest you.")),
        (problems, _) => style.red(&format!("{problems} of these want a person's look.")),
    };
    format!("{table}\n{verdict}")
}
