//! Colours, where a terminal shows them and nobody asked for none.

use std::io::IsTerminal;

/// What `--color` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Even into a pipe.
    Always,
    /// Nowhere.
    Never,
}

/// Paints words, or leaves them as they are.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    on: bool,
}

impl Style {
    /// For stdout.
    #[must_use]
    pub fn of_stdout(colour: Colour) -> Self {
        Self { on: wanted(colour, std::io::stdout().is_terminal()) }
    }

    /// For stderr.
    #[must_use]
    pub fn of_stderr(colour: Colour) -> Self {
        Self { on: wanted(colour, std::io::stderr().is_terminal()) }
    }

    /// No colours at all.
    #[must_use]
    pub fn plain() -> Self {
        Self { on: false }
    }

    /// Whether anything is painted.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.on
    }

    /// For what matters most.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// For what matters least.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// For what went well.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// For what a person may want to look at.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// For what is gone or wrong.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Words that are not there any more: told from [`Style::added`] without seeing its colour, too.
    #[must_use]
    pub fn removed(self, text: &str) -> String {
        self.paint("9;31", text)
    }

    /// Words that were not there.
    #[must_use]
    pub fn added(self, text: &str) -> String {
        self.paint("4;32", text)
    }

    /// For names.
    #[must_use]
    pub fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.on && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn wanted(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
