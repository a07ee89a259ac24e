//! Which addresses lead to one article: what is dropped from an address before it is compared, and which address that a
//! page gives for itself is believed.
//!
//! `http` and `https`, a closing slash and `www.` are told apart here: only the page itself, by its canonical address or
//! by a redirect, says that they are the same.

mod shape;
mod tracking;

use tracking::is_tracking;
use url::Url;

/// The address that names an article: without fragment, without parameters that only track who followed a link. The
/// other parameters stay as they are written.
#[must_use]
pub fn plain(url: &Url) -> Url {
    let mut plain = url.clone();
    plain.set_fragment(None);
    let Some(query) = url.query() else { return plain };
    let is_kept = |pair: &&str| !pair.is_empty() && !is_tracking(pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() {
        plain.set_query(None);
    } else if kept.len() < query.split('&').count() {
        plain.set_query(Some(&kept.join("&")));
    }
    plain
}

/// Whether the page at `asked` may be known by the address that it states: one on the same site that is neither the
/// site's front page nor one of its sections. Misconfigured sites print such an address on every page.
#[must_use]
pub fn is_believed(stated: &Url, asked: &Url) -> bool {
    is_web(stated)
        && (same_but_for_writing(stated, asked)
            || same_site(stated, asked) && !leads_up(stated, asked) && !drops_its_id(stated, asked))
}

/// Whether a redirect led away from the article: to its own site's front page or to the section that it stood in, as
/// sites do that have taken it down. A redirect to another site is what shorteners do.
#[must_use]
pub fn leads_away(landed: &Url, asked: &Url) -> bool {
    !same_but_for_writing(landed, asked)
        && same_site(landed, asked)
        && !shape::is_front_page(asked)
        && (shape::is_front_page(landed) || shape::is_above(landed, asked))
}

/// Whether a redirect led to where sites hold people up: for consent, to log in, to say that something went wrong.
#[must_use]
pub fn leads_to_a_stop(landed: &Url, asked: &Url) -> bool {
    !same_but_for_writing(landed, asked) && shape::is_stop(landed) && !shape::is_stop(asked)
}

/// Whether a redirect led to a page of the same site that can't be told to be the article: the asked address has the
/// shape of an article's, and that page's has not. Sites lead there for consent, to log in, to say that something went
/// wrong; some give their articles such addresses.
#[must_use]
pub fn may_lead_away(landed: &Url, asked: &Url) -> bool {
    !same_but_for_writing(landed, asked)
        && same_site(landed, asked)
        && shape::names_article(asked)
        && !shape::names_article(landed)
}

/// Whether one of two hosts is the other, or lies under it, `www.` and the names of forms for small screens set aside.
#[must_use]
pub fn same_site(one: &Url, other: &Url) -> bool {
    let (Some(one), Some(other)) = (one.host_str(), other.host_str()) else { return false };
    let (one, other) = (shape::bare_host(one), shape::bare_host(other));
    let is_under = |long: &str, short: &str| {
        short.contains('.') && long.strip_suffix(short).is_some_and(|rest| rest.ends_with('.'))
    };
    one == other || is_under(one, other) || is_under(other, one)
}

/// Whether two addresses differ in scheme, `www.`, closing slash, or what [`plain`] drops, alone.
fn same_but_for_writing(one: &Url, other: &Url) -> bool {
    let host = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    };
    let (one, other) = (plain(one), plain(other));
    host(&one) == host(&other)
        && one.port() == other.port()
        && one.path().trim_end_matches('/') == other.path().trim_end_matches('/')
        && one.query() == other.query()
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Whether an address is that of a page above the article: the front page, a folder that it lies in, a section.
fn leads_up(stated: &Url, asked: &Url) -> bool {
    if shape::is_front_page(stated) {
        return !shape::is_front_page(asked);
    }
    shape::is_above(stated, asked) || (shape::names_article(asked) && !shape::names_article(stated))
}

/// Whether the stated address is the asked one without the parameter that says which article it is.
fn drops_its_id(stated: &Url, asked: &Url) -> bool {
    let same_path = stated.path().trim_end_matches('/') == asked.path().trim_end_matches('/');
    same_path && stated.query().is_none() && !shape::path_names_article(stated) && shape::has_id(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn what_only_tracks_is_dropped_and_the_rest_stays_as_it_is_written() {
        for (given, expected) in [
            ("https://e.example/a?utm_source=x&UTM_Medium=y#top", "https://e.example/a"),
            ("https://e.example/a?id=5&fbclid=z&b=%20c+d", "https://e.example/a?id=5&b=%20c+d"),
            ("https://e.example/a?", "https://e.example/a"),
            ("https://e.example/a?utm=1&ref=x", "https://e.example/a?utm=1&ref=x"),
            ("http://www.E.example:80/a/?gclid", "http://www.e.example/a/"),
            ("https://e.example/a?q=a;b&&x", "https://e.example/a?q=a;b&x"),
        ] {
            assert_eq!(plain(&url(given)).as_str(), expected, "{given}");
            assert_eq!(plain(&plain(&url(given))), plain(&url(given)), "{given}");
        }
    }

    #[test]
    fn no_parameter_is_listed_twice() {
        let names: std::collections::BTreeSet<_> = tracking::TRACKING.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), tracking::TRACKING.len());
        assert!(names.iter().all(|name| **name == name.to_lowercase()));
    }
}
