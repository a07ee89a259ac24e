//! How far an export is, on a terminal.

use super::Output;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar on stderr; nothing where that is no terminal. It is gone with the value.
#[derive(Debug)]
pub struct ExportBar(ProgressBar);

impl Output {
    /// A bar for what takes long, unless quiet.
    #[must_use]
    pub fn progress(&self) -> ExportBar {
        let shows = std::io::stderr().is_terminal() && !self.quiet;
        let bar = if shows { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        ExportBar(bar)
    }
}

impl ExportBar {
    /// `done` things of so many are written, and so many bytes.
    pub fn at(&self, done: u64, of: u64, bytes: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
        self.0.set_message(HumanBytes(bytes).to_string());
    }
}

impl Drop for ExportBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
