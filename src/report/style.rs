//! Colours, where a terminal shows them and nobody asked for none; and how wide a line may be.

use std::io::IsTerminal;
use terminal_size::{Width, terminal_size};

/// Nothing is laid out narrower or wider than this, in columns: what a terminal says of itself may be nonsense.
const MIN_COLUMNS: usize = 20;
const MAX_COLUMNS: usize = 1_000;

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
    columns: Option<usize>,
}

impl Style {
    /// For stdout.
    #[must_use]
    pub fn of_stdout(colour: Colour) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self { on: wanted(colour, terminal), columns: columns(terminal) }
    }

    /// For stderr.
    #[must_use]
    pub fn of_stderr(colour: Colour) -> Self {
        Self { on: wanted(colour, std::io::stderr().is_terminal()), columns: None }
    }

    /// No colours at all.
    #[must_use]
    pub fn plain() -> Self {
        Self { on: false, columns: None }
    }

    /// The same, on lines of so many columns.
    #[must_use]
    pub fn of_columns(self, columns: usize) -> Self {
        Self { columns: Some(columns.clamp(MIN_COLUMNS, MAX_COLUMNS)), ..self }
    }

    /// How many columns a line has; none where nobody's eyes have to follow it.
    #[must_use]
    pub fn columns(self) -> Option<usize> {
        self.columns
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

/// `COLUMNS` as shells and people set it, else what the terminal says, else none: a pipe is as wide as it needs to be.
fn columns(terminal: bool) -> Option<usize> {
    let told =
        std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok()).filter(|columns| *columns > 0);
    let asked = || terminal.then(terminal_size).flatten().map(|(Width(columns), _)| usize::from(columns));
    // A terminal of no width is one that does not know it.
    let known = told.or_else(asked).filter(|columns| *columns > 0).or(terminal.then_some(80));
    known.map(|columns| columns.clamp(MIN_COLUMNS, MAX_COLUMNS))
}
