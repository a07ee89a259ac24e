//! An archive in which every attack stands wherever archived text reaches a page. All of it came through the pipeline:
//! articles were read from files, posts from recorded answers.

use super::{Page, payloads::Payload};
use crate::{
    Suite,
    exported::files,
    recording::{self, Answer, avatar, file_url, post_url, status, told},
    room::{Viewer, embalm},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::{fmt::Write as _, fs, path::Path};
use tempfile::TempDir;
use url::Url;

/// Attacks on one page, where one page may bear several.
pub(crate) const BATCH: usize = 50;

/// Of so many posts one is visited on its own page, beside all of them on pages of articles and lists.
const POST_PAGES: usize = 6;

/// Entries on a page of a list, at most.
const LISTED: usize = 50;

/// Ids of posts: their words, and the same behind a warning.
const PLAIN: u64 = 116_400_000_000_000_000;
const WARNED: u64 = 116_500_000_000_000_000;

pub(crate) struct Attacked {
    pub(crate) folder: TempDir,
    pub(crate) viewer: Viewer,
    pub(crate) payloads: Vec<Payload>,
}

impl Attacked {
    pub(crate) fn new(payloads: Vec<Payload>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let at = folder.path();
        let pages = at.join("pages");
        fs::create_dir(&pages).expect("a folder");
        for (number, one) in payloads.iter().enumerate() {
            fs::write(pages.join(format!("one-{number:05}.html")), article(number, &one.payload)).expect("a page");
        }
        for (number, _) in payloads.chunks(BATCH).enumerate() {
            let from = number * BATCH;
            let posts =
                (from..payloads.len().min(from + BATCH)).flat_map(|number| [post(PLAIN, number), post(WARNED, number)]);
            fs::write(pages.join(format!("batch-{number:05}.html")), page_of(number, posts)).expect("a page");
        }
        let pages = pages.to_string_lossy().into_owned();
        for (command, at_time, again) in
            [("add", "2026-03-30T08:00:00Z", ""), ("recheck", "2026-03-31T08:00:00Z", " Edited.")]
        {
            let recording = recording::write(at, at_time, &answers(&payloads, again)).to_string_lossy().into_owned();
            let mut arguments = vec![command, "--quiet", "--replay", &recording];
            arguments.extend((command == "add").then_some(pages.as_str()));
            embalm(at, &arguments);
        }
        let viewer = Viewer::start(at);
        Self { viewer, payloads, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The pages that each have many posts.
    pub(super) fn batches(&self) -> Vec<Page> {
        self.pages(|title, _| title.starts_with("Batch ").then(|| title.to_owned()))
    }

    /// The articles that each are one attack.
    pub(super) fn articles(&self) -> Vec<Page> {
        let found = self.pages(|_, url| {
            let (_, rest) = url.split_once("//attacked.example/")?;
            let number = rest.split('?').next()?.parse::<usize>().ok()?;
            self.payloads.get(number).map(|one| one.id.clone())
        });
        assert_eq!(found.len(), self.payloads.len(), "every attack has its article");
        found
    }

    fn pages(&self, name: impl Fn(&str, &str) -> Option<String>) -> Vec<Page> {
        let listed = embalm(self.folder(), &["list", "articles", "--json", "--limit", "100000"]);
        let records = listed.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record"));
        let pages = records.filter_map(|record| {
            let attack =
                name(record["title"].as_str().unwrap_or_default(), record["url"].as_str().unwrap_or_default())?;
            Some(Page { url: self.viewer.url(&format!("/article/{}", record["id"])), attack })
        });
        pages.collect()
    }

    /// Each attack as what a reader asks for, with the harmless page of that kind: all of them are searched for, and
    /// each is asked for in one of the other ways.
    pub(super) fn asked(&self, suite: &Suite) -> Vec<(String, Vec<Page>)> {
        let others = ["/at/https://", "/posts?author=", "/author/mastodon/", "/articles?site="];
        let page = |path: &str, one: &Payload| Page {
            url: self.viewer.url(&format!("{path}{}", utf8_percent_encode(&one.payload, NON_ALPHANUMERIC))),
            attack: one.id.clone(),
        };
        let searched = self.payloads.iter().map(|one| page("/search?q=", one)).collect();
        let mut kinds = vec![(suite.room.url("/search?q=ferry"), searched)];
        for (kind, path) in others.iter().enumerate() {
            let some = self.payloads.iter().skip(kind).step_by(others.len()).map(|one| page(path, one)).collect();
            kinds.push((suite.room.url(&format!("{path}nothing.example")), some));
        }
        let posts = self.payloads.iter().enumerate().skip(1).step_by(POST_PAGES).map(|(number, one)| Page {
            url: self.viewer.url(&format!("/post/{}", recording::key(post(PLAIN, number)))),
            attack: one.id.clone(),
        });
        kinds.push((suite.room.edited(), posts.collect()));
        kinds
    }

    /// Every page of the lists.
    pub(super) fn lists(&self) -> Vec<Page> {
        let pages = self.payloads.len().div_ceil(LISTED) + 1;
        let lists = (1..=pages).flat_map(|page| ["/articles", "/posts"].map(|path| format!("{path}?page={page}")));
        let lists = lists.chain(["/", "/runs", "/failures", "/status", "/platforms", "/sources"].map(str::to_owned));
        lists.map(|path| Page { url: self.viewer.url(&path), attack: String::new() }).collect()
    }

    /// Pages of a publisher that embed snippets, many each.
    pub(super) fn hosts(&self) -> Vec<Page> {
        let out = self.folder().join("snippets");
        embalm(self.folder(), &["export", "html", "--quiet", "--embed", "--out", &out.to_string_lossy()]);
        let snippets = files(&out);
        assert!(snippets.len() >= 2 * self.payloads.len(), "{} snippets", snippets.len());
        let hosts = snippets.chunks(BATCH).enumerate().map(|(number, some)| {
            let snippets: String =
                some.iter().map(|url| without_style(&fs::read_to_string(path(url)).expect("a snippet"))).collect();
            let host = out.join(format!("host-{number}.html"));
            fs::write(&host, host_page(&snippets)).expect("a page");
            Page {
                url: Url::from_file_path(&host).expect("an absolute path").into(),
                attack: format!("snippets {number}"),
            }
        });
        hosts.collect()
    }

    /// The same host around nothing.
    pub(super) fn clean_host(&self) -> String {
        let host = self.folder().join("snippets").join("host.html");
        fs::write(&host, host_page("")).expect("a page");
        Url::from_file_path(&host).expect("an absolute path").into()
    }

    /// Every article as a file of its own.
    pub(super) fn files(&self) -> Vec<Page> {
        let out = self.folder().join("singles");
        embalm(self.folder(), &["export", "html", "--quiet", "--self-contained", "--out", &out.to_string_lossy()]);
        files(&out).into_iter().map(|url| Page { attack: String::new(), url }).collect()
    }
}

fn path(url: &str) -> std::path::PathBuf {
    Url::parse(url).expect("an address").to_file_path().expect("of a file")
}

/// The host has the style sheet once.
fn without_style(snippet: &str) -> String {
    snippet.split_once("</style>").map_or(snippet, |(_, rest)| rest).to_owned()
}

fn host_page(snippets: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>A publisher</title>\
         <link rel=\"stylesheet\" href=\"embalm-post.css\"></head><body><header><nav><a href=\"#main\">A publisher</a></nav></header>\
         <main id=\"main\"><h1>Posts</h1>{snippets}</main><footer>The end</footer></body></html>"
    )
}

fn post(series: u64, number: usize) -> u64 {
    series + number as u64
}

/// Everything that the server answers: each post with its attack in every place that a platform fills.
fn answers(payloads: &[Payload], again: &str) -> Vec<Answer> {
    let mut answers = vec![avatar(), Answer::file(&file_url("pier.jpg"), "image/jpeg", "harbour-dusk.jpg")];
    for (number, one) in payloads.iter().enumerate() {
        let p = &one.payload;
        let mut plain = attacked(post(PLAIN, number), p, again);
        plain["media_attachments"] = json!([
            {"id": "1", "type": "image", "url": file_url("pier.jpg"), "preview_url": null, "remote_url": null, "meta": {}, "description": p, "blurhash": p},
            {"id": "2", "type": "image", "url": file_url(&format!("{number}.svg")), "preview_url": null, "remote_url": null, "meta": {}, "description": p}
        ]);
        let mut warned = attacked(post(WARNED, number), p, again);
        warned["spoiler_text"] = p.as_str().into();
        warned["sensitive"] = true.into();
        warned["card"] = json!({
            "url": format!("https://cards.example/{number}?q={p}"), "title": p, "description": p, "type": "link",
            "provider_name": p, "author_name": p, "image": file_url("pier.jpg")
        });
        warned["poll"] = json!({
            "id": "1", "expires_at": "2026-03-30T06:15:30.000Z", "expired": true, "multiple": false, "votes_count": 9, "voters_count": 9,
            "options": [{"title": p, "votes_count": 6}, {"title": "No", "votes_count": 3}]
        });
        answers.extend([told(&plain), told(&warned)]);
        // A document that calls itself a picture, under a type that is no type.
        let bytes = if number % 2 == 0 {
            format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{p}</svg>")
        } else {
            format!("<!doctype html>{p}")
        };
        let mime = ["image/png", "image/svg+xml", "text/html", "application/xhtml+xml"][number % 4];
        answers.push(Answer::new(&file_url(&format!("{number}.svg")), mime, bytes));
    }
    answers
}

fn attacked(id: u64, payload: &str, again: &str) -> Value {
    let mut post = status(id, &format!("{payload}{again}"));
    // What stands behind an @ is a host, and another post.
    post["account"]["acct"] = payload.replace('@', " at ").into();
    post["account"]["display_name"] = payload.into();
    post["account"]["url"] = payload.into();
    post["url"] = post_url(id).into();
    post
}

/// An article with one attack in each of its own places.
fn article(number: usize, payload: &str) -> String {
    let p = escaped(payload);
    let json = json!({
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": payload, "author": {"@type": "Person", "name": payload},
        "publisher": {"@type": "Organization", "name": payload}, "datePublished": "2026-03-19T06:45:00Z"
    });
    let json = json.to_string().replace('<', "\\u003c");
    format!(
        "<!doctype html><html lang=\"{p}\"><head><meta charset=\"utf-8\"><title>{p}</title>\
         <link rel=\"canonical\" href=\"https://attacked.example/{number}?q={p}\"><meta property=\"og:title\" content=\"{p}\">\
         <meta property=\"og:site_name\" content=\"{p}\"><meta name=\"author\" content=\"{p}\"><script type=\"application/ld+json\">{json}</script></head>\
         <body><article><h1>{p}</h1><p class=\"byline\">{p}</p><p>The harbour office announced the hour on Sunday, and then another, \
         and the quay has taken its lamps out of the cellar to see the ferry off.</p><p><img src=\"/a.png\" alt=\"{p}\"> \
         <a href=\"{p}\" title=\"{p}\">A link, of which nothing good is known</a>, and more words so that it is a sentence of an article.</p>\
         <blockquote class=\"twitter-tweet\"><p>{p}</p>&mdash; {p} (@{p}) <a href=\"https://twitter.com/lamp/status/{id}\">{p}</a></blockquote>\
         <div>{payload}</div><p>The ferry sails whatever the weather, said the office, which put a second sailing to the vote.</p></article></body></html>",
        id = 1_700_000_000_000_000_000_u64 + number as u64,
    )
}

/// A page that only embeds posts.
fn page_of(number: usize, posts: impl Iterator<Item = u64>) -> String {
    let mut page = format!(
        "<!doctype html><title>Batch {number}</title><article><h1>Batch {number}</h1><p>Posts of a day, one after the other.</p>"
    );
    for id in posts {
        let _ = write!(
            page,
            "<p>A post, and what stands around it.</p><iframe class=\"mastodon-embed\" src=\"{}/embed\"></iframe>",
            post_url(id)
        );
    }
    page.push_str("</article>");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
