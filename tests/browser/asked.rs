//! What the browser asked for: as its pages tell (also what a policy stopped), and as its network stack wrote down
//! (also what no page tells: names looked up, connections opened).

use crate::wire::{Event, Heard, NOWHERE, OWN_HOST};
use serde_json::Value;
use std::{collections::HashMap, fmt::Write as _};
use url::Url;

/// What pages may load: the viewer's own addresses, and files where a file was opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    /// `http://127.0.0.1:PORT` of each viewer of the suite.
    pub(crate) origins: Vec<String>,
    /// Folders of exports, as `file://` addresses.
    pub(crate) folders: Vec<String>,
}

impl Allowed {
    /// Whether this address is the viewer's own, a file of an export, or holds its own bytes.
    pub(crate) fn allows(&self, url: &str) -> bool {
        let Ok(parsed) = Url::parse(url) else { return false };
        match parsed.scheme() {
            // They carry their bytes with them, or are the browser's own.
            "data" | "about" | "blob" | "chrome" | "devtools" | "chrome-extension" | "chrome-untrusted" => true,
            "file" => self.folders.iter().any(|folder| url.starts_with(folder.as_str())),
            "http" | "https" => {
                parsed.host_str() == Some(OWN_HOST) || self.origins.contains(&parsed.origin().ascii_serialization())
            }
            _ => false,
        }
    }
}

/// The address that an event says is asked for, if it says so.
pub(crate) fn address(event: &Event) -> Option<&str> {
    let params = &event.params;
    match event.method.as_str() {
        "Network.requestWillBeSent" => params["request"]["url"].as_str(),
        "Network.webSocketCreated"
        | "Network.webTransportCreated"
        | "Page.windowOpen"
        | "Page.frameRequestedNavigation" => params["url"].as_str(),
        "Network.directTCPSocketCreated" | "Network.directUDPSocketCreated" => Some("socket:"),
        "Preload.prefetchStatusUpdated" => params["prefetchUrl"].as_str(),
        _ => None,
    }
}

/// What any page, frame or worker asked for that is not allowed; and how much was asked for at all.
pub(crate) fn foreign_to_pages(heard: &Heard, allowed: &Allowed) -> (usize, Vec<String>) {
    let asked: Vec<&str> = heard.by_context.values().flatten().filter_map(address).collect();
    let foreign = asked.iter().filter(|url| !allowed.allows(url)).map(|url| (*url).to_owned()).collect();
    (asked.len(), foreign)
}

/// The same of the network stack's own log (Chromium's NetLog): requests, names looked up, and connections.
pub(crate) fn foreign_to_the_network(log: &str, allowed: &Allowed) -> (usize, Vec<String>) {
    let log: Value = serde_json::from_str(log).expect("a whole log");
    let names: HashMap<i64, &str> = log["constants"]["logEventTypes"]
        .as_object()
        .expect("names of events")
        .iter()
        .filter_map(|(name, number)| Some((number.as_i64()?, name.as_str())))
        .collect();
    let elsewhere = |place: &&str| {
        let place = place.split_once("://").map_or(*place, |(_, rest)| rest);
        place != NOWHERE && !allowed.allows(&format!("http://{place}"))
    };
    let (mut asked, mut foreign) = (0, Vec::new());
    for event in log["events"].as_array().expect("events") {
        let name = event["type"].as_i64().and_then(|number| names.get(&number).copied()).unwrap_or_default();
        let params = &event["params"];
        let wrong = match name {
            "URL_REQUEST_START_JOB" | "HTTP_STREAM_JOB_CONTROLLER" => {
                params["url"].as_str().filter(|url| !allowed.allows(url))
            }
            "HOST_RESOLVER_MANAGER_REQUEST" | "HOST_RESOLVER_MANAGER_JOB" => params["host"].as_str().filter(elsewhere),
            "TCP_CONNECT_ATTEMPT" => params["address"].as_str().filter(elsewhere),
            "UDP_BYTES_SENT" => Some("a datagram"),
            _ => continue,
        };
        asked += 1;
        foreign.extend(wrong.map(|wrong| format!("{name}: {wrong}")));
    }
    (asked, foreign)
}

/// Each once, the first of many.
pub(crate) fn listed(mut all: Vec<String>) -> String {
    all.sort();
    all.dedup();
    let mut out = String::new();
    for one in all.iter().take(40) {
        let _ = writeln!(out, "  {one:.300}");
    }
    if all.len() > 40 {
        let _ = writeln!(out, "  and {} more", all.len() - 40);
    }
    out
}
