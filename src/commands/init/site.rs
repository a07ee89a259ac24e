//! `embalm init --site URL`: the sources that a site has, as lines of a configuration.

use super::super::{
    Failure,
    network::{self, NetworkArgs},
    runtime,
};
use crate::{
    config::Config,
    model::When,
    pipeline::{self, Found, SourceKind, Survey},
    report::one_line,
};
use std::fmt::Write as _;
use url::Url;

/// New articles a run of a source that names all that a site has.
const SITEMAP_LIMIT: usize = 100;

/// Sources that are named beside the best one.
const MAX_OTHERS: usize = 12;

/// Looks around at a site and writes down what it has: the best source, and the others behind signs.
///
/// # Errors
/// The address is none, or nothing was found there; with what was tried.
pub(super) fn lines(text: &str, config: &Config, args: &NetworkArgs) -> Result<String, Failure> {
    let url = address(text)?;
    let transport = network::transport(config, args)?;
    let survey = runtime::start()?.block_on(pipeline::survey(transport.as_ref(), &url));
    if survey.found.is_empty() {
        let mut message =
            format!("found nothing at {url} that can be polled: no feed, no sitemap, no links to articles");
        for failed in survey.failed.iter().take(MAX_OTHERS) {
            let _ = write!(message, "\n  {}", one_line(failed));
        }
        return Err(Failure::unexpected(message));
    }
    Ok(written(&survey, &url))
}

/// People leave the scheme out.
fn address(text: &str) -> Result<Url, Failure> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    match Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        Ok(_) => Err(Failure::usage(format!("--site {text} is not fetched: only http and https are"))),
        Err(error) => Err(Failure::usage(format!("--site {text} is not a URL: {error}"))),
    }
}

fn written(survey: &Survey, asked: &Url) -> String {
    let site = survey.site.as_ref().unwrap_or(asked);
    let host = site.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let mut out = format!("# Found at {}.\n", one_line(site.as_str()));
    let mut found = survey.found.iter();
    if let Some(best) = found.next() {
        let _ = write!(out, "#\n# {}\n{}", told(best), source(best, host, 1));
    }
    let others: Vec<_> = found.take(MAX_OTHERS).collect();
    if !others.is_empty() {
        out.push_str("\n# Also found; take the signs away to use one.\n");
    }
    for (nth, other) in (2..).zip(others) {
        let _ = writeln!(out, "#\n# {}", told(other));
        for line in source(other, host, nth).lines() {
            let _ = writeln!(out, "# {line}");
        }
    }
    for failed in survey.failed.iter().take(MAX_OTHERS) {
        let _ = writeln!(out, "#\n# Not read: {}", one_line(failed));
    }
    out
}

/// What was seen of a source, in words. Titles are the site's: nothing in them may end the line.
fn told(found: &Found) -> String {
    let title = found.title.as_deref().map_or_else(String::new, |title| format!("{:?}: ", one_line(title)));
    let mut facts = vec![format!("{} {}", found.entries, if found.entries == 1 { "article" } else { "articles" })];
    if found.sitemaps > 0 {
        facts = vec![format!("an index of {} sitemaps", found.sitemaps)];
    }
    facts.extend(found.newest.map(|newest| format!("the newest of {}", day(newest))));
    if found.whole > 0 {
        facts.push(format!("{} of them carried as a whole", found.whole));
    }
    let what = match found.kind {
        SourceKind::Feed => "a feed",
        SourceKind::Sitemap => "a sitemap, of old articles as well",
        _ => "the page's own links",
    };
    format!("{title}{what}: {}.", facts.join(", "))
}

fn day(when: When) -> String {
    when.to_string().chars().take("2024-08-11".len()).collect()
}

fn source(found: &Found, host: &str, nth: usize) -> String {
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let kind = found.kind.as_str();
    let name = if nth == 1 { host.to_owned() } else { format!("{host} {kind} {nth}") };
    let mut out =
        format!("[[source]]\nname = {}\nkind = \"{kind}\"\nurl = {}\n", text(&name), text(found.url.as_str()));
    if found.kind == SourceKind::Sitemap {
        let _ = writeln!(out, "newest_first = true\nlimit = {SITEMAP_LIMIT}");
    }
    out
}
