//! The guard against collections of URLs, addresses and redirects that got past others.

use crate::live::settings;
use crate::server::{Reply, Server};
use crate::suite;
use embalm::fetch::Transport;
use embalm::fetch::guard::{Guard, special_purpose};
use embalm::fetch::live::{Live, LiveSettings, Lookup};
use embalm::http::{FetchError, Request};
use futures::future::BoxFuture;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

/// Every name leads into a private network.
struct AllPrivate;

impl Lookup for AllPrivate {
    fn addresses(&self, _: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(std::future::ready(Ok(vec![IpAddr::from([10, 9, 8, 7])])))
    }
}

/// Whether the guard lets a URL reach the dial step, its name leading to these addresses.
fn dials(guard: &Guard, url: &Url, addresses: &[IpAddr]) -> bool {
    guard.check(url).is_ok()
        && match url.host() {
            Some(Host::Domain(name)) => guard.dialable(name, addresses).is_ok_and(|judged| !judged.is_empty()),
            _ => true,
        }
}

#[test]
fn each_address_is_judged_right() {
    let Some(folder) = suite("ssrf") else { return };
    let text = std::fs::read_to_string(folder.join("ip_table.tsv")).unwrap();
    let mut wrong = Vec::new();
    for row in rows(&text) {
        let refused = special_purpose(row[0].parse().unwrap()).is_some();
        if row[1] != "either" && refused != (row[1] == "yes") {
            wrong.push(format!("{} must_block={} ({})", row[0], row[1], row[2]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_hostile_url_is_dialled() {
    let Some(folder) = suite("ssrf") else { return };
    let text = std::fs::read_to_string(folder.join("ssrf_urls.tsv")).unwrap();
    let live = Live::with_lookup(&settings(), Arc::new(AllPrivate)).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in rows(&text) {
        let url: String = serde_json::from_str(row[0]).unwrap();
        let Ok(parsed) = Url::parse(&url) else { continue };
        count += 1;
        let addresses: Vec<IpAddr> = row[4].split(',').filter_map(|address| address.trim().parse().ok()).collect();
        if row[1] == "either" {
            let host = parsed.host_str().unwrap_or_default();
            if Guard::default().check(&parsed).is_ok() && host != row[3] {
                wrong.push(format!("{url} would go to {host}, not to {}", row[3]));
            }
            continue;
        }
        // Where the row's name is a public service that redirects, the next hop is where it is refused.
        if row[4] != "REDIRECT" && dials(&Guard::default(), &parsed, &addresses) {
            wrong.push(format!("{url} would be dialled ({})", row[2]));
        }
        let answer = live.fetch(Request::get(parsed)).await.answer;
        if !matches!(answer, Err(FetchError::Refused { .. })) {
            wrong.push(format!("{url}: {answer:?}"));
        }
    }
    println!("{count} hostile URLs parsed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn legitimate_urls_reach_the_dial_step() {
    let Some(folder) = suite("ssrf") else { return };
    let text = std::fs::read_to_string(folder.join("legit_urls.tsv")).unwrap();
    let mut wrong = Vec::new();
    for row in rows(&text) {
        let url = Url::parse(&serde_json::from_str::<String>(row[0]).unwrap()).unwrap();
        let addresses: Vec<IpAddr> = row[3].split(',').filter_map(|address| address.trim().parse().ok()).collect();
        if !dials(&Guard::default(), &url, &addresses) {
            wrong.push(format!("{url}: {:?}", Guard::default().check(&url)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_hop_of_a_redirect_chain_escapes() {
    let Some(folder) = suite("ssrf") else { return };
    let text = std::fs::read_to_string(folder.join("redirect_chains.json")).unwrap();
    let chains: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for chain in &chains {
        let hops = chain["hops"].as_array().unwrap().clone();
        let start = Url::parse(hops[0]["url"].as_str().unwrap()).unwrap();
        let answers = hops.clone();
        let server = Server::new(move |asked| match answers.iter().find(|hop| hop["url"] == asked.url.as_str()) {
            Some(hop) => match hop["location"].as_str() {
                Some(location) => Reply::redirect(u16::try_from(hop["status"].as_u64().unwrap()).unwrap(), location),
                None => Reply::new("200 OK\r\nrefresh: 0; url=http://127.0.0.1/", b""),
            },
            None => Reply::new("404 Not Found", b""),
        });
        let resolve = ["public.test", "public2.test"].map(|host| server.standing_for(host, "80")).to_vec();
        let live = Live::with_lookup(&LiveSettings { resolve, ..settings() }, Arc::new(AllPrivate)).unwrap();
        let exchange = live.fetch(Request::get(start)).await;
        let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.url).collect();
        let sound = match chain["verdict"].as_str().unwrap() {
            "block" => {
                let may: Vec<_> = chain["requests_allowed"].as_array().unwrap().iter().collect();
                exchange.response().is_none_or(|answer| answer.status / 100 == 3)
                    && asked.iter().all(|url| may.iter().any(|allowed| *allowed == url.as_str()))
            }
            "error:too-many" | "error:loop" => matches!(exchange.answer, Err(FetchError::TooManyRedirects { .. })),
            _ => asked.iter().all(|url| url.starts_with("http://public")),
        };
        if !sound {
            wrong.push(format!("{}: {:?} after {asked:?}", chain["id"], exchange.answer));
        }
    }
    println!("{} chains", chains.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
