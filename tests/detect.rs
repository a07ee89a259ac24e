//! Detection over pages: our own cases, and, where the shared folder is there, real labelled pages.

mod corpus;
mod shared;

use embalm::{
    article::{Kind, Page},
    detect,
    model::{Embed, EmbedRecord, Form, Scope},
    platforms,
};
use std::{env, fs, path::Path};

/// The records of a document, as `embalm detect --json` would print them.
fn records(kind: Kind, name: &str, bytes: &[u8]) -> Vec<EmbedRecord> {
    let page = Page::new(kind, name, None, bytes, None);
    detect::embeds(&page).iter().map(|embed| EmbedRecord::new(name, embed)).collect()
}

fn kind(name: &str) -> Option<Kind> {
    match Path::new(name).extension()?.to_str()? {
        "html" => Some(Kind::Html),
        "md" => Some(Kind::Markdown),
        "txt" => Some(Kind::Text),
        _ => None,
    }
}

/// `EMBALM_BLESS` writes what is found as what is expected, to be read before it is kept.
#[test]
fn every_case_gives_its_records() {
    let folder = Path::new("fixtures/cases/detect");
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for name in names {
        let Some(kind) = kind(&name) else { continue };
        cases += 1;
        let path = folder.join(&name);
        let found = records(kind, &name, &fs::read(&path).expect("a case"));
        if env::var_os("EMBALM_BLESS").is_some() {
            let lines = found.iter().map(|one| serde_json::to_string(one).expect("a record") + "\n");
            fs::write(path.with_extension("jsonl"), lines.collect::<String>()).expect("a folder to write to");
        }
        let expected = fs::read_to_string(path.with_extension("jsonl")).expect("a case's records");
        let expected: Vec<EmbedRecord> =
            expected.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
        let lines = |records: &[EmbedRecord]| {
            records
                .iter()
                .map(|record| EmbedRecord { article: String::new(), url: None, ..record.clone() })
                .map(|record| serde_json::to_string(&record).expect("a record"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        if lines(&found) != lines(&expected) {
            let printed: Vec<_> = found.iter().map(|one| serde_json::to_string(one).expect("a record")).collect();
            wrong.push(format!("{name}: expected\n{}\nfound\n{}", lines(&expected), printed.join("\n")));
        }
    }
    assert!(cases > 0, "no cases");
    assert!(wrong.is_empty(), "{} of {cases} cases differ\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What the filter and the skim in front of the parser leave out must hold no embed: every page that we have is read
/// with and without them.
#[test]
fn a_skimmed_page_gives_what_the_whole_page_gives() {
    let mut wrong = Vec::new();
    let pages = corpus::every_page();
    for (kind, name, bytes) in &pages {
        let page = Page::new(*kind, name, None, bytes, None);
        let record = |embed: &_| {
            let record = EmbedRecord { position: 0, ..EmbedRecord::new(name, embed) };
            serde_json::to_string(&record).expect("a record")
        };
        let skimmed: Vec<_> = detect::embeds(&page).iter().map(record).collect();
        let whole: Vec<_> = detect::mark(&page).embeds.iter().map(record).collect();
        let before = wrong.len();
        for (sign, these, those) in [("lost", &whole, &skimmed), ("gained", &skimmed, &whole)] {
            wrong.extend(these.iter().filter(|one| !those.contains(one)).map(|one| format!("{sign}: {one}")));
        }
        if wrong.len() == before && skimmed != whole {
            wrong.push(format!("in another order: {name}"));
        }
    }
    println!("{} pages read twice", pages.len());
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// The filter is asked before an address is parsed, so what platforms recognise must pass it, in a link as in a frame.
#[test]
fn every_address_that_a_platform_knows_is_found_in_a_page() {
    let mut missed = Vec::new();
    for platform in platforms::ALL {
        for (url, id) in platform.samples().posts {
            let Some((_, bare)) = url.split_once(':').filter(|(scheme, _)| scheme.starts_with("http")) else {
                continue;
            };
            for page in [format!("<p><a href=\"{url}\">x</a></p>"), format!("<iframe src=\"{bare}\"></iframe>")] {
                let page = Page::new(Kind::Html, "page.html", None, page.as_bytes(), None);
                let found = detect::search(&page).embeds;
                let is = |one: &Embed| one.target.post().is_some_and(|post| post.id == *id);
                if !found.iter().any(is) {
                    missed.push(format!("{}: {}", platform.id(), page.html));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn labelled_pages_are_read_as_people_read_them() {
    let Some(score) = corpus::score(records) else {
        println!("no shared corpus beside the repository: skipped");
        return;
    };
    println!("{score}");
    assert!(score.recall() >= 0.97, "recall {:.3}", score.recall());
    assert!(score.precision() >= 0.97, "precision {:.3}", score.precision());
    assert!(score.flattened() >= 0.93, "flattened {:.3}", score.flattened());
}

fn html(source: &str) -> Page {
    Page::new(Kind::Html, "page.html", None, source.as_bytes(), None)
}

/// The positions of the tokens in HTML, in order.
fn tokens(html: &str) -> Vec<usize> {
    embalm::html::split_at_tokens(html).into_iter().filter_map(|(_, position)| position).collect()
}

#[test]
fn every_embed_with_a_place_in_the_article_is_marked_once_and_in_order() {
    for entry in fs::read_dir("fixtures/cases/detect").expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(kind) = kind(&name) else { continue };
        let page = Page::new(kind, &name, None, &fs::read(&path).expect("a case"), None);
        let found = detect::mark(&page);
        let marked = tokens(&found.marked_html);
        assert!(marked.is_sorted_by(|a, b| a < b), "{name}: {marked:?}");
        for embed in &found.embeds {
            let place = embed.scope == Scope::Article && !matches!(embed.form, Form::Link | Form::Text | Form::Json);
            assert!(
                !place || marked.contains(&embed.position),
                "{name}: no token for {embed:?}\n{}",
                found.marked_html
            );
        }
    }
}

#[test]
fn a_link_in_a_sentence_stays_and_a_lone_one_is_followed_by_its_token() {
    let link = |id| format!("<a href=\"https://x.com/annex/status/110000000000000000{id}\">a post</a>");
    let page = html(&format!("<article><p>In {} she was glad.</p><p>{}</p><p>End.</p></article>", link(1), link(2)));
    let marked = detect::mark(&page).marked_html;
    let token = embalm::html::embed_token(1);
    assert!(
        marked.contains(&format!("<p>In {} she was glad.</p><p>{}</p><p>{token}</p>", link(1), link(2))),
        "{marked}"
    );
    assert_eq!(tokens(&marked), [1]);
}

#[test]
fn an_embed_that_was_never_closed_leaves_the_article_its_words() {
    let case = fs::read("fixtures/cases/detect/x-blockquote-never-closed.html").expect("the case");
    let page = Page::new(Kind::Html, "case", None, &case, None);
    let marked = detect::mark(&page).marked_html;
    assert!(marked.contains("More words of the article"), "{marked}");
    assert_eq!(tokens(&marked), [0, 2]);
}

#[test]
fn wrappers_go_with_their_embed_and_a_caption_stays() {
    let frame = "<iframe src=\"https://www.youtube.com/embed/aB3_dE6-g01\"></iframe>";
    let page = html(&format!(
        "<article><p>One {frame} two</p><figure><div class=a>\n<div>{}</div></div><figcaption>Boats</figcaption></figure></article>",
        frame.replace("g01", "g02")
    ));
    let marked = detect::mark(&page).marked_html;
    let token = embalm::html::embed_token;
    let expected =
        format!("<p>One  two</p><p>{}</p><figure><p>{}</p><figcaption>Boats</figcaption></figure>", token(0), token(1));
    assert!(marked.contains(&expected), "{marked}");
}

#[test]
fn copies_of_an_embed_go_too() {
    let case = fs::read("fixtures/cases/detect/x-one-post-many-times.html").expect("the case");
    let page = Page::new(Kind::Html, "case", None, &case, None);
    let marked = detect::mark(&page).marked_html;
    assert!(!marked.contains("<iframe") && !marked.contains("<blockquote"), "{marked}");
    assert_eq!(tokens(&marked), [0, 1]);
}

const FERRY: &str =
    "The ferry to the islands ran for the first time since the storm, with two hundred people on board.";
const CAPTAIN: &str = "By noon it had come back twice, and the captain said that it would run until the evening came.";

#[test]
fn an_embed_of_the_state_stands_after_the_words_that_precede_it_there() {
    let state = format!(
        r#"{{"body":[{{"type":"text","text":"{FERRY}"}},{{"type":"tweet","url":"https://x.com/annex/status/1100000000000000001"}},
        {{"type":"text","text":"{CAPTAIN}"}},{{"type":"html","html":"<p>One more</p><iframe src='https://www.youtube.com/embed/aB3_dE6-g02'></iframe>"}},
        {{"type":"tweet","url":"https://x.com/annex/status/1100000000000000003"}}]}}"#
    );
    let frame = "<iframe src=\"https://www.youtube.com/embed/aB3_dE6-g01\"></iframe>";
    let page = html(&format!(
        "<nav>{FERRY}</nav><article><p>{FERRY}</p><ul><li>{CAPTAIN}</li></ul>{frame}<p>End.</p></article>
        <script type=\"application/json\">{state}</script>"
    ));
    let found = detect::mark(&page);
    let token = |position| format!("<p>{}</p>", embalm::html::embed_token(position));
    let expected = format!(
        "<article><p>{FERRY}</p>{}<ul><li>{CAPTAIN}</li></ul>{}{}{}<p>End.</p></article>",
        token(0),
        token(1),
        token(2),
        token(3)
    );
    assert!(found.marked_html.contains(&expected), "{}", found.marked_html);
    let ids: Vec<_> = found.embeds.iter().filter_map(|one| one.target.post()).map(|post| post.id.as_str()).collect();
    assert_eq!(ids, ["1100000000000000001", "aB3_dE6-g02", "1100000000000000003", "aB3_dE6-g01"]);
}

#[test]
fn an_embed_at_the_beginning_of_the_state_stands_before_the_words_after_it() {
    let state = format!(r#"{{"lead":{{"type":"video","url":"https://youtu.be/aB3_dE6-g01"}},"body":["{FERRY}"]}}"#);
    let page = html(&format!(
        "<article><p>{FERRY}</p><p>End.</p></article><script type=\"application/json\">{state}</script>"
    ));
    let marked = detect::mark(&page).marked_html;
    assert!(marked.contains(&format!("<article><p>{}</p><p>{FERRY}", embalm::html::embed_token(0))), "{marked}");
}

#[test]
fn markup_in_the_state_stands_after_the_paragraph_before_it() {
    let state = format!(
        "<p>{FERRY}</p><p>{CAPTAIN}</p><blockquote class='twitter-tweet'><p>Ay</p><a href='https://x.com/annex/status/1100000000000000001'></a></blockquote><p>End of the story.</p>"
    );
    let page = html(&format!(
        "<main><div>{FERRY}<br>{CAPTAIN}<br>End of the story.</div></main><script>window.state = {{\"content\": \"{state}\"}}</script>"
    ));
    let marked = detect::mark(&page).marked_html;
    assert!(marked.contains(&format!("{CAPTAIN}<p>{}</p><br>End", embalm::html::embed_token(0))), "{marked}");
}

#[test]
fn a_page_that_scripts_alone_draw_has_its_embeds_without_a_place() {
    let body = |text: &str| {
        let post = r#"{"type":"tweet","url":"https://x.com/annex/status/1100000000000000001"}"#;
        format!(r#"<div id="app"></div><script type="application/json">[{{"text":"{text}"}},{post}]</script>"#)
    };
    let own = format!(r#"<script type="application/ld+json">{{"@context":"x","articleBody":"{FERRY}"}}</script>"#);
    for (page, count) in [(body(FERRY), 1), (own.clone() + &body(FERRY), 1), (own + &body(CAPTAIN), 0)] {
        let found = detect::mark(&html(&page));
        assert_eq!(found.embeds.len(), count, "{page}");
        assert!(tokens(&found.marked_html).is_empty(), "{page}");
    }
}

#[test]
fn a_shortcode_that_nothing_replaced_is_drawn_where_it_stands() {
    let page = html(
        "<article><p>One.</p><p>[tweet id=\"1100000000000000001\"]</p><p>Two, as in [youtube aB3_dE6-g01], three.</p></article>",
    );
    let marked = detect::mark(&page).marked_html;
    let expected = format!("<p>One.</p><p>{}</p><p>Two, as in [youtube", embalm::html::embed_token(0));
    assert!(marked.contains(&expected), "{marked}");
}

#[test]
fn an_embed_in_a_script_of_its_own_stands_where_the_script_does() {
    let script = r#"<script type="application/json">{"type": "tweet", "url": "https://x.com/annex/status/1100000000000000001"}</script>"#;
    let page = html(&format!("<article><p>One.</p><div>{script}</div><p>Two.</p></article>"));
    let marked = detect::mark(&page).marked_html;
    assert!(marked.contains(&format!("{script}<p>{}</p></div><p>Two.", embalm::html::embed_token(0))), "{marked}");
}

#[test]
fn hostile_pages_end_soon_on_a_small_stack() {
    let frame = "<iframe src=\"https://www.instagram.com/p/CaBcDeFgH_1/embed\"></iframe>";
    let state: String = (0..3_000)
        .map(|i| {
            format!(r#"{{"t":"{i} {FERRY}"}},{{"type":"tweet","url":"https://x.com/a/status/12000000000000{i:05}"}},"#)
        })
        .collect();
    let pages = [
        "<div>".repeat(100_000),
        "<font><p>".repeat(20_000),
        "<svg><foreignObject><select>".repeat(5_000),
        format!("<p {}>x</p>", (0..50_000).map(|i| format!("a{i}=\"{i}\" ")).collect::<String>()),
        format!("<!--{}", "-".repeat(500_000)),
        "<![CDATA[".repeat(50_000),
        "<blockquote class=twitter-tweet><p>".repeat(10_000),
        "<aside class=sidebar>".to_owned() + &frame.repeat(5_000),
        "<span>".repeat(5_000) + &frame.repeat(2_000),
        format!("<script>{}</script>", "={\"youtube\":\"".repeat(50_000)),
        format!("<div data-x=\"&lt;iframe {}\">", "&amp;lt;".repeat(20_000)),
        "[tweet ".repeat(50_000),
        "[embed]".repeat(50_000),
        "{/*{{< [x]".repeat(30_000),
        format!("<p>{}</p><script>x = [{}0]</script>", "words of the page ".repeat(20_000), state),
        format!("<script>self.__next_f.push([1,\"{}\"])</script>", "1:T,2:[\\n".repeat(50_000)),
        format!("<script>x = '{}</script>", "\\'".repeat(100_000)),
        "<template><div data-x=\"&lt;iframe srcdoc='&amp;lt;iframe srcdoc=x&amp;gt;'\">".repeat(500),
    ];
    let run = move || {
        for page in pages {
            let found = detect::mark(&html(&page));
            assert!(found.embeds.len() <= 1, "{}", page.chars().take(80).collect::<String>());
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run).expect("a thread");
    assert!(thread.join().is_ok(), "a hostile page was too much");
}

#[test]
fn a_page_over_a_limit_says_so() {
    use detect::{CutShort, limits};
    let links = |n: usize| -> String {
        (0..n).map(|id| format!("<a href=\"https://x.com/annex/status/{}\">x</a>", 9_000_000 + id)).collect()
    };
    let text: String =
        (0..=limits::MAX_FOUND).map(|id| format!("https://x.com/annex/status/{}\n", 9_000_000 + id)).collect();
    let state =
        |bytes: usize| format!("<script type=\"application/json\">{{\"embed\":\"{}\"}}</script>", "x".repeat(bytes));
    let held = format!("<noscript><p>{}</p></noscript>", "x".repeat(limits::MAX_HELD_BYTES / 4));
    let numbers = "0,".repeat(limits::MAX_STATE_VALUES + 1);
    let markup = format!("<iframe src='a'></iframe>{}", "x".repeat(limits::MAX_STATE_HTML_BYTES / 2));
    let strings = |n: usize| -> String {
        (0..n).map(|_| format!("<script type=\"application/json\">{{\"embed\":\"{markup}\"}}</script>")).collect()
    };
    for (kind, page, expected) in [
        (Kind::Html, links(100), vec![]),
        (Kind::Html, links(limits::MAX_FOUND), vec![]),
        (Kind::Html, links(limits::MAX_FOUND + 1), vec![CutShort::Finds]),
        (Kind::Text, text, vec![CutShort::Finds]),
        (Kind::Html, held.repeat(3), vec![]),
        (Kind::Html, held.repeat(5), vec![CutShort::HeldHtml]),
        (Kind::Html, state(1000), vec![]),
        (Kind::Html, state(limits::MAX_SCRIPT_BYTES), vec![CutShort::LongScript]),
        (Kind::Html, state(limits::MAX_STATE_BYTES / 4 - 1000).repeat(5), vec![CutShort::State]),
        (Kind::Html, format!("<script>var embed=[{numbers}0]</script>"), vec![CutShort::StateValues]),
        (Kind::Html, strings(1), vec![]),
        (Kind::Html, strings(3), vec![CutShort::StateHtml]),
    ] {
        let page = Page::new(kind, "page", None, page.as_bytes(), None);
        // The whole page is read: a skim passes over what can hold no post, however long it is.
        let found = detect::mark(&page);
        assert_eq!(found.cut_short, expected, "{}", page.html.chars().take(60).collect::<String>());
        assert!(found.embeds.len() <= limits::MAX_FOUND);
    }
}
