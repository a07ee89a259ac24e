//! The guard against collections of URLs, addresses and redirects that got past others.

use crate::live::settings;
use crate::server::{Reply, Server};
use crate::suite;
use embalm::fetch::Transport;
use embalm::fetch::guard::special_purpose;
use embalm::fetch::live::{Live, LiveSettings, Lookup};
use embalm::http::{FetchError, Request, Response};
use futures::future::BoxFuture;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use url::Url;

fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

/// A resolver with a script, which notes what would be dialled and lets nothing out.
struct Scripted {
    addresses: Vec<IpAddr>,
    dialled: Mutex<Vec<(String, Vec<IpAddr>)>>,
}

impl Lookup for Scripted {
    fn addresses(&self, _: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(std::future::ready(Ok(self.addresses.clone())))
    }

    fn dialling(&self, host: &str, judged: &[IpAddr]) -> io::Result<()> {
        self.dialled.lock().unwrap().push((host.to_owned(), judged.to_vec()));
        Err(io::Error::other("a test connects to nobody"))
    }
}

/// A private address, for names that a row says nothing of.
const PRIVATE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 9, 8, 7));

/// A public one.
const PUBLIC: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(93, 184, 216, 34));

fn scripted(addresses: Vec<IpAddr>) -> Arc<Scripted> {
    Arc::new(Scripted { addresses, dialled: Mutex::default() })
}

/// Fetches a URL as every article is fetched, its name leading to these addresses: what was dialled, and the answer.
async fn fetched(url: &Url, addresses: Vec<IpAddr>) -> (Vec<(String, Vec<IpAddr>)>, Result<Response, FetchError>) {
    let names = scripted(addresses);
    let settings = LiveSettings { respect_robots: false, ..settings() };
    let live = Live::with_lookup(&settings, Arc::<Scripted>::clone(&names)).unwrap();
    let answer = live.fetch(Request::get(url.clone()).heeding_robots()).await.answer;
    let dialled = names.dialled.lock().unwrap().clone();
    (dialled, answer)
}

fn addresses(cell: &str) -> Vec<IpAddr> {
    cell.split(',').filter_map(|address| address.trim().parse().ok()).collect()
}

fn bare(host: &str) -> &str {
    host.trim_matches(['[', ']']).trim_end_matches('.')
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
    let (mut wrong, mut parsed, mut dialled_rows) = (Vec::new(), 0, 0);
    for row in rows(&text) {
        let url: String = serde_json::from_str(row[0]).unwrap();
        // What is no URL never becomes a request.
        let Ok(url) = Url::parse(&url) else { continue };
        parsed += 1;
        let script = addresses(row[4]);
        let is_public = row[1] == "either" || row[4] == "REDIRECT";
        let script = if script.is_empty() { vec![if is_public { PUBLIC } else { PRIVATE }] } else { script };
        let (dialled, answer) = fetched(&url, script).await;
        dialled_rows += usize::from(!dialled.is_empty());
        let allowed = match row[1] {
            "either" => bare(row[3]),
            // A public service, which redirects: the next hop is where it is refused, as the chains below are.
            _ if row[4] == "REDIRECT" => bare(url.host_str().unwrap_or_default()),
            _ => "",
        };
        if dialled
            .iter()
            .any(|(host, judged)| bare(host) != allowed || judged.iter().any(|to| special_purpose(*to).is_some()))
        {
            wrong.push(format!("{url} ({}): {dialled:?}", row[2]));
        }
        if dialled.is_empty() && !matches!(answer, Err(FetchError::Refused { .. })) {
            wrong.push(format!("{url}: {answer:?}"));
        }
    }
    println!("{parsed} hostile URLs parsed, {dialled_rows} dialled where they may be");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn legitimate_urls_reach_the_dial_step() {
    let Some(folder) = suite("ssrf") else { return };
    let text = std::fs::read_to_string(folder.join("legit_urls.tsv")).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in rows(&text) {
        let url = Url::parse(&serde_json::from_str::<String>(row[0]).unwrap()).unwrap();
        let script = addresses(row[3]);
        let (dialled, answer) = fetched(&url, script.clone()).await;
        count += 1;
        let host = bare(url.host_str().unwrap_or_default()).to_owned();
        let literal = host.parse::<IpAddr>().map_or(script, |address| vec![address]);
        if dialled.first().map(|(name, judged)| (bare(name), judged)) != Some((&*host, &literal)) {
            wrong.push(format!("{url}: {dialled:?} {answer:?}"));
        }
    }
    println!("{count} legitimate URLs dialled");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_next_time_is_judged_anew() {
    /// Public at first, private ever after.
    struct Rebinding(Mutex<usize>);

    impl Lookup for Rebinding {
        fn addresses(&self, _: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let mut asked = self.0.lock().unwrap();
            *asked += 1;
            Box::pin(std::future::ready(Ok(vec![if *asked == 1 { PUBLIC } else { PRIVATE }])))
        }

        fn dialling(&self, _: &str, judged: &[IpAddr]) -> io::Result<()> {
            assert_eq!(
                (judged, *self.0.lock().unwrap()),
                (&[PUBLIC][..], 1),
                "what was judged is dialled, of one look-up"
            );
            Err(io::Error::other("a test connects to nobody"))
        }
    }

    let live = Live::with_lookup(&settings(), Arc::new(Rebinding(Mutex::new(0)))).unwrap();
    let url = Url::parse("http://rebinding.example/").unwrap();
    assert!(!matches!(live.fetch(Request::get(url.clone())).await.answer, Err(FetchError::Refused { .. })));
    assert!(matches!(live.fetch(Request::get(url)).await.answer, Err(FetchError::Refused { .. })));
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
        let live = Live::with_lookup(&LiveSettings { resolve, ..settings() }, scripted(vec![PRIVATE])).unwrap();
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
