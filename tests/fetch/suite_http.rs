//! The live transport against the answers that curl is tested with.

use crate::live::settings;
use crate::server::{Reply, Server};
use crate::suite;
use base64::Engine;
use embalm::fetch::Transport;
use embalm::fetch::live::{Live, LiveSettings};
use embalm::http::Request;
use std::sync::Mutex;
use std::time::Duration;

/// curl's exit codes that speak of the answer itself, not of its options: a protocol that it does not speak, a broken
/// answer, a body cut off, a transfer that failed, a coding that is not there.
const BROKEN_ANSWER: [&str; 5] = ["1", "8", "18", "56", "61"];

/// curl's exit codes that speak of its options, or of what it was to write, and not of the answer.
const OF_OPTIONS: [(&str, &str); 7] = [
    ("22", "--fail makes a failure of a status; here the status is told"),
    ("23", "a folder or file that can't be written; a second gzip member, which is refused here"),
    ("33", "a transfer was to be resumed; embalm asks for whole answers"),
    ("36", "the same"),
    ("47", "--max-redirs"),
    ("52", "nothing was answered"),
    ("63", "--max-filesize; here max_bytes"),
];

/// What curl is content with, and is refused here: the rule, and the words of its error.
const STRICTER: [(&str, &str); 8] = [
    ("a part of the answer", "a range that nobody asked for is no answer"),
    ("the transfer coding", "one that nobody asked for (RFC 9112, 7.4)"),
    ("TooManyRedirects", "a redirect to itself"),
    ("end of file before message length", "curl was told to try again or to ignore the length; the answer is cut off"),
    (
        "Invalid chunk size",
        "chunks that are none, of an answer that curl was told has no body, or by another of its servers",
    ),
    ("invalid content-length", "a length that is no number"),
    ("Connection reset", "the test's server hangs up between two transfers of curl's"),
    ("SendRequest", "the same"),
];

#[tokio::test]
async fn what_curl_rejects_is_never_a_whole_answer() {
    let Some(folder) = suite("http") else { return };
    let text = std::fs::read_to_string(folder.join("curl_replies.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let (mut wrong, mut stricter, mut kept) = (Vec::new(), Vec::new(), 0);
    for case in &cases {
        let decode = |text: &serde_json::Value| {
            base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap_or_default()).unwrap()
        };
        let replies: Vec<Vec<u8>> = case["replies_b64"].as_object().unwrap().values().map(decode).collect();
        let turn = Mutex::new(0);
        let server = Server::new(move |_| {
            let mut turn = turn.lock().unwrap();
            *turn += 1;
            Reply::Bytes(replies.get(*turn - 1).or(replies.last()).cloned().unwrap_or_default())
        });
        let timeout = Duration::from_millis(1500);
        let live = LiveSettings { allow_hosts: vec!["127.0.0.1".to_owned()], timeout, ..settings() };
        let live = Live::new(&live).unwrap();
        let exchange = live.fetch(Request::get(server.url("/1"))).await;
        let exit = case["curl_exit"].as_str().unwrap_or_default();
        let line = format!(
            "{} {} curl {exit}: {:?}",
            case["id"],
            case["name"],
            exchange.answer.as_ref().map(|answer| (answer.status, answer.headers.clone(), answer.body.len()))
        );
        match (&exchange.answer, exit) {
            (Ok(_), exit) if BROKEN_ANSWER.contains(&exit) => wrong.push(line),
            (Err(_), "0") if STRICTER.iter().any(|(words, _)| line.contains(words)) => stricter.push(line),
            (Err(_), "0") => wrong.push(format!("by no rule: {line}")),
            (Ok(_), exit) if exit == "0" || OF_OPTIONS.iter().any(|(option, _)| *option == exit) => kept += 1,
            (Ok(_), _) => wrong.push(format!("kept, by no rule: {line}")),
            _ => {}
        }
    }
    println!("{kept} kept, {} refused where curl is content:\n{}", stricter.len(), stricter.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
