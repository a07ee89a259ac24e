//! The user's own logins: where they go, and that nothing of them stays anywhere.

use crate::{
    binary::{embalm, ends},
    server::Asked,
    world::{World, none},
};
use serde_json::json;
use std::{fs, io::Read};
use url::Url;

const COOKIE: &str = "5ecret0fTheUsersSession77";
const TOKEN: &str = "t0kenOfTheUsersServer88";
const ID: &str = "706044400000000007";

/// A cookies file as a browser's extension writes it, with cookies of other sites in it.
fn cookies_file(world: &World) {
    let line =
        |domain: &str, name: &str, value: &str| format!("{domain}\tTRUE\t/\tTRUE\t4102444800\t{name}\t{value}\n");
    let text = format!(
        "# Netscape HTTP Cookie File\n#HttpOnly_{}{}{}",
        line(".twitter.com", "auth_token", COOKIE),
        line(".elsewhere.example", "session", "an0therSitesSession9999"),
        line(".twitter.com", "lang", "en"),
    );
    fs::write(world.path().join("cookies.txt"), text).unwrap();
    keep_from_others(world, "cookies.txt");
}

fn keep_from_others(world: &World, file: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(world.path().join(file), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

const LOGINS: &str = "[[login]]\nplatform = \"twitter\"\ncookies = \"cookies.txt\"\n\
                      [[login]]\nplatform = \"mastodon\"\nhost = \"social.example\"\ntoken_env = \"SOCIAL_TOKEN\"\n";

fn json_headers() -> Vec<(String, String)> {
    vec![("content-type".to_owned(), "application/json".to_owned())]
}

/// A header of a request, as it was sent.
fn header(asked: &Asked, name: &str) -> Option<String> {
    let line = asked.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")))?;
    Some(line.split_once(": ")?.1.to_owned())
}

/// Everything that a run leaves behind, unpacked.
fn remains(world: &World, talk: &str) -> String {
    let mut all = talk.to_owned();
    for entry in fs::read_dir(world.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end != "txt" && end != "pem" && end != "toml") && path.is_file() {
            all.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
        }
    }
    let mut recording = String::new();
    let file = fs::File::open(world.path().join("all.warc.gz")).unwrap();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut recording).unwrap();
    all.push_str(&recording);
    let sql = world.sql();
    for table in ["exchanges", "exchange_hops", "snapshots", "looks", "posts", "runs"] {
        let mut rows = sql.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let wide = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..wide {
                all.push_str(&format!("{:?} ", row.get_ref(column).unwrap()));
            }
        }
    }
    let posts = world.records(&["list", "posts", "--json"]);
    for post in posts {
        all.push_str(&world.read(&["show", "--raw", post["key"].as_str().unwrap()]));
    }
    all
}

#[test]
fn a_login_goes_to_its_hosts_alone_and_nothing_of_it_stays() {
    let world = World::new();
    cookies_file(&world);
    world.config(LOGINS);
    // The worst of servers: it repeats in every place what it was sent.
    world.platforms_say(|url, asked| {
        let seen = header(asked, "cookie").or_else(|| header(asked, "authorization")).unwrap_or_default();
        let mut headers = json_headers();
        headers.push(("set-cookie".to_owned(), format!("again={seen}")));
        headers.push(("x-seen".to_owned(), seen.clone()));
        match (url.host_str().unwrap(), url.path()) {
            ("publish.twitter.com", "/oembed") => {
                headers.push((
                    "location".to_owned(),
                    format!("https://publish.twitter.com/two?seen={seen}").replace(' ', ""),
                ));
                (302, headers, seen.into_bytes())
            }
            ("publish.twitter.com", "/two") => {
                headers.push(("location".to_owned(), "https://elsewhere.example/three".to_owned()));
                (302, headers, seen.into_bytes())
            }
            ("elsewhere.example", _) => {
                let html = format!(
                    "<blockquote class=\"twitter-tweet\"><p lang=\"en\">Words {seen}</p>&mdash; Ann (@annex) \
                     <a href=\"https://twitter.com/annex/status/{ID}\">March 5, 2016</a></blockquote>"
                );
                let answer = json!({"html": html, "author_name": "Ann", "author_url": "https://twitter.com/annex"});
                (200, headers, answer.to_string().into_bytes())
            }
            ("social.example", path) if path.starts_with("/api/v1/statuses/") => {
                let answer = json!({
                    "id": "110447003454258227", "uri": "https://social.example/users/annex/statuses/110447003454258227",
                    "url": "https://social.example/@annex/110447003454258227", "created_at": "2023-05-28T15:25:28.000Z",
                    "content": "<p>For followers</p>", "visibility": "private", "sensitive": false, "spoiler_text": "",
                    "account": {"id": "1", "username": "annex", "acct": "annex", "display_name": format!("Ann {seen}"),
                        "url": "https://social.example/@annex"},
                    "media_attachments": [], "mentions": [], "tags": [], "emojis": [],
                });
                (200, headers, answer.to_string().into_bytes())
            }
            _ => none(),
        }
    });
    let recording = world.path().join("all.warc.gz").display().to_string();
    let x = format!("https://x.com/annex/status/{ID}");
    let mut command =
        world.command(&["add", "-vv", &x, "https://social.example/@annex/110447003454258227", "--record", &recording]);
    let (out, err) = ends(command.env("SOCIAL_TOKEN", TOKEN).env("RUST_LOG", "trace"), 0);
    let sent: Vec<(String, Option<String>, Option<String>)> = world
        .asked_of_platforms()
        .iter()
        .map(|asked| (Url::parse(&asked.url).unwrap(), header(asked, "cookie"), header(asked, "authorization")))
        .map(|(url, cookie, token)| (format!("{}{}", url.host_str().unwrap(), url.path()), cookie, token))
        .collect();
    let to =
        |place: &str| sent.iter().find(|(to, ..)| to.starts_with(place)).unwrap_or_else(|| panic!("{place}: {sent:?}"));
    assert_eq!(to("cdn.syndication.twimg.com/").1, None, "a host that no cookie is for");
    for place in ["publish.twitter.com/oembed", "publish.twitter.com/two"] {
        assert_eq!(to(place).1.as_deref(), Some(format!("auth_token={COOKIE}; lang=en").as_str()), "{place}");
    }
    assert_eq!(to("elsewhere.example/").1, None, "a redirect carries nothing to another host");
    let social = to("social.example/api/v1/statuses/");
    assert_eq!((social.1.as_ref(), social.2.as_deref()), (None, Some(format!("Bearer {TOKEN}").as_str())));
    let remains = remains(&world, &format!("{out}{err}"));
    for secret in [COOKIE, TOKEN, "an0therSitesSession9999"] {
        assert!(
            !remains.contains(secret),
            "{secret} stays: {:?}",
            remains.find(secret).map(|at| remains.get(at.saturating_sub(200)..at))
        );
    }
    assert!(remains.contains("[withheld]"));
    // What the login showed is kept, and told for what it is.
    let posts = world.records(&["list", "posts", "--json"]);
    assert!(posts.iter().all(|post| post["state"] == "live" && post["login"] == true), "{posts:?}");
    let told = world.read(&["show", "mastodon:social.example/110447003454258227"]);
    assert!(told.contains("with your login"), "{told}");
    let marked: i64 =
        world.sql().query_row("SELECT count(*) FROM exchanges WHERE login", [], |row| row.get(0)).unwrap();
    assert_eq!(marked, 2, "the answers that a login went with");
}

#[test]
fn a_login_is_not_needed_for_a_replay_and_never_read() {
    let world = World::new();
    world.config(LOGINS);
    world.platforms_say(|_, _| none());
    let (_, err) = ends(&mut world.command(&["add", "https://x.com/annex/status/20"]), 2);
    assert!(err.contains("cookies.txt"), "{err}");
    assert!(world.asked_of_platforms().is_empty() && !world.path().join("test.db").exists(), "nothing was touched");
    let recording = world.path().join("all.warc.gz").display().to_string();
    world.config("");
    world.run(&["add", "-q", "https://x.com/annex/status/20", "--record", &recording]);
    world.config(LOGINS);
    world.run(&["add", "-q", "https://x.com/annex/status/20", "--replay", &recording]);
    let marked: i64 =
        world.sql().query_row("SELECT count(*) FROM exchanges WHERE login", [], |row| row.get(0)).unwrap();
    assert_eq!(marked, 0);
}

#[test]
fn a_login_that_can_not_be_meant_is_told_without_its_secret() {
    let world = World::new();
    cookies_file(&world);
    fs::write(world.path().join("broken.txt"), format!(".twitter.com TRUE / TRUE 0 auth_token {COOKIE}\n")).unwrap();
    fs::write(
        world.path().join("expired.txt"),
        format!(".twitter.com\tTRUE\t/\tTRUE\t1000000000\tauth_token\t{COOKIE}\n"),
    )
    .unwrap();
    fs::write(world.path().join("token.txt"), format!("{TOKEN}\nand more\n")).unwrap();
    for file in ["broken.txt", "expired.txt", "token.txt"] {
        keep_from_others(&world, file);
    }
    for (login, told) in [
        ("platform = \"twiter\"\ncookies = \"cookies.txt\"", "did you mean `twitter`"),
        ("platform = \"twitter\"", "needs `cookies`"),
        ("platform = \"twitter\"\ntoken_env = \"X\"", "no route of `twitter` takes a token"),
        ("platform = \"mastodon\"\ntoken_env = \"X\"", "`host`"),
        ("platform = \"mastodon\"\ntoken_env = \"X\"\nhost = \"social.example\"", "variable X is not set"),
        ("platform = \"mastodon\"\ntoken_file = \"token.txt\"\nhost = \"https://social.example\"", "no host"),
        ("platform = \"mastodon\"\ntoken_file = \"token.txt\"\nhost = \"social.example\"", "not one word"),
        ("platform = \"twitter\"\ncookies = \"none.txt\"", "none.txt"),
        ("platform = \"twitter\"\ncookies = \"broken.txt\"", "broken.txt: line 1 is no cookie"),
        ("platform = \"twitter\"\ncookies = \"expired.txt\"", "not expired"),
        ("platform = \"twitter\"\ncookie = \"cookies.txt\"", "did you mean `cookies`"),
    ] {
        world.config(&format!("[[login]]\n{login}\n"));
        let (_, err) = ends(&mut world.command(&["add", "https://x.com/annex/status/20"]), 2);
        assert!(err.contains(told) && !err.contains(COOKIE) && !err.contains(TOKEN), "{login}: {err}");
    }
    // Reading commands do not need the login at all.
    ends(embalm(world.path()).args(["list", "platforms"]), 0);
}

#[cfg(unix)]
#[test]
fn a_file_that_everybody_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    cookies_file(&world);
    world.config("[[login]]\nplatform = \"twitter\"\ncookies = \"cookies.txt\"\n");
    let warned = |world: &World| world.run(&["add", "https://x.com/annex/status/20"]).1.contains("chmod 600");
    assert!(!warned(&world));
    fs::set_permissions(world.path().join("cookies.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(warned(&world));
}
