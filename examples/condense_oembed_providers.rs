//! Condenses the public list of oEmbed providers (`providers.json` of the npm package `oembed-providers`, MIT) into the
//! table that detection reads: `cargo run --example condense_oembed_providers -- providers.json`.
//!
//! Four columns, tabs between them: the provider's name, its endpoint, its own host, and the addresses that it takes
//! as patterns without a scheme, spaces between them. What is wrong in the list is left out by rule: endpoints that
//! only speak XML, patterns that name no web host or only part of one, and the endpoint's own address as a pattern.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{env, fs};
use url::Url;

const OUT: &str = "src/platforms/provider/providers.tsv";

#[derive(Deserialize)]
struct Provider {
    provider_name: String,
    provider_url: String,
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    url: String,
    #[serde(default)]
    schemes: Vec<String>,
    #[serde(default)]
    formats: Vec<String>,
}

fn main() -> Result<()> {
    let path = env::args().nth(1).context("which providers.json?")?;
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let mut providers: Vec<Provider> = serde_json::from_str(&text).with_context(|| format!("reading {path}"))?;
    providers.sort_by_key(|provider| provider.provider_name.to_lowercase());
    let mut out = String::new();
    for provider in &providers {
        let site = Url::parse(&provider.provider_url).ok().and_then(|url| host(url.host_str()?)).unwrap_or_default();
        for endpoint in &provider.endpoints {
            let speaks_json = endpoint.formats.is_empty() || endpoint.formats.iter().any(|format| format == "json");
            if !speaks_json || endpoint.url.ends_with(".xml") {
                continue;
            }
            let address = endpoint.url.replace("{format}", "json");
            let mut patterns: Vec<_> = endpoint.schemes.iter().flat_map(|scheme| patterns(scheme, &address)).collect();
            patterns.sort();
            patterns.dedup();
            if patterns.is_empty() && site.is_empty() {
                continue;
            }
            let name = provider.provider_name.split_whitespace().collect::<Vec<_>>().join(" ");
            out.push_str(&format!("{name}\t{address}\t{site}\t{}\n", patterns.join(" ")));
        }
    }
    fs::write(OUT, out).with_context(|| format!("writing {OUT}"))
}

/// A host in lower case without `www.`, where it has two labels at least.
fn host(host: &str) -> Option<String> {
    let host = host.trim_start_matches("www.").to_ascii_lowercase();
    host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && !rest.is_empty()).then_some(host)
}

/// The patterns that one entry of the list holds: some hold two, or end in a comma.
fn patterns<'s>(scheme: &'s str, endpoint: &'s str) -> impl Iterator<Item = String> + 's {
    scheme.split([' ', ',']).filter_map(|one| pattern(one.trim(), endpoint))
}

fn pattern(scheme: &str, endpoint: &str) -> Option<String> {
    let address = scheme.strip_prefix("https://").or_else(|| scheme.strip_prefix("http://"))?;
    let (name, path) = address.split_once('/').unwrap_or((address, ""));
    // Any number of wildcards in front of the host is one; anywhere else the host is not known.
    let bare = name.trim_start_matches("*.");
    let host = host(bare).filter(|host| !host.contains('*'))?;
    let wild = if bare.len() < name.len() { "*." } else { "" };
    // An address without a wildcard that ends in a slash is the beginning of what is meant.
    let rest = if !path.contains('*') && (path.is_empty() || path.ends_with('/')) { "*" } else { "" };
    let own = endpoint.split_once("://").map_or(endpoint, |(_, own)| own);
    let own = own.trim_end_matches('/');
    let literal = address.trim_end_matches(['*', '/']);
    let is_endpoint = literal == own || (literal.contains('/') && !path.contains('*') && own.starts_with(literal));
    (!is_endpoint).then(|| format!("{wild}{host}/{path}{rest}"))
}
