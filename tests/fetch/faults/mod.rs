//! What servers do wrong, as data: one server plays each fault, and each request ends in its class before its deadline.

mod http_2;
mod table;

use crate::live::settings;
use crate::suite;
use embalm::fetch::Transport;
use embalm::fetch::live::{Live, LiveSettings};
use embalm::http::{Exchange, FetchError, Request};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::{ELSEWHERE, OF_ROBOTS, faults};

/// The total time of a request here, in place of half a minute.
const LIMIT: Duration = Duration::from_millis(400);

/// Decoded bytes of an answer.
const MAX_BYTES: u64 = 1_000_000;

/// After so long a request hangs, whatever it says.
const HANGS: Duration = Duration::from_secs(20);

/// What a server does once it was asked, one after the other; then it closes.
#[derive(Clone)]
enum Act {
    /// Sends these bytes.
    Say(Vec<u8>),
    /// Sends them again and again, until nobody listens.
    Again(Vec<u8>),
    /// Sends them so often.
    Times(usize, Vec<u8>),
    /// Sends them a byte at a time, with a pause between.
    Drip(Vec<u8>, u64),
    /// Says nothing for so many milliseconds.
    Wait(u64),
    /// Says nothing until the client goes away.
    Silence,
    /// Closes with what was asked unread, which the system makes a reset.
    Reset,
}

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A whole answer of this status.
    Whole(u16),
    /// No whole answer; tried again later.
    Broken,
    /// The time is up; tried again later.
    Late,
    /// Over the limit of bytes.
    TooLarge,
    /// Round and round, or on and on.
    Redirects,
    /// Not to be trusted.
    Refused,
}

fn end(exchange: &Exchange) -> End {
    match &exchange.answer {
        Ok(answer) => End::Whole(answer.status),
        Err(FetchError::Network { .. }) => End::Broken,
        Err(FetchError::Timeout { .. }) => End::Late,
        Err(FetchError::TooLarge { .. }) => End::TooLarge,
        Err(FetchError::TooManyRedirects { .. }) => End::Redirects,
        Err(FetchError::Refused { .. }) => End::Refused,
        Err(other) => panic!("{other:?}"),
    }
}

fn say(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

fn play(stream: &mut (impl Read + Write), acts: &[Act]) {
    for act in acts {
        let done = match act {
            Act::Say(bytes) => stream.write_all(bytes),
            Act::Times(times, bytes) => stream.write_all(&bytes.repeat(*times)),
            Act::Again(bytes) => {
                while stream.write_all(bytes).is_ok() {}
                return;
            }
            Act::Drip(bytes, pause_ms) => bytes.iter().try_for_each(|byte| {
                std::thread::sleep(Duration::from_millis(*pause_ms));
                stream.write_all(&[*byte]).and_then(|()| stream.flush())
            }),
            Act::Wait(ms) => {
                std::thread::sleep(Duration::from_millis(*ms));
                Ok(())
            }
            Act::Silence => {
                while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
                return;
            }
            Act::Reset => return,
        };
        if done.and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// A server on loopback that plays the same to everybody; how many came.
fn server(acts: Vec<Act>) -> (SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            *counted.lock().unwrap() += 1;
            let acts = acts.clone();
            std::thread::spawn(move || {
                // A reset wants something left unread.
                let wanted = if acts.iter().any(|act| matches!(act, Act::Reset)) { 1 } else { 64 * 1024 };
                let _ = stream.read(&mut vec![0; wanted]);
                play(&mut stream, &acts);
                if wanted > 1 {
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                    let _ = stream.set_read_timeout(Some(LIMIT));
                    while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
                }
            });
        }
    });
    (address, count)
}

fn hasty() -> LiveSettings {
    let allow_hosts = vec!["127.0.0.1".to_owned()];
    LiveSettings { allow_hosts, timeout: LIMIT, max_bytes: MAX_BYTES, ..settings() }
}

async fn fetched(live: &Live, url: &str) -> Exchange {
    let request = Request::get(url.parse().unwrap());
    tokio::time::timeout(HANGS, live.fetch(request)).await.expect("a request that ends")
}

#[tokio::test]
async fn each_fault_ends_in_its_class() {
    let mut wrong = Vec::new();
    for fault in faults() {
        let (address, count) = server(fault.acts);
        let exchange = fetched(&Live::new(&hasty()).unwrap(), &format!("http://{address}/a")).await;
        if !fault.ends.contains(&end(&exchange)) {
            wrong.push(format!("{}: {:?}, not {:?}", fault.id, exchange.answer, fault.ends));
        }
        let came = *count.lock().unwrap();
        if came > 2 {
            wrong.push(format!("{}: asked {came} times", fault.id));
        }
        if let Ok(answer) = &exchange.answer {
            assert!(answer.headers.get("location").is_none_or(|location| location == "/a"), "{}", fault.id);
            assert!(fault.id != "chunked-trailers" || answer.headers.get("set-cookie").is_none());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_behaviour_of_the_suite_is_played_here_or_held_elsewhere() {
    let Some(folder) = suite("http") else { return };
    let text = std::fs::read_to_string(folder.join("behaviours.json")).unwrap();
    let behaviours: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let played: Vec<_> = faults().iter().map(|fault| fault.id.split(':').next().unwrap_or_default()).collect();
    let missing: Vec<_> = behaviours
        .iter()
        .filter_map(|behaviour| behaviour["id"].as_str())
        .filter(|id| !played.contains(id) && *id != OF_ROBOTS && ELSEWHERE.iter().all(|(known, _)| known != id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_and_a_full_line_end_in_time() {
    let live = Live::new(&hasty()).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(end(&fetched(&live, &format!("http://{free}/")).await), End::Broken);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let full = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&full, Duration::from_millis(100)) {
        waiting.push(stream);
        if waiting.len() > 5000 {
            // A system without a limit has no such fault.
            return;
        }
    }
    assert_eq!(end(&fetched(&live, &format!("http://{full}/")).await), End::Late);
}
