//! How `backup`, `merge`, `prune` and `redact` are told: a bar on a terminal, sizes in words.

use indicatif::{ProgressBar, ProgressStyle};
use std::{io::IsTerminal, time::Duration};

/// A bar on stderr where that is a terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// `silent`: no bar. `doing`: what is done, in a word.
    #[must_use]
    pub fn new(silent: bool, doing: &str) -> Self {
        let bar = if std::io::stderr().is_terminal() && !silent { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(look) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(look);
        }
        bar.set_message(doing.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// So much is done, of so much.
    pub fn tell(&self, part: u64, whole: u64) {
        self.bar.set_length(whole);
        self.bar.set_position(part);
    }

    /// What is done now, in a word.
    pub fn doing(&self, doing: &str) {
        self.bar.set_message(doing.to_owned());
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// A size in words, such as `12.4 MiB`.
#[must_use]
pub fn bytes_in_words(bytes: u64) -> String {
    super::status::size(bytes)
}
