//! What a run tells while it works, and its last words: counts, what a person should look at, what to try next.

use super::{Style, excerpt, one_line, printable};
use crate::{
    detect::CutShort,
    model::{Form, Scope, State, Summary, Target, Via},
    pipeline::{Change, Event, PostChange, PostResult},
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

/// Tells about a run on stdout as it happens; a spinner on stderr where that is a terminal.
pub struct RunReport {
    style: Style,
    silent: bool,
    verbose: bool,
    spinner: ProgressBar,
    articles: usize,
    posts: usize,
}

impl RunReport {
    /// `silent`: only what failed, on stderr (`--json`, `--quiet`). `verbose`: unchanged articles as well.
    #[must_use]
    pub fn new(style: Style, silent: bool, verbose: bool) -> Self {
        let spinner = if std::io::stderr().is_terminal() && !silent {
            let spinner = ProgressBar::new_spinner();
            if let Ok(look) = ProgressStyle::with_template("{spinner} {msg}") {
                spinner.set_style(look);
            }
            spinner.enable_steady_tick(Duration::from_millis(120));
            spinner
        } else {
            ProgressBar::hidden()
        };
        Self { style, silent, verbose, spinner, articles: 0, posts: 0 }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event<'_>) {
        let lines = match event {
            Event::Article { name, cut_short, .. } if self.silent => cut_lines(self.style, name, cut_short),
            event => self.lines(event),
        };
        let urgent = matches!(event, Event::SourceFailed { .. } | Event::ArticleFailed { .. } | Event::Article { .. });
        if self.silent && urgent {
            let mut err = std::io::stderr().lock();
            // Nobody is left to be told where stderr is closed.
            let _ = lines.iter().try_for_each(|line| writeln!(err, "{line}"));
        }
        if !self.silent && !lines.is_empty() {
            // A closed pipe is no reason to stop archiving; the end of the command notices it.
            self.spinner.suspend(|| {
                let mut out = std::io::stdout().lock();
                let _ = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
            });
        }
        self.spinner.set_message(format!("{} articles, {} posts", self.articles, self.posts));
    }

    /// Takes the spinner away.
    pub fn end(&self) {
        self.spinner.finish_and_clear();
    }

    fn lines(&mut self, event: &Event<'_>) -> Vec<String> {
        let style = self.style;
        match event {
            Event::Polled { source, articles, note } => {
                let articles = articles.map(|n| counted(n as u64, "article")).unwrap_or_default();
                let note = note.map(|note| style.yellow(&printable(note))).unwrap_or_default();
                vec![format!("source {} {} {note}", style.bold(source), style.dim(&articles)).trim_end().to_owned()]
            }
            Event::SourceFailed { source, reason } => {
                vec![format!("{} {}", style.bold(source), style.red(&printable(reason)))]
            }
            Event::Article { change: Change::Unchanged, name, .. } => {
                self.articles += 1;
                if self.verbose { vec![format!("  {} {}", one_line(name), style.dim("unchanged"))] } else { Vec::new() }
            }
            Event::Article { name, title, change, embeds, cut_short } => {
                self.articles += 1;
                let what = if *change == Change::New { style.green("new") } else { style.yellow("changed") };
                let mut lines = vec![
                    String::new(),
                    format!("{} {what}", style.bold(&excerpt(if title.is_empty() { name } else { title }, 90))),
                    format!("  {}", style.dim(&one_line(name))),
                ];
                let inside = embeds.iter().filter(|embed| embed.scope == Scope::Article);
                for embed in inside {
                    let handle = embed.quoted.author_handle.as_ref().map(|handle| format!("@{handle} "));
                    let target = match &embed.target {
                        Target::Post(post) => post.to_string(),
                        Target::ShortLink { url, platform } => format!("{platform} {url}"),
                        Target::Unresolved { platform } => format!("{platform} post without an address"),
                    };
                    let form = form_in_words(embed.form);
                    let handle = handle.unwrap_or_default();
                    lines.push(format!(
                        "  found     {} {}{}",
                        style.cyan(&one_line(&target)),
                        one_line(&handle),
                        style.dim(form)
                    ));
                }
                let beside = embeds.iter().filter(|embed| embed.scope == Scope::Page).count() as u64;
                if beside > 0 {
                    lines.push(
                        style.dim(&format!(
                            "  and {} beside the article, noted but not captured",
                            counted(beside, "post")
                        )),
                    );
                }
                if embeds.is_empty() {
                    lines.push(style.dim("  no posts in it"));
                }
                lines.extend(cut_short.iter().map(|cut| style.yellow(&format!("  searched in part: {cut}"))));
                lines
            }
            Event::ArticleFailed { name, reason } => {
                vec![format!("{} {}: {}", style.red("failed"), one_line(name), printable(reason))]
            }
            Event::Post { post, result } => {
                self.posts += 1;
                vec![post_line(style, &post.to_string(), result)]
            }
        }
    }
}

/// What must be said of an article even where little is.
fn cut_lines(style: Style, name: &str, cut_short: &[CutShort]) -> Vec<String> {
    let warning = style.yellow("warning:");
    cut_short.iter().map(|cut| format!("{warning} {}: searched in part: {cut}", one_line(name))).collect()
}

fn post_line(style: Style, key: &str, result: &PostResult) -> String {
    let media = if result.media > 0 { format!(", {}", counted(result.media, "file")) } else { String::new() };
    let how = match (result.via, result.state) {
        (Some(Via::Quoted), state) => {
            let why = result.failure.as_deref().map_or_else(|| state_in_words(state).to_owned(), printable);
            style.yellow(&format!("kept what the article quotes ({why})"))
        }
        (_, state) if result.change == PostChange::Unchanged && state != State::Live => {
            style.dim(&format!("still {}", state_in_words(state)))
        }
        (Some(_), _) if result.change == PostChange::Returned => {
            style.green(&format!("is back: it is shown again{media}"))
        }
        (Some(via), _) if result.change == PostChange::Edited => {
            style.yellow(&format!("has changed; captured by {}{media}", via_in_words(via)))
        }
        (Some(_), _) if result.unchanged => style.dim("unchanged"),
        (Some(via), _) => style.green(&format!("captured by {}{media}", via_in_words(via))),
        (None, _) if result.change == PostChange::Failed => {
            let why = printable(result.failure.as_deref().unwrap_or("not reached"));
            style.red(&format!("not captured: {why}"))
        }
        (None, state) => {
            let seen = result.last_seen_at.map(|at| format!(" (last seen {at})")).unwrap_or_default();
            style.red(&format!("{}{seen}", state_in_words(state)))
        }
    };
    let words = result.shown.as_ref().map(|(author, text)| {
        format!("\n            {}", style.dim(&format!("{}: {}", excerpt(author, 40), excerpt(text, 80))))
    });
    format!("  post      {} {how}{}", style.cyan(&one_line(key)), words.unwrap_or_default())
}

/// The run's last words.
#[must_use]
pub fn done_line(style: Style, summary: &Summary, archive: &str) -> String {
    let Summary { articles, posts, media, .. } = summary;
    let mut parts = Vec::new();
    let mut say = |n: u64, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    say(posts.captured, "captured");
    say(posts.unchanged, "unchanged");
    say(posts.gone, "gone");
    say(posts.withheld, "withheld");
    say(posts.quoted_only, "kept as quoted");
    say(posts.deferred, "to be tried again");
    let posts =
        if parts.is_empty() { "no posts to look at".to_owned() } else { format!("posts: {}", parts.join(", ")) };
    let mut first = Vec::new();
    for (n, what) in [
        (articles.new, "new"),
        (articles.changed, "changed"),
        (articles.unchanged, "unchanged"),
        (articles.failed, "failed"),
    ] {
        if n > 0 {
            first.push(format!("{n} {what}"));
        }
    }
    let first = if first.is_empty() { "no articles".to_owned() } else { format!("articles: {}", first.join(", ")) };
    let nothing = articles.new + articles.changed == 0 && summary.posts == Default::default();
    let lead = if nothing { "Nothing new. " } else { "" };
    let seconds = std::time::Duration::from_millis(summary.elapsed_ms).as_secs_f64();
    let stopped = summary
        .stopped
        .as_ref()
        .map(|why| style.yellow(&format!("\nStopped early ({why}); the work so far is saved.")));
    format!(
        "\n{}{first}; {posts}; {} stored, {} already there\n{}{}",
        style.bold(lead),
        counted(media.stored, "file"),
        media.deduplicated,
        style.dim(&format!("in {archive}, {} in {seconds:.1} s", counted(summary.requests, "request"))),
        stopped.unwrap_or_default(),
    )
}

/// `1 post`, `2 posts`.
pub(super) fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn form_in_words(form: Form) -> &'static str {
    match form {
        Form::Json => "in the page's data",
        Form::Text => "in plain text",
        Form::Link => "as a link",
        Form::Object => "as a Flash player",
        Form::DataAttr => "in a placeholder",
        Form::Script => "in a script",
        Form::Amp => "as an AMP element",
        Form::Iframe => "as an iframe",
        Form::Blockquote => "as a blockquote",
    }
}

/// A rung in words for a person.
pub(super) fn via_in_words(via: Via) -> &'static str {
    match via {
        Via::Api => "the platform's API",
        Via::Syndication => "the platform's embed data",
        Via::Oembed => "oEmbed",
        Via::EmbedPage => "the platform's embed page",
        Via::PageMeta => "the post's page",
        Via::Memento => "a web archive",
        Via::Quoted => "the article's own quotation",
    }
}

/// A state in words for a person.
pub(super) fn state_in_words(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Deleted => "deleted",
        State::AccountDeleted => "its account was deleted",
        State::Suspended => "its account is suspended",
        State::Private => "private",
        State::LoginRequired => "only after a login",
        State::AgeRestricted => "age-restricted",
        State::GeoBlocked => "blocked in this country",
        State::Unavailable => "not available; the platform gives no reason",
        State::Unknown => "not reached",
    }
}
