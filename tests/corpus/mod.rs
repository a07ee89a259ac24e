//! Scores detection against labelled pages: by page and post, labels beside the article and doubtful ones left out.

use crate::shared::shared;
use embalm::{
    article::Kind,
    model::{EmbedRecord, Form, Scope},
    platforms,
};
use serde_json::Value;
use std::{
    collections::HashSet,
    env, fmt, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// What counts, over all pages.
#[derive(Default)]
pub(crate) struct Score {
    embeds: Share,
    links: Share,
    flattened: Share,
    words: Share,
    clean: Share,
    reported: usize,
    right: usize,
    missed: Vec<String>,
    invented: Vec<String>,
}

/// Found of wanted.
#[derive(Clone, Copy, Default)]
struct Share(usize, usize);

impl Share {
    fn add(&mut self, found: bool) {
        self.0 += usize::from(found);
        self.1 += 1;
    }

    fn ratio(self) -> f64 {
        if self.1 == 0 { 1.0 } else { self.0 as f64 / self.1 as f64 }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ({}/{})", self.ratio(), self.0, self.1)
    }
}

impl Score {
    pub(crate) fn recall(&self) -> f64 {
        self.embeds.ratio()
    }

    pub(crate) fn precision(&self) -> f64 {
        Share(self.right, self.reported).ratio()
    }

    pub(crate) fn flattened(&self) -> f64 {
        self.flattened.ratio()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.missed.iter().chain(&self.invented) {
            writeln!(f, "{line}")?;
        }
        write!(
            f,
            "recall {} links {} precision {} clean pages {} flattened {} words {}",
            self.embeds,
            self.links,
            Share(self.right, self.reported),
            self.clean,
            self.flattened,
            self.words
        )
    }
}

/// Runs `detect` over the labelled pages; none where they are not there. `EMBALM_DUMP` names a file for the records.
pub(crate) fn score(detect: fn(Kind, &str, &[u8]) -> Vec<EmbedRecord>) -> Option<Score> {
    let folder = shared("corpus/dev")?;
    let labels = fs::read_to_string(folder.join("labels.jsonl")).ok()?;
    let mut dump = env::var_os("EMBALM_DUMP").map(|path| fs::File::create(path).expect("a file for the records"));
    let mut score = Score::default();
    for line in labels.lines() {
        let page: Value = serde_json::from_str(line).expect("a line of labels");
        let name = text(&page, "file");
        let kind = match Path::new(name).extension().and_then(|ending| ending.to_str()) {
            Some("md") => Kind::Markdown,
            Some("txt") => Kind::Text,
            _ => Kind::Html,
        };
        let records = detect(kind, name, &fs::read(folder.join(name)).expect("a labelled page"));
        if let Some(dump) = &mut dump {
            for record in &records {
                writeln!(dump, "{}", serde_json::to_string(record).expect("a record")).expect("a file to write to");
            }
        }
        if text(&page, "kind") == "text" {
            score.flattened_page(name, &page, records);
        } else {
            score.page(name, &page, &records);
        }
    }
    Some(score)
}

impl Score {
    fn page(&mut self, name: &str, page: &Value, records: &[EmbedRecord]) {
        let mut used = HashSet::new();
        for label in list(page, "labels") {
            let platform = text(label, "platform");
            if platforms::by_id(platform).is_none_or(|known| known.samples().posts.is_empty()) {
                continue;
            }
            let ids = ids(platform, text(label, "post_id"));
            let hit = records.iter().position(|record| {
                record.platform.as_deref() == Some(platform)
                    && record.post_id.as_deref().is_some_and(|id| !self::ids(platform, id).is_disjoint(&ids))
            });
            used.extend(hit);
            if text(label, "scope") != "article" || label.get("doubtful").is_some_and(|doubt| !doubt.is_null()) {
                continue;
            }
            self.right += usize::from(hit.is_some());
            self.reported += usize::from(hit.is_some());
            let share = if text(label, "form") == "link" { &mut self.links } else { &mut self.embeds };
            share.add(hit.is_some());
            if hit.is_none() {
                self.missed.push(format!(
                    "missed  {name}: {platform}:{} {}",
                    text(label, "post_id"),
                    text(label, "form")
                ));
            }
        }
        let in_article = records.iter().enumerate().filter(|(_, record)| record.scope == Scope::Article);
        for (_, record) in in_article.clone().filter(|(index, _)| !used.contains(index)) {
            self.reported += 1;
            let id = record.post_id.as_deref().unwrap_or("?");
            let platform = record.platform.as_deref().unwrap_or("?");
            self.invented.push(format!("invented {name}: {platform}:{id} {}", record.form.as_str()));
        }
        if text(page, "page_class") == "none" {
            self.clean.add(in_article.count() == 0);
        }
    }

    fn flattened_page(&mut self, name: &str, page: &Value, mut records: Vec<EmbedRecord>) {
        let labels: Vec<_> = list(page, "labels").collect();
        for label in &labels {
            let (handle, date) = (text(label, "author_handle"), text(label, "date"));
            let prefix: String = plain(text(label, "text_prefix")).chars().take(24).collect();
            let same = labels.iter().filter(|l| text(l, "author_handle") == handle && text(l, "date") == date).count();
            let words =
                |record: &EmbedRecord| plain(record.quoted.text.as_deref().unwrap_or_default()).starts_with(&prefix);
            let hit = records.iter().position(|record| {
                let quoted = &record.quoted;
                quoted.author_handle.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(handle))
                    && quoted.published.is_some_and(|when| when.day().to_string() == date)
                    && (words(record) || same == 1)
            });
            self.flattened.add(hit.is_some());
            if let Some(hit) = hit {
                let record = records.remove(hit);
                self.words.add(words(&record));
            } else {
                self.missed.push(format!("missed  {name}: @{handle} {date}"));
            }
        }
        for record in records.iter().filter(|record| record.form == Form::Text && record.post_id.is_none()) {
            self.invented.push(format!("invented {name}: {:?}", record.quoted));
        }
    }
}

/// The spellings under which one post may be named.
fn ids(platform: &str, id: &str) -> HashSet<String> {
    let id = id.to_lowercase();
    let mut ids = HashSet::from([id.clone()]);
    if !matches!(platform, "twitter" | "youtube" | "instagram") {
        ids.extend(id.trim_end_matches('/').rsplit('/').next().map(str::to_owned));
    }
    ids
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '_').flat_map(char::to_lowercase).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Every page that we have: the project's own, those of the shared corpus, and pages made of the platforms' own
/// addresses in each escape that pages use.
pub(crate) fn every_page() -> Vec<(Kind, String, Vec<u8>)> {
    let mut folders = vec![PathBuf::from("fixtures")];
    folders.extend(shared("corpus/dev"));
    let mut pages = Vec::new();
    for entry in folders.iter().flat_map(walkdir::WalkDir::new).flatten() {
        let kind = match entry.path().extension().and_then(|end| end.to_str()) {
            Some("html") => Kind::Html,
            Some("md") => Kind::Markdown,
            Some("txt") => Kind::Text,
            _ => continue,
        };
        let bytes = fs::read(entry.path()).expect("a page");
        pages.push((kind, entry.path().display().to_string(), bytes));
    }
    for platform in platforms::ALL {
        let samples = platform.samples();
        let urls: Vec<_> = samples.posts.iter().map(|(url, _)| *url).chain(samples.others.iter().copied()).collect();
        for (escape, escaped) in ESCAPES {
            let page: String = urls.iter().map(|url| escaped(url)).collect();
            let page = format!("<body><article><h1>A</h1>{page}</article><script>{{}}</script></body>");
            pages.push((Kind::Html, format!("{} {escape}", platform.id()), page.into_bytes()));
        }
    }
    pages
}

/// How an address stands in a page.
type Escape = fn(&str) -> String;

const ESCAPES: [(&str, Escape); 11] = [
    ("link", |url| format!("<p>Some words and <a href=\"{url}\">a link</a>.</p>")),
    ("bare link", |url| format!("<p><a href={url}>a link</a></p>")),
    ("text", |url| format!("<p>{url}</p>")),
    ("frame", |url| format!("<iframe src='{}'></iframe>", url.replace("https:", ""))),
    ("entities", |url| {
        let url = url.replace('/', "&#x2F;").replace('?', "&#x3f;").replace('=', "&#61;");
        format!("<div data-url=\"{url}\"></div>")
    }),
    ("parameter", |url| {
        let url: String = url.bytes().map(encoded).collect();
        format!("<div data-src='/embed?url={url}&amp;x=1'></div>")
    }),
    ("twice", |url| {
        let url: String = url.bytes().map(encoded).collect::<String>().replace('%', "%25");
        format!("<iframe data-src='https://player.example/embed?url={url}'></iframe>")
    }),
    ("held", |url| format!("<noscript><iframe src=\"{url}\"></iframe></noscript>")),
    ("attribute", |url| format!("<div data-html=\"&lt;iframe src=&quot;{url}&quot;&gt;&lt;/iframe&gt;\"></div>")),
    ("base64", |url| {
        use base64::Engine as _;
        let html = format!("<iframe src=\"{url}\" width=\"560\"></iframe>");
        format!("<div data-content=\"{}\"></div>", base64::engine::general_purpose::STANDARD.encode(html))
    }),
    ("state", |url| {
        let url = url.replace('/', "\\u002F");
        format!("<script type=\"application/json\">{{\"type\":\"embed\",\"url\":\"{url}\"}}</script>")
    }),
];

fn encoded(byte: u8) -> String {
    // As `encodeURIComponent` does.
    if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
