//! Sources as a user has them: asked for news alone, patient with what fails, and honest about it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

mod binary;
#[path = "fetch/server.rs"]
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod server;

use binary::{embalm, ends};
use flate2::{Compression, write::GzEncoder};
use server::{Asked, Reply, Server};
use std::{fs, io::Write, path::Path};
use tempfile::TempDir;

/// The path of what was asked for.
fn path(asked: &Asked) -> &str {
    asked.url.splitn(4, '/').nth(3).unwrap_or_default()
}

fn base(asked: &Asked) -> String {
    asked.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

fn page(title: &str) -> Reply {
    let body =
        format!("<html><title>{title}</title><article><h1>{title}</h1><p>{}</p></article>", "Words. ".repeat(60));
    Reply::new("200 OK\r\ncontent-type: text/html", body.as_bytes())
}

fn feed(asked: &Asked, names: &[&str]) -> String {
    let items: String = names
        .iter()
        .map(|name| format!("<item><title>{name}</title><link>{}/{name}</link></item>", base(asked)))
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Tide</title>{items}</channel></rss>")
}

fn missing() -> Reply {
    Reply::new("404 Not Found", b"")
}

/// A folder with a configuration for loopback; `sources` are its sources, `URL` in them the server's address.
fn world(server: &Server, sources: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), server, sources);
    folder
}

fn configure(folder: &Path, server: &Server, sources: &str) {
    let sources = sources.replace("URL", &format!("http://{}", server.address));
    let text = format!(
        "[network]\nallow_hosts = [\"127.0.0.1\"]\nper_host_delay_ms = 0\nper_host_concurrency = 8\nrespect_robots = false\n\
         [capture]\nplatforms = [\"vine\"]\n{sources}"
    );
    fs::write(folder.join("config.toml"), text).unwrap();
}

fn run(folder: &Path, code: i32) -> (String, String) {
    ends(embalm(folder).current_dir(folder).args(["run"]), code)
}

/// A listing as records.
fn list(folder: &Path, what: &[&str]) -> Vec<serde_json::Value> {
    let (out, _) = ends(embalm(folder).current_dir(folder).args(["list", "--json"]).args(what), 0);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn asked_for(server: &Server) -> Vec<String> {
    server.asked().iter().map(|asked| path(asked).to_owned()).collect()
}

#[test]
fn a_second_run_asks_for_news_and_for_nothing_else() {
    let server = Server::new(|asked| match path(asked) {
        "feed.xml" if asked.head.contains("if-none-match: \"1\"") => Reply::new("304 Not Modified", b""),
        "feed.xml" => Reply::new("200 OK\r\netag: \"1\"", feed(asked, &["a", "b"]).as_bytes()),
        name => page(name),
    });
    let folder = world(
        &server,
        "[[source]]\nname = \"Tide\"\nkind = \"rss\"\nurl = \"URL/feed.xml\"\nlabels = [\"sea\"]\nlang = \"en\"\n",
    );
    run(folder.path(), 0);
    assert_eq!(asked_for(&server).len(), 3);
    run(folder.path(), 0);
    assert_eq!(asked_for(&server)[3..], ["feed.xml"]);
    let articles = list(folder.path(), &["articles", "--label", "sea"]);
    assert_eq!(articles.len(), 2);
    assert_eq!((&articles[0]["source"], &articles[0]["labels"][0]), (&"Tide".into(), &"sea".into()));
    assert!(list(folder.path(), &["articles", "--label", "land"]).is_empty());
    let sources = list(folder.path(), &["sources"]);
    assert_eq!((&sources[0]["articles"], &sources[0]["failures_in_a_row"]), (&2.into(), &0.into()));
}

#[test]
fn a_feed_that_is_said_to_be_as_it_was_for_ever_is_asked_for_whole_after_a_week() {
    let server = Server::new(|asked| match path(asked) {
        "feed.xml" if asked.head.contains("if-none-match") => Reply::new("304 Not Modified", b""),
        "feed.xml" => Reply::new("200 OK\r\netag: \"always\"", feed(asked, &["a"]).as_bytes()),
        name => page(name),
    });
    let folder = world(&server, "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/feed.xml\"\n");
    let whole = || server.asked().iter().filter(|a| path(a) == "feed.xml" && !a.head.contains("if-none-match")).count();
    for (days_ago, expected) in [(0, 1), (6, 1), (0, 1), (8, 2), (0, 2)] {
        if days_ago > 0 {
            let archive = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
            let read_at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(days_ago * 24);
            archive.execute("UPDATE source_documents SET read_at = ?1", [format!("{read_at:.3}")]).unwrap();
        }
        run(folder.path(), 0);
        assert_eq!(whole(), expected, "{days_ago} days after it was read");
    }
}

#[test]
fn what_a_run_did_not_reach_waits_and_is_no_failure() {
    let server = Server::new(|asked| match path(asked) {
        "feed.xml" if asked.head.contains("if-none-match: \"1\"") => Reply::new("304 Not Modified", b""),
        "feed.xml" => Reply::new("200 OK\r\netag: \"1\"", feed(asked, &["a", "b", "c"]).as_bytes()),
        name => page(name),
    });
    let budget = "[budget]\narticles = 2\n";
    let source = "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/feed.xml\"\n";
    let folder = world(&server, &format!("{budget}{source}"));
    run(folder.path(), 4);
    assert!(list(folder.path(), &["failures"]).is_empty());
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 3);
    assert_eq!(asked_for(&server).len(), 5, "two polls and three articles");
}

#[test]
fn articles_have_the_language_of_their_source_where_they_say_none() {
    let server = Server::new(|asked| match path(asked) {
        "list.txt" => Reply::new("200 OK", format!("{}/a\n", base(asked)).as_bytes()),
        _ => Reply::new("200 OK\r\ncontent-type: text/html", b"<title>17</title><article><p>4711 4712</p></article>"),
    });
    let folder = world(
        &server,
        "[[source]]\nname = \"list\"\nkind = \"list\"\nurl = \"URL/list.txt\"\nlang = \"sv\"\n\
         [[source]]\nname = \"files\"\nkind = \"files\"\npath = \"pages\"\nlang = \"nb\"\nlabels = [\"mine\"]\n",
    );
    fs::create_dir(folder.path().join("pages")).unwrap();
    fs::write(folder.path().join("pages/b.html"), "<title>18</title><article><p>4713 4714</p></article>").unwrap();
    run(folder.path(), 0);
    let langs: Vec<_> =
        list(folder.path(), &["articles", "--sort", "title"]).iter().map(|a| a["lang"].clone()).collect();
    assert_eq!(langs, ["sv", "nb"]);
    assert_eq!(list(folder.path(), &["articles", "--label", "mine"]).len(), 1);
}

#[test]
fn other_patterns_let_in_what_was_left_out_though_the_source_has_no_news() {
    let server = Server::new(|asked| match path(asked) {
        "feed.xml" if asked.head.contains("if-none-match: \"1\"") => Reply::new("304 Not Modified", b""),
        "feed.xml" => Reply::new("200 OK\r\netag: \"1\"", feed(asked, &["a", "b"]).as_bytes()),
        name => page(name),
    });
    let source = "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/feed.xml\"\n";
    let folder = world(&server, &format!("{source}exclude = [\"/b$\"]\n"));
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 1);
    configure(folder.path(), &server, source);
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 2);
}

#[test]
fn the_links_of_a_section_and_its_next_pages_are_articles_and_an_index_of_nothing_is_a_failure() {
    let server = Server::new(|asked| {
        let list = |from: u32, next: &str| {
            let links: String = (from..from + 8)
                .map(|nth| format!("<article><h2><a href=\"/2026/11/22/high-tide-at-the-harbour-{nth}\">High tide at the harbour, part {nth}</a></h2></article>"))
                .collect();
            let page =
                format!("<html><head>{next}</head><body><main>{links}</main><a href=/about>About</a></body></html>");
            Reply::new("200 OK\r\ncontent-type: text/html", page.as_bytes())
        };
        match path(asked) {
            "news/" => list(1, "<link rel=next href=/news/2>"),
            "news/2" => list(9, "<link rel=next href=/news/>"),
            "index.xml" => {
                let child =
                    format!("<sitemapindex><sitemap><loc>{}/lost.xml</loc></sitemap></sitemapindex>", base(asked));
                Reply::new("200 OK", child.as_bytes())
            }
            "lost.xml" => missing(),
            name => page(name),
        }
    });
    let folder = world(
        &server,
        "[[source]]\nname = \"section\"\nkind = \"page\"\nurl = \"URL/news/\"\n[[source]]\nname = \"lost\"\nkind = \"sitemap\"\nurl = \"URL/index.xml\"\n",
    );
    run(folder.path(), 0);
    let articles = list(folder.path(), &["articles"]);
    assert_eq!(articles.len(), 16);
    assert!(articles.iter().all(|article| article["url"].as_str().unwrap().contains("/2026/11/22/")));
    let sources = list(folder.path(), &["sources"]);
    assert_eq!((&sources[0]["articles"], &sources[1]["failures_in_a_row"]), (&16.into(), &1.into()));
}

#[test]
fn a_next_page_that_nobody_has_named_is_under_the_robots_txt_of_its_site() {
    let server = Server::new(|asked| match path(asked) {
        "robots.txt" => Reply::new("200 OK", b"User-agent: *\nDisallow: /news/2"),
        "news/" => {
            let page = "<html><head><link rel=next href=/news/2></head><body><main><h2><a \
                        href=/2026/11/22/high-tide-at-the-harbour>High tide at the harbour</a></h2></main></body></html>";
            Reply::new("200 OK\r\ncontent-type: text/html", page.as_bytes())
        }
        name => page(name),
    });
    let folder = world(&server, "[[source]]\nname = \"section\"\nkind = \"page\"\nurl = \"URL/news/\"\n");
    let place = folder.path().join("config.toml");
    let text = fs::read_to_string(&place).unwrap().replace("respect_robots = false", "respect_robots = true");
    fs::write(place, text).unwrap();
    let (told, _) = run(folder.path(), 0);
    assert!(told.contains("robots.txt forbids it (Disallow: /news/2)"), "{told}");
    assert!(!asked_for(&server).iter().any(|asked| asked.ends_with("news/2")), "{:?}", asked_for(&server));
    assert_eq!(list(folder.path(), &["articles"]).len(), 1);
}

#[test]
fn a_source_that_fails_three_times_in_a_row_asks_for_a_person_and_is_left_alone_for_a_while() {
    let server = Server::new(|asked| match path(asked) {
        "page" => Reply::new("200 OK\r\ncontent-type: text/html", b"<html><title>Sorry</title><p>No feed here"),
        _ => Reply::new("500 Internal Server Error", b""),
    });
    let folder = world(&server, "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/feed.xml\"\n");
    run(folder.path(), 0);
    run(folder.path(), 0);
    let (_, told) = run(folder.path(), 3);
    assert!(told.contains("Tide"), "{told}");
    let before = server.asked().len();
    run(folder.path(), 3);
    assert_eq!(server.asked().len(), before, "it backs off");
    let source = &list(folder.path(), &["sources"])[0];
    assert_eq!(source["failures_in_a_row"], 3);
    assert!(source["last_error"].as_str().unwrap().contains("status 500"), "{source}");
    // At another address it is another source.
    configure(folder.path(), &server, "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/page\"\n");
    let (out, _) = run(folder.path(), 0);
    assert!(out.contains("HTML page"), "{out}");
}

#[test]
fn an_interval_is_kept_and_a_limit_goes_on_at_the_next_run() {
    let server = Server::new(|asked| match path(asked) {
        "feed.xml" => Reply::new("200 OK\r\netag: \"1\"", feed(asked, &["a", "b", "c"]).as_bytes()),
        name => page(name),
    });
    let folder = world(
        &server,
        "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/feed.xml\"\nlimit = 2\nevery = \"1h\"\n",
    );
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 2);
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 3, "what was over the limit comes at once");
    let before = server.asked().len();
    run(folder.path(), 0);
    assert_eq!(server.asked().len(), before, "it is not due");
}

#[test]
fn a_move_for_good_is_remembered_and_told_and_what_is_gone_rests() {
    let server = Server::new(|asked| match path(asked) {
        "old.xml" => Reply::redirect(301, "/feed.xml"),
        "feed.xml" => Reply::new("200 OK", feed(asked, &["a"]).as_bytes()),
        "gone.xml" => Reply::new("410 Gone", b""),
        name => page(name),
    });
    let folder = world(
        &server,
        "[[source]]\nname = \"moved\"\nkind = \"feed\"\nurl = \"URL/old.xml\"\n[[source]]\nname = \"gone\"\nkind = \"feed\"\nurl = \"URL/gone.xml\"\n",
    );
    let (out, _) = run(folder.path(), 3);
    assert!(out.contains("moved for good to") && out.contains("/feed.xml"), "{out}");
    run(folder.path(), 3);
    let asked = asked_for(&server);
    let count = |name: &str| asked.iter().filter(|path| *path == name).count();
    assert_eq!((count("old.xml"), count("feed.xml"), count("gone.xml")), (1, 2, 1));
    let sources = list(folder.path(), &["sources"]);
    assert!(sources[0]["moved_to"].as_str().unwrap().ends_with("/feed.xml"));
    assert_eq!(sources[1]["rests"], true);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_sites_sitemaps_are_found_by_robots_and_those_that_are_as_they_were_are_not_asked_again() {
    let server = Server::new(|asked| {
        let base = base(asked);
        match path(asked) {
            "robots.txt" => Reply::new("200 OK", b"User-agent: *\nSitemap: /index.xml # all\n"),
            "index.xml" => Reply::new(
                "200 OK",
                format!(
                    "<sitemapindex><sitemap><loc>{base}/index.xml</loc></sitemap>\
                     <sitemap><loc>{base}/old.xml.gz</loc><lastmod>2020-01-01</lastmod></sitemap>\
                     <sitemap><loc>{base}/lost.xml</loc></sitemap>\
                     <sitemap><loc>{base}/new.xml</loc></sitemap></sitemapindex>"
                )
                .as_bytes(),
            ),
            "old.xml.gz" => Reply::new("200 OK", &gzip(&format!("<urlset><url><loc>{base}/a</loc></url></urlset>"))),
            "new.xml" => Reply::new("200 OK", format!("<urlset><url><loc>{base}/b</loc></url></urlset>").as_bytes()),
            "lost.xml" => missing(),
            name => page(name),
        }
    });
    let folder = world(&server, "[[source]]\nname = \"all\"\nkind = \"sitemap\"\nurl = \"URL/\"\n");
    let (out, _) = run(folder.path(), 0);
    assert!(out.contains("lost.xml could not be fetched"), "{out}");
    assert_eq!(list(folder.path(), &["articles"]).len(), 2);
    run(folder.path(), 0);
    let asked = asked_for(&server);
    let count = |name: &str| asked.iter().filter(|path| *path == name).count();
    assert_eq!((count("old.xml.gz"), count("new.xml"), count("lost.xml")), (1, 2, 2));
}

#[test]
fn a_sitemap_that_broke_off_is_asked_for_whole_the_next_time() {
    let part = std::sync::atomic::AtomicBool::new(true);
    let server = Server::new(move |asked| match path(asked) {
        "sitemap.xml" if asked.head.contains("if-none-match") => Reply::new("304 Not Modified", b""),
        "sitemap.xml" => {
            let base = base(asked);
            let whole = format!("<urlset><url><loc>{base}/a</loc></url><url><loc>{base}/b</loc></url></urlset>");
            let end =
                if part.swap(false, std::sync::atomic::Ordering::Relaxed) { whole.len() - 20 } else { whole.len() };
            Reply::new("200 OK\r\netag: \"1\"", &whole.as_bytes()[..end])
        }
        name => page(name),
    });
    let folder = world(&server, "[[source]]\nname = \"all\"\nkind = \"sitemap\"\nurl = \"URL/sitemap.xml\"\n");
    for (runs, articles) in [(1, 1), (2, 2), (3, 2)] {
        run(folder.path(), 0);
        assert_eq!(list(folder.path(), &["articles"]).len(), articles, "after {runs} runs");
    }
    assert_eq!(asked_for(&server).len(), 5, "three polls and two articles");
}

#[test]
fn what_is_too_much_ends_at_its_limit_and_takes_nothing_else_with_it() {
    let server = Server::new(|asked| match path(asked) {
        "loop" => Reply::redirect(302, "/loop"),
        "endless.xml" => Reply::Endless(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n\r\n<rss><channel>".to_vec(),
            vec![b' '; 1024 * 1024],
        ),
        "bomb.xml.gz" => Reply::new("200 OK", &gzip(&format!("<urlset>{}", " ".repeat(60 * 1024 * 1024)))),
        "deep.xml" => Reply::new(
            "200 OK",
            format!("<sitemapindex><sitemap><loc>{}/deep.xml?{}</loc></sitemap></sitemapindex>", base(asked), 1)
                .as_bytes(),
        ),
        name if name.starts_with("deep.xml?") => {
            let nth: u32 = name.rsplit('?').next().unwrap().parse().unwrap();
            Reply::new(
                "200 OK",
                format!(
                    "<sitemapindex><sitemap><loc>{}/deep.xml?{}</loc></sitemap></sitemapindex>",
                    base(asked),
                    nth + 1
                )
                .as_bytes(),
            )
        }
        "feed.xml" => Reply::new("200 OK", feed(asked, &["a"]).as_bytes()),
        name => page(name),
    });
    let source =
        |name: &str, kind: &str| format!("[[source]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = \"URL/{name}\"\n");
    let sources = [
        ("loop", "feed"),
        ("endless.xml", "feed"),
        ("bomb.xml.gz", "sitemap"),
        ("deep.xml", "sitemap"),
        ("feed.xml", "feed"),
    ];
    let folder = world(&server, &sources.map(|(name, kind)| source(name, kind)).concat());
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 1);
    assert!(asked_for(&server).iter().filter(|path| path.starts_with("deep.xml")).count() <= 3);
    let failed: Vec<_> =
        list(folder.path(), &["sources"]).iter().map(|source| source["failures_in_a_row"].clone()).collect();
    assert_eq!(failed[..3], [1, 1, 1].map(serde_json::Value::from));
    assert_eq!(failed[4], 0);
}

#[test]
fn each_feed_of_a_list_is_a_source_of_its_own() {
    let server = Server::new(|asked| match path(asked) {
        "feed.xml" => Reply::new("200 OK", feed(asked, &["a"]).as_bytes()),
        "dead.xml" => missing(),
        name => page(name),
    });
    let folder = world(&server, "[[source]]\nname = \"mine\"\nkind = \"opml\"\npath = \"mine.opml\"\n");
    let write = |feeds: &[&str]| {
        let outlines: String = feeds
            .iter()
            .map(|feed| format!("<outline type=\"rss\" text=\"x\" xmlUrl=\"http://{}/{feed}\"/>", server.address))
            .collect();
        let text = format!("<opml version=\"2.0\"><body><outline text=\"Sea\">{outlines}</outline></body></opml>");
        fs::write(folder.path().join("mine.opml"), text).unwrap();
    };
    write(&["feed.xml", "dead.xml"]);
    run(folder.path(), 0);
    let sources = list(folder.path(), &["sources"]);
    assert_eq!(sources.len(), 3);
    let of = |end: &str| sources.iter().find(|source| source["name"].as_str().unwrap().ends_with(end)).unwrap();
    assert_eq!((&of("feed.xml")["articles"], &of("feed.xml")["labels"][0]), (&1.into(), &"Sea".into()));
    assert_eq!((&of("dead.xml")["failures_in_a_row"], &of("dead.xml")["parent"]), (&1.into(), &"mine".into()));
    write(&["feed.xml"]);
    run(folder.path(), 0);
    let before = asked_for(&server).iter().filter(|path| *path == "dead.xml").count();
    assert_eq!(before, 1, "what the list no longer names is no longer asked");
    let left = list(folder.path(), &["sources"]);
    assert_eq!(left[2]["configured"], false);
}

#[test]
fn a_feed_that_carries_whole_articles_gives_the_embeds_that_the_page_lacks() {
    let post = |id: u32| {
        format!(
            "<blockquote class=\"twitter-tweet\"><p>High tide</p>&mdash; Tide (@tide) <a href=\"https://twitter.com/tide/status/1822{id}\">August 11, 2024</a></blockquote>"
        )
    };
    let server = Server::new(move |asked| match path(asked) {
        "feed.xml" => {
            let content = format!("<p>{}</p>{}{}", "Words. ".repeat(60), post(1), post(2)).replace('<', "&lt;");
            let item = format!(
                "<item><title>a</title><link>{}/a</link><content:encoded>{content}</content:encoded></item>",
                base(asked)
            );
            let feed = format!(
                "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>{item}</channel></rss>"
            );
            Reply::new("200 OK", feed.as_bytes())
        }
        _ => {
            let body = format!("<html><title>a</title><article><p>{}</p>{}</article>", "Words. ".repeat(60), post(1));
            Reply::new("200 OK\r\ncontent-type: text/html", body.as_bytes())
        }
    });
    let folder = world(&server, "[[source]]\nname = \"Tide\"\nkind = \"feed\"\nurl = \"URL/feed.xml\"\n");
    run(folder.path(), 0);
    let articles = list(folder.path(), &["articles"]);
    assert_eq!(articles[0]["posts"], serde_json::json!(["twitter:18221", "twitter:18222"]));
}

#[test]
fn init_finds_the_sources_of_a_site_and_never_overwrites() {
    let server = Server::new(|asked| match path(asked) {
        "" => Reply::new(
            "200 OK\r\ncontent-type: text/html",
            b"<html><head><link rel=alternate type=application/rss+xml title='Tide' href=/feed.xml>\
              <link rel=alternate type=application/rss+xml href=/lost.xml></head><body><p>x",
        ),
        "feed.xml" => {
            let feed = feed(asked, &["a", "b"]).replace("<title>Tide<", "<title>Tide\n[archive]\npath = 'x'<");
            Reply::new("200 OK", feed.as_bytes())
        }
        "sitemap.xml" => {
            Reply::new("200 OK", format!("<urlset><url><loc>{}/a</loc></url></urlset>", base(asked)).as_bytes())
        }
        _ => missing(),
    });
    let folder = tempfile::tempdir().unwrap();
    let site = format!("http://{}/", server.address);
    let init = |code| {
        let mut command = embalm(folder.path());
        command.current_dir(folder.path()).args(["init", "--site", &site, "--allow-host", "127.0.0.1"]);
        ends(&mut command, code)
    };
    init(0);
    let config = fs::read_to_string(folder.path().join("config.toml")).unwrap();
    assert!(config.contains("2 articles") && config.contains("# kind = \"sitemap\""), "{config}");
    let sources = list(folder.path(), &["sources"]);
    assert_eq!(sources.len(), 1);
    assert!(sources[0]["place"].as_str().unwrap().ends_with("/feed.xml"));
    let (out, _) = init(0);
    assert!(out.contains("[[source]]") && out.contains("/feed.xml"), "{out}");
    assert_eq!(fs::read_to_string(folder.path().join("config.toml")).unwrap(), config);
    // Without leave no private address is visited, and nothing is written.
    let other = tempfile::tempdir().unwrap();
    ends(embalm(other.path()).current_dir(other.path()).args(["init", "--site", &site]), 1);
    assert!(!other.path().join("config.toml").exists());
}

/// A recorded page, as a WARC has it.
fn recorded(url: &str) -> String {
    let html = format!("<html><title>{url}</title><article><p>{}</p></article>", "Words. ".repeat(60));
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{html}", html.len());
    format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-11-22T07:00:00Z\r\nWARC-Target-URI: {url}\r\n\
         Content-Type: application/http;msgtype=response\r\nContent-Length: {}\r\n\r\n{answer}\r\n\r\n",
        answer.len()
    )
}

#[test]
fn of_a_wacz_the_listed_pages_are_archived_within_the_limit_and_it_answers_as_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("crawl")).unwrap();
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("crawl/tide.wacz")).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let urls = ["https://tide.example/a", "https://tide.example/b", "https://player.example/frame"];
    zip.start_file("archive/data.warc", options).unwrap();
    zip.write_all(urls.map(recorded).concat().as_bytes()).unwrap();
    zip.start_file("pages/pages.jsonl", options).unwrap();
    zip.write_all(b"{\"format\": \"json-pages-1.0\"}\n{\"url\": \"https://tide.example/a\"}\n{\"url\": \"https://tide.example/b\"}\n").unwrap();
    zip.finish().unwrap();
    fs::write(
        folder.path().join("config.toml"),
        "[network]\nreplay = [\"crawl\"]\n[[source]]\nname = \"crawl\"\nkind = \"wacz\"\npath = \"crawl\"\nlimit = 1\n",
    )
    .unwrap();
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 1);
    run(folder.path(), 0);
    run(folder.path(), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 2, "frames are no articles");
    ends(embalm(folder.path()).current_dir(folder.path()).args(["add", urls[2]]), 0);
    assert_eq!(list(folder.path(), &["articles"]).len(), 3);
}

#[test]
fn a_senseless_source_is_answered_with_what_would_be_right() {
    for (source, said) in [
        ("name = \"x\"\nkind = \"sitemaps\"\nurl = \"https://a.example\"", "did you mean `sitemap`?"),
        ("name = \"x\"\nkind = \"feed\"\nurl = \"a.example/feed\"", "did you mean \"https://a.example/feed\"?"),
        ("name = \"x\"\nkind = \"warc\"\nurl = \"https://a.example/x.warc\"", "needs a `path`"),
        ("name = \"x\"\nkind = \"feed\"\nurl = \"https://a.example\"\nevery = \"soon\"", "every"),
        ("name = \"x\"\nkind = \"feed\"\nurl = \"https://a.example\"\nevry = \"1h\"", "did you mean `every`?"),
        ("name = \"x\"\nkind = \"feed\"\nurl = \"https://a.example\"\nsince = \"yesterday\"", "since"),
        ("name = \"x\"\nkind = \"feed\"\nurl = \"https://a.example\"\ninclude = [\"(\"]", "regular expression"),
        ("name = \"x\"\nkind = \"feed\"\nurl = \"https://a.example\"\nlang = \"english please\"", "language"),
        (
            "name = \"x\"\nkind = \"feed\"\nurl = \"https://a.example\"\n[[source]]\nname = \"x\"\nkind = \"list\"\npath = \"y\"",
            "two sources have this name",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), format!("[[source]]\n{source}\n")).unwrap();
        let (_, told) = run(folder.path(), 2);
        assert!(told.contains(said), "{source}\n{told}");
        assert!(!folder.path().join("test.db").exists());
    }
}
