//! How `verify` is told: a bar on a terminal, a line for each fault, a line for the whole.

use super::{Style, counted, one_line};
use crate::{
    model::Fault,
    store::{CHECKS, MAX_FAULTS, Verified, Verifying},
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{io::IsTerminal, time::Duration};

/// A bar on stderr where that is a terminal.
pub struct VerifyReport {
    bar: ProgressBar,
    checks: usize,
}

impl VerifyReport {
    /// `silent`: no bar.
    #[must_use]
    pub fn new(silent: bool) -> Self {
        let bar = if std::io::stderr().is_terminal() && !silent { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(look) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(look);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, checks: 0 }
    }

    /// Tells one step.
    pub fn tell(&mut self, step: &Verifying) {
        match step {
            Verifying::Check(name) => {
                self.checks += 1;
                self.bar.set_message(format!("{name} ({} of {})", self.checks, CHECKS.len()));
                self.bar.set_length(0);
                self.bar.set_position(0);
            }
            Verifying::Done(part, whole) => {
                self.bar.set_length(*whole);
                self.bar.set_position(*part);
            }
            Verifying::Fault(_) => {}
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// One fault in one line.
#[must_use]
pub fn fault_line(fault: &Fault, style: Style) -> String {
    let place = match (&fault.table, fault.row) {
        (table, Some(row)) => format!(" {table} {row}:"),
        (table, None) if !table.is_empty() => format!(" {table}:"),
        _ => String::new(),
    };
    format!("{}{place} {}", style.red(&format!("{}:", fault.check)), one_line(&fault.detail))
}

/// What was not checked of so many time stamps.
#[must_use]
pub fn unsigned_line(stamps: u64) -> String {
    format!(
        "whose signature is on {} was not checked: name the authority's certificates with --timestamp-ca-file, or \
         timestamp_ca_file under [trust]",
        counted(stamps, "time stamp")
    )
}

/// What came of it.
#[must_use]
pub fn verified_line(verified: &Verified, archive: &str, elapsed_ms: u64, style: Style) -> String {
    let Verified { blobs, bytes, runs, faults, stamps, signatures, .. } = verified;
    #[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
    let (mib, seconds) = (*bytes as f64 / f64::from(1 << 20), elapsed_ms as f64 / 1000.0);
    let signed = match (*stamps, *signatures) {
        (0, _) | (_, 0) => String::new(),
        (stamps, _) => format!(" with {}", counted(stamps, "signed time stamp")),
    };
    let runs = counted(*runs, "run");
    let read = format!("{} ({mib:.1} MiB) and {runs}{signed} read in {seconds:.1} s", counted(*blobs, "blob"));
    if *faults == 0 {
        return format!("{} {archive}; {read}", style.green("whole"));
    }
    let told = if *faults > MAX_FAULTS as u64 {
        format!("; at most {MAX_FAULTS} of each check are told")
    } else {
        String::new()
    };
    let advice = "keep a copy, and restore a backup or try `sqlite3 FILE .recover`";
    format!("{} in {archive}{told}; {read}\n  {advice}", style.red(&counted(*faults, "fault")))
}
