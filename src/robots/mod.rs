//! robots.txt (RFC 9309): what a site asks of robots, read as Google's parser reads it, which is what sites test theirs with.
//! Pure: who fetches it, and when, is `fetch`'s business.
//!
//! | what | where |
//! |---|---|
//! | lines, groups, rules | here |
//! | a pattern against a path | `pattern` |

mod pattern;

pub use pattern::path_of;

use pattern::{Pattern, comparable};

/// What is read of a robots.txt, in bytes: what RFC 9309, 2.5 asks for at least, and all that Google reads.
pub const MAX_BYTES: usize = 500 * 1024;

/// A longer line is cut, in bytes: Google's limit, eight times what browsers once took as an address.
const MAX_LINE_BYTES: usize = 2083 * 8 - 1;

/// Sitemaps that are kept of one file.
const MAX_SITEMAPS: usize = 1000;

/// A robots.txt as it is for one robot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Robots {
    /// Groups that name the robot.
    own: Group,
    /// Groups for everybody.
    common: Group,
    /// Whether any group names the robot: then those for everybody are not for it, even where its own says nothing.
    has_own: bool,
    /// Addresses of sitemaps, as they stand there, in order; they belong to no group.
    pub sitemaps: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    rules: Vec<Rule>,
    delay_s: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    allows: bool,
    pattern: Pattern,
}

/// The product token of a `User-Agent`, which groups are looked for by (RFC 9309, 2.2.1): what stands before its version.
#[must_use]
pub fn product_token(user_agent: &str) -> &str {
    user_agent.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or_default()
}

/// The part of a token that the RFC knows: its letters, `-` and `_` from the start.
fn letters(token: &str) -> &str {
    token.split(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_').next().unwrap_or_default()
}

impl Robots {
    /// Reads the rules for a robot of these product tokens; groups for any of them count together. A page in the file's
    /// place, which some sites answer everything with, has no rules.
    #[must_use]
    pub fn parse(bytes: &[u8], agents: &[&str]) -> Self {
        let bytes = bytes.get(..MAX_BYTES).unwrap_or(bytes);
        // A byte order mark, or what an editor left of it.
        let mark = [0xef, 0xbb, 0xbf].iter().zip(bytes).take_while(|(mark, byte)| mark == byte).count();
        let bytes = bytes.get(mark..).unwrap_or_default();
        let mut reading =
            Reading { agents, robots: Self::default(), names_us: false, names_all: false, in_rules: false };
        if bytes.trim_ascii_start().first() != Some(&b'<') {
            for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
                if let Some((key, value)) = key_and_value(line.get(..MAX_LINE_BYTES).unwrap_or(line)) {
                    reading.line(key, value);
                }
            }
        }
        reading.robots
    }

    /// Whether the robot may ask for this path with its query, as [`path_of`] gives it; else the rule that forbids it, as it
    /// stands there.
    ///
    /// # Errors
    /// The rule.
    pub fn allows(&self, path: &str) -> Result<(), String> {
        let group = if self.has_own { &self.own } else { &self.common };
        let path = comparable(path);
        let (mut allowed, mut forbidden) = (0, (0, None));
        for rule in &group.rules {
            let weight = rule.pattern.weight(&path, rule.allows).unwrap_or(0);
            if rule.allows {
                allowed = allowed.max(weight);
            } else if weight > forbidden.0 {
                forbidden = (weight, Some(rule));
            }
        }
        match forbidden {
            (weight, Some(rule)) if weight > allowed => Err(format!("Disallow: {}", rule.pattern)),
            _ => Ok(()),
        }
    }

    /// Seconds between two requests that the site asks for (`Crawl-delay`, no part of the RFC), where it does.
    #[must_use]
    pub fn delay_s(&self) -> Option<f64> {
        if self.has_own { self.own.delay_s } else { self.common.delay_s }
    }
}

/// A file half read.
struct Reading<'a> {
    agents: &'a [&'a str],
    robots: Robots,
    /// The group being read is for us,
    names_us: bool,
    /// or for everybody.
    names_all: bool,
    /// It has begun its rules, so that the next `User-agent` begins another.
    in_rules: bool,
}

impl Reading<'_> {
    fn line(&mut self, key: &[u8], value: &[u8]) {
        let is = |words: &[&str]| {
            words.iter().any(|word| key.get(..word.len()).is_some_and(|key| key.eq_ignore_ascii_case(word.as_bytes())))
        };
        if is(&["user-agent", "useragent", "user agent"]) {
            self.agent(value);
        } else if is(&["allow"]) {
            self.rule(true, value);
        } else if is(&["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"]) {
            self.rule(false, value);
        } else if is(&["sitemap", "site-map"]) {
            if self.robots.sitemaps.len() < MAX_SITEMAPS {
                self.robots.sitemaps.push(String::from_utf8_lossy(value).into_owned());
            }
        } else if is(&["crawl-delay"]) {
            self.delay(value);
        }
    }

    fn agent(&mut self, value: &[u8]) {
        if std::mem::take(&mut self.in_rules) {
            (self.names_us, self.names_all) = (false, false);
        }
        if value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace) {
            self.names_all = true;
            return;
        }
        let name = std::str::from_utf8(value).unwrap_or_else(|error| {
            value.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default()
        });
        // A token with a digit in it is none by the RFC, but a name all the same.
        let name = product_token(name);
        let names = [name, letters(name)];
        if names.iter().any(|name| self.agents.iter().any(|agent| agent.eq_ignore_ascii_case(name))) {
            (self.names_us, self.robots.has_own) = (true, true);
        }
    }

    /// The group that a line is for; a group for us and for everybody is ours.
    fn group(&mut self) -> Option<&mut Group> {
        match (self.names_us, self.names_all) {
            (true, _) => Some(&mut self.robots.own),
            (false, true) => Some(&mut self.robots.common),
            (false, false) => None,
        }
    }

    fn rule(&mut self, allows: bool, value: &[u8]) {
        // Rules before any agent, and those of other robots, are for nobody here, but end the list of agents.
        self.in_rules = true;
        if let Some(group) = self.group()
            && !value.is_empty()
        {
            group.rules.push(Rule { allows, pattern: Pattern::new(value) });
        }
    }

    fn delay(&mut self, value: &[u8]) {
        let seconds = std::str::from_utf8(value).ok().and_then(|text| text.replace(',', ".").parse::<f64>().ok());
        let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        if let (Some(group), Some(seconds)) = (self.group(), seconds) {
            group.delay_s = Some(group.delay_s.map_or(seconds, |known| known.max(seconds)));
        }
    }
}

/// `key: value`, without what stands behind `#`. Two words and no colon are taken for that as well.
fn key_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
    let white = |byte: &u8| matches!(byte, b' ' | b'\t');
    let colon = line.iter().position(|byte| *byte == b':');
    let at = colon.or_else(|| {
        let at = line.iter().position(white)?;
        let value = line.get(at..)?.trim_ascii_start();
        (!value.iter().any(white)).then_some(at)
    })?;
    let key = line.get(..at)?.trim_ascii();
    (!key.is_empty()).then(|| (key, line.get(at + 1..).unwrap_or_default().trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn robots(text: &str) -> Robots {
        Robots::parse(text.as_bytes(), &["embalm"])
    }

    #[test]
    fn a_group_of_our_own_is_the_only_one_that_counts() {
        let text = "User-agent: *\nDisallow: /\nCrawl-delay: 9\n\nUser-agent: Embalm/2\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 1,5";
        let robots = robots(text);
        assert_eq!(robots.allows("/a"), Ok(()));
        assert_eq!(robots.allows("/private/x"), Err("Disallow: /private".to_owned()));
        assert_eq!(robots.allows("/private/open/x"), Ok(()));
        assert_eq!(robots.delay_s(), Some(1.5));
    }

    #[test]
    fn a_page_in_its_place_and_bytes_of_any_kind_are_no_rules() {
        assert_eq!(robots("\n<!doctype html>\nUser-agent: *\nDisallow: /"), Robots::default());
        let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
        assert_eq!(Robots::parse(&bytes, &["embalm"]).allows("/"), Ok(()));
    }

    #[test]
    fn sitemaps_belong_to_no_group_and_the_limit_cuts_the_file() {
        let robots = robots("Sitemap: https://news.example/a.xml\nUser-agent: x\nSITE-MAP: /b.xml");
        assert_eq!(robots.sitemaps, ["https://news.example/a.xml", "/b.xml"]);
        let long = format!("User-agent: *\nDisallow: /a\n{}\nDisallow: /b\n", "#".repeat(MAX_BYTES));
        let robots = self::robots(&long);
        assert!(robots.allows("/a").is_err());
        assert_eq!(robots.allows("/b"), Ok(()));
    }

    #[test]
    fn a_token_is_what_a_user_agent_begins_with() {
        assert_eq!(product_token("embalm/0.1.0 (+https://example.org)"), "embalm");
        assert_eq!(product_token("/"), "");
    }
}
