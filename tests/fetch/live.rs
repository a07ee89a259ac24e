//! The live transport against servers on loopback.

use crate::server::{Asked, Reply, Server, certificates, tripwire};
use embalm::fetch::Transport;
use embalm::fetch::conditional::Conditional;
use embalm::fetch::live::{Live, LiveError, LiveSettings, Lookup};
use embalm::fetch::meter::Meter;
use embalm::fetch::record::Recorder;
use embalm::fetch::replay::Replay;
use embalm::http::{Exchange, FetchError, KnownAnswer, Request, Validators};
use futures::future::BoxFuture;
use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Names as a test wants them.
pub(crate) struct Names(pub(crate) Vec<(&'static str, Vec<IpAddr>)>);

impl Lookup for Names {
    fn addresses(&self, host: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let found = self.0.iter().find(|(name, _)| *name == host).map(|(_, addresses)| addresses.clone());
        let missing = || std::io::Error::new(std::io::ErrorKind::NotFound, "no such name");
        Box::pin(std::future::ready(found.ok_or_else(missing)))
    }
}

pub(crate) fn settings() -> LiveSettings {
    LiveSettings { per_host_delay: Duration::ZERO, timeout: Duration::from_secs(20), ..LiveSettings::default() }
}

/// As the tests' servers are on loopback, which is refused otherwise.
fn allowed() -> LiveSettings {
    LiveSettings { allow_hosts: vec!["127.0.0.1".to_owned()], ..settings() }
}

async fn get(live: &Live, url: Url) -> Exchange {
    live.fetch(Request::get(url)).await
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn refused(exchange: &Exchange) -> &str {
    match &exchange.answer {
        Err(FetchError::Refused { detail }) => detail,
        other => panic!("{} was not refused: {other:?}", exchange.request.url),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_compressed_body_arrives_decoded_and_embalm_says_who_it_is() {
    let server = Server::new(|_| Reply::new("200 OK\r\ncontent-encoding: gzip\r\nx-a: 1\r\nx-a: 2", &gzip(b"hello")));
    let live = Live::new(&LiveSettings { contact: Some("https://example.org/bot".to_owned()), ..allowed() }).unwrap();
    let exchange = get(&live, server.url("/a?b=c#part")).await;
    let answer = exchange.response().unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]));
    assert_eq!(answer.headers.0.iter().filter(|(name, _)| name == "x-a").count(), 2);
    let asked = server.asked();
    assert!(asked[0].url.ends_with("/a?b=c"), "{asked:?}");
    assert!(asked[0].head.contains("(+https://example.org/bot)"));
}

#[tokio::test]
async fn redirects_are_kept_as_hops_and_cookies_are_not_carried() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "1" => Reply::new("302 Found\r\nlocation: /2\r\nset-cookie: a=1", b"gone to 2"),
        "2" => Reply::redirect(308, "3#end"),
        _ => Reply::new("200 OK", b"there"),
    });
    let live = Live::new(&allowed()).unwrap();
    let mut request = Request::get(server.url("/1")).with_header("x-kept", "yes");
    let exchange = live.fetch(request.clone()).await;
    assert_eq!(exchange.hops.iter().map(|hop| hop.status).collect::<Vec<_>>(), [302, 308]);
    assert_eq!(exchange.response().unwrap().url, server.url("/3"));
    assert!(server.asked().iter().all(|asked| !asked.head.contains("cookie") && asked.head.contains("x-kept: yes")));
    request.follow = false;
    let exchange = live.fetch(request).await;
    assert_eq!(exchange.response().unwrap().status, 302);
    assert!(exchange.hops.is_empty());
}

#[tokio::test]
async fn a_planned_cookie_reaches_its_own_host_and_no_other() {
    let other = Server::new(|_| Reply::new("200 OK", b"there"));
    let elsewhere = other.url("/there");
    let server = Server::new(move |asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "1" => Reply::redirect(302, "/2"),
        _ => Reply::redirect(302, elsewhere.as_str()),
    });
    let live = Live::new(&allowed()).unwrap();
    let exchange = live.fetch(Request::get(server.url("/1")).with_header("cookie", "CONSENT=all")).await;
    assert_eq!(exchange.response().unwrap().status, 200);
    assert_eq!(server.asked().len(), 2);
    assert!(server.asked().iter().all(|asked| asked.head.contains("cookie: CONSENT=all")), "{:?}", server.asked());
    assert!(other.asked().iter().all(|asked| !asked.head.contains("cookie")), "{:?}", other.asked());
}

#[tokio::test]
async fn a_post_becomes_a_get_after_302_and_stays_one_after_307() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "see" => Reply::redirect(302, "/seen"),
        "again" => Reply::redirect(307, "/done"),
        _ => Reply::new("200 OK", b""),
    });
    let live = Live::new(&allowed()).unwrap();
    for (path, method) in [("/see", "GET"), ("/again", "POST")] {
        let mut request = Request::get(server.url(path));
        request.method = "POST".to_owned();
        request.body = Some(b"x=1".to_vec());
        assert_eq!(live.fetch(request).await.response().unwrap().status, 200);
        assert_eq!(server.asked().last().unwrap().method, method);
    }
}

#[tokio::test]
async fn a_redirect_into_the_private_network_is_refused_and_never_dialled() {
    let (address, touched) = tripwire();
    let server = Server::new(move |asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "literal" => Reply::redirect(302, &format!("http://[::ffff:127.0.0.1]:{}/", address.port())),
        "name" => Reply::redirect(302, &format!("http://inside.example:{}/", address.port())),
        "local" => Reply::redirect(302, &format!("http://localhost:{}/", address.port())),
        _ => Reply::redirect(302, "file:///etc/passwd"),
    });
    let names = Names(vec![("inside.example", vec![address.ip()]), ("localhost", vec![address.ip()])]);
    let live = Live::with_lookup(&allowed(), Arc::new(names)).unwrap();
    for path in ["/literal", "/name", "/local", "/file"] {
        let exchange = get(&live, server.url(path)).await;
        refused(&exchange);
        assert_eq!(exchange.hops.len(), 1, "{path}");
    }
    assert_eq!(*touched.lock().unwrap(), 0);
}

#[tokio::test]
async fn loopback_is_refused_until_the_user_allows_the_host() {
    let server = Server::new(|_| Reply::new("200 OK", b"inside"));
    let named = url(&format!("http://inside.example:{}/", server.address.port()));
    let names = || Arc::new(Names(vec![("inside.example", vec![server.address.ip()])]));
    let strict = Live::with_lookup(&settings(), names()).unwrap();
    assert_eq!(refused(&get(&strict, server.url("/")).await), "127.0.0.1 is this machine (127.0.0.0/8)");
    let exchange = get(&strict, named.clone()).await;
    assert_eq!(refused(&exchange), "inside.example leads to 127.0.0.1, this machine (127.0.0.0/8)");
    assert!(server.asked().is_empty());
    let allowing = LiveSettings { allow_hosts: vec!["inside.example".to_owned()], ..settings() };
    let live = Live::with_lookup(&allowing, names()).unwrap();
    assert_eq!(get(&live, named).await.response().unwrap().body, b"inside");
    let missing = get(&live, url("http://nowhere.example/")).await;
    assert!(matches!(&missing.answer, Err(FetchError::Dns { detail }) if detail.contains("no such name")));
}

#[tokio::test]
async fn a_mapped_host_is_dialled_where_the_user_says_and_only_on_that_port() {
    let server = Server::new(|_| Reply::new("200 OK", b"mapped"));
    let mapped = LiveSettings { resolve: vec![server.standing_for("intranet", "80")], ..settings() };
    let live = Live::with_lookup(&mapped, Arc::new(Names(vec![("intranet", vec![server.address.ip()])]))).unwrap();
    assert_eq!(get(&live, url("http://intranet/")).await.response().unwrap().body, b"mapped");
    refused(&get(&live, url("http://intranet:81/")).await);
    refused(&get(&live, url("http://user@intranet/")).await);
    refused(&get(&live, server.url("/")).await);
}

#[tokio::test]
async fn loops_and_long_chains_of_redirects_end() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "self" => Reply::redirect(302, ""),
        "loop" => Reply::redirect(302, "/pool"),
        "pool" => Reply::redirect(302, "/loop"),
        number => Reply::redirect(302, &format!("/{}", number.parse::<u32>().unwrap_or(0) + 1)),
    });
    let live = Live::new(&allowed()).unwrap();
    for (path, hops) in [("/self", 1), ("/loop", 2), ("/0", 11)] {
        let exchange = get(&live, server.url(path)).await;
        assert_eq!(exchange.answer, Err(FetchError::TooManyRedirects { limit: 10 }), "{path}");
        assert_eq!(exchange.hops.len(), hops, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_times_out_or_fails() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "silent" => Reply::ThenSilence(Vec::new()),
        "slow" => Reply::ThenSilence(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()),
        "short" => Reply::new("200 OK\r\ncontent-length: 9", b"half"),
        "torn" => Reply::new("200 OK\r\ncontent-encoding: gzip", &gzip(&[7; 900])[..20]),
        _ => Reply::Bytes(b"not http at all\r\n\r\n".to_vec()),
    });
    let live = Live::new(&LiveSettings { timeout: Duration::from_millis(250), ..allowed() }).unwrap();
    for path in ["/silent", "/slow"] {
        assert_eq!(get(&live, server.url(path)).await.answer, Err(FetchError::Timeout { limit_s: 0 }), "{path}");
    }
    let live = Live::new(&allowed()).unwrap();
    for path in ["/short", "/torn", "/babble"] {
        let exchange = get(&live, server.url(path)).await;
        assert!(matches!(exchange.answer, Err(FetchError::Network { .. })), "{path}: {:?}", exchange.answer);
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_cut_while_it_comes() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "declared" => Reply::ThenSilence(b"HTTP/1.1 200 OK\r\ncontent-length: 5000000000\r\n\r\n".to_vec()),
        "bomb" => Reply::new("200 OK\r\ncontent-encoding: gzip", &gzip(&vec![0; 3_000_000])),
        "redirect" => Reply::Endless(b"HTTP/1.1 302 Found\r\nlocation: /small\r\n\r\n".to_vec(), vec![b'x'; 65536]),
        "small" => Reply::new("200 OK", b"small"),
        "header" => Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: of it\r\n".to_vec()),
        _ => Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 65536]),
    });
    let live = Live::new(&LiveSettings { max_bytes: 1_000_000, ..allowed() }).unwrap();
    for path in ["/declared", "/bomb", "/endless"] {
        let exchange = get(&live, server.url(path)).await;
        assert_eq!(exchange.answer, Err(FetchError::TooLarge { limit_bytes: 1_000_000 }), "{path}");
    }
    assert_eq!(get(&live, server.url("/redirect")).await.response().unwrap().body, b"small");
    assert!(matches!(get(&live, server.url("/header")).await.answer, Err(FetchError::Network { .. })));
    let mut request = Request::get(server.url("/small"));
    request.max_bytes = Some(4);
    assert_eq!(live.fetch(request).await.answer, Err(FetchError::TooLarge { limit_bytes: 4 }));
}

#[tokio::test]
async fn a_mapped_host_speaks_tls_by_its_own_name_to_whoever_the_authority_vouches_for() {
    let (tls, pem) = certificates(["news.example"]);
    let server = Server::with_tls(tls, |asked| Reply::new("200 OK", asked.url.as_bytes()));
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("authority.pem");
    std::fs::write(&ca_file, pem).unwrap();
    let resolve = vec![server.standing_for("news.example", ""), server.standing_for("other.example", "443")];
    let trusting = LiveSettings { ca_file: Some(ca_file.clone()), resolve: resolve.clone(), ..settings() };
    let live = Live::new(&trusting).unwrap();
    for (address, seen) in [
        ("https://news.example/a", "http://news.example/a"),
        ("https://news.example:4443/b", "http://news.example:4443/b"),
    ] {
        let exchange = get(&live, url(address)).await;
        assert_eq!(exchange.response().map(|answer| answer.text().into_owned()).as_deref(), Some(seen), "{exchange:?}");
        assert_eq!(exchange.response().unwrap().url.as_str(), address);
    }
    let wrong_name = get(&live, url("https://other.example/")).await;
    assert!(matches!(wrong_name.answer, Err(FetchError::Network { .. })), "{:?}", wrong_name.answer);
    std::fs::write(&ca_file, "no certificate").unwrap();
    assert!(matches!(Live::new(&trusting), Err(LiveError::CaFile { .. })));
    std::fs::write(&ca_file, certificates(["news.example"]).1).unwrap();
    let suspicious = Live::new(&trusting).unwrap();
    let exchange = get(&suspicious, url("https://news.example/")).await;
    assert!(matches!(exchange.answer, Err(FetchError::Network { .. })), "{:?}", exchange.answer);
}

#[tokio::test]
async fn a_proxy_sees_public_names_only() {
    let proxy = Server::new(|asked: &Asked| Reply::new("200 OK", asked.url.as_bytes()));
    let names = Names(vec![
        ("public.example", vec![IpAddr::from([93, 184, 216, 34])]),
        ("inside.example", vec![IpAddr::from([10, 0, 0, 1])]),
    ]);
    let proxied = LiveSettings { proxy: Some(proxy.url("/")), ..settings() };
    let live = Live::with_lookup(&proxied, Arc::new(names)).unwrap();
    let exchange = get(&live, url("http://public.example/a")).await;
    assert_eq!(exchange.response().unwrap().body, b"http://public.example/a");
    for address in ["http://inside.example/", "http://10.0.0.1/", "http://localhost/"] {
        refused(&get(&live, url(address)).await);
    }
    assert_eq!(proxy.asked().len(), 1);
}

#[tokio::test]
async fn what_was_recorded_live_replays_the_same() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next().unwrap_or_default() {
        "short" => Reply::redirect(301, "/long"),
        "missing" => Reply::new("404 Not Found\r\ncontent-type: text/plain", b"no"),
        _ => Reply::new("200 OK\r\ncontent-type: text/plain\r\ncontent-encoding: gzip", &gzip(b"all of it")),
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.warc.gz");
    let live = Arc::new(Live::new(&allowed()).unwrap());
    let recorder = Arc::new(Recorder::new(live, &path).unwrap());
    let meter = Meter::new(Arc::<Recorder>::clone(&recorder));
    let mut exchanges = Vec::new();
    for path in ["/short", "/missing"] {
        exchanges.push(meter.fetch(Request::get(server.url(path))).await);
    }
    assert_eq!((meter.requests(), meter.bytes()), (2, 11));
    assert_eq!(recorder.failure(), None);
    assert!(Recorder::new(recorder, &path).is_err(), "a recording is never overwritten");
    let replay = Replay::open(&[path]).unwrap();
    for exchange in exchanges {
        let again = replay.exchange(exchange.request.clone());
        assert_eq!(again.started_at, exchange.started_at);
        assert_eq!(again.hops.len(), exchange.hops.len());
        let (again, before) = (again.answer.unwrap(), exchange.answer.unwrap());
        assert_eq!((again.status, &again.url, again.body), (before.status, &before.url, before.body));
        assert_eq!(again.headers.get("content-type"), Some("text/plain"));
    }
}

#[tokio::test]
async fn an_answer_that_is_known_is_asked_for_by_its_version() {
    let server = Server::new(|asked| {
        let knows = asked.head.to_ascii_lowercase().contains("if-none-match: \"7\"");
        // Some servers name the coding of the body that they don't send.
        let status = if knows { "304 Not Modified" } else { "200 OK" };
        let body = if knows { Vec::new() } else { gzip(b"hello") };
        Reply::new(&format!("{status}\r\netag: \"7\"\r\ncontent-encoding: gzip"), &body)
    });
    let live = Live::new(&allowed()).unwrap();
    let exchange = get(&live, server.url("/post")).await;
    let known = [KnownAnswer { validators: Validators::of(&exchange).unwrap(), exchange }];
    let again = Conditional::new(&live, &known).fetch(Request::get(server.url("/post"))).await;
    assert_eq!(
        again.response().map(|answer| (answer.status, &answer.body[..])),
        Some((200, &b"hello"[..])),
        "{again:?}"
    );
    assert!(server.asked()[1].head.to_ascii_lowercase().contains("if-none-match"));
}

#[tokio::test]
async fn a_fenced_run_asks_its_own_hosts_alone_also_by_redirects_and_names_the_others() {
    let server = Server::new(|asked| match asked.url.as_str() {
        url if url.ends_with("/away") => Reply::new("302 Found\r\nlocation: http://other.example/", b""),
        _ => Reply::new("200 OK", b"own"),
    });
    let resolve = ["own.example", "files.own.example", "other.example"].map(|host| server.standing_for(host, "80"));
    let fenced = LiveSettings { resolve: resolve.to_vec(), only_hosts: vec!["own.example".to_owned()], ..settings() };
    let live = Live::new(&fenced).unwrap();
    for own in ["http://own.example/", "http://files.own.example/"] {
        assert_eq!(get(&live, url(own)).await.response().unwrap().body, b"own");
    }
    let asked = server.asked().len();
    for away in ["http://own.example/away", "http://other.example/"] {
        let exchange = get(&live, url(away)).await;
        assert!(matches!(&exchange.answer, Err(error) if error.is_unasked()), "{away}: {:?}", exchange.answer);
    }
    assert_eq!(server.asked().len(), asked + 1, "the redirect alone");
    assert_eq!(live.left_out(), ["other.example"]);
}
