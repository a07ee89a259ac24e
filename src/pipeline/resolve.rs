//! Short links (t.co, pic.twitter.com, youtu.be in text) followed hop by hop, only as far as a URL that names a post.

use crate::{
    fetch::Transport,
    http::{Exchange, Request},
    model::{Failure, PostRef, Target},
    platforms,
};
use url::Url;

/// Hops of one short link.
const MAX_HOPS: usize = 8;

/// Bytes of a hop's page: enough for an interstitial.
const MAX_HOP_BYTES: u64 = 256 << 10;

/// The post behind a short link, or why it is not known; and the hops.
pub(super) async fn resolve(transport: &dyn Transport, link: &Url) -> (Result<PostRef, Failure>, Vec<Exchange>) {
    let mut hops: Vec<Exchange> = Vec::new();
    let mut url = link.clone();
    for _ in 0..MAX_HOPS {
        if let Some(Target::Post(post)) = platforms::recognize(&url) {
            return (Ok(post), hops);
        }
        if hops.iter().any(|hop| hop.request.url == url) {
            break;
        }
        let mut request = Request::get(url.clone()).without_redirects();
        request.max_bytes = Some(MAX_HOP_BYTES);
        let exchange = transport.fetch(request).await;
        let next = exchange.response().and_then(platforms::short_link_target);
        let failure = match exchange.response() {
            // The last stop answered, and it is no post.
            Some(answer) if answer.is_success() => {
                Failure::Unresolved { detail: format!("the short link leads to {}", answer.url) }
            }
            _ => platforms::failure(&exchange),
        };
        hops.push(exchange);
        match next {
            Some(target) => url = target,
            None => return (Err(failure), hops),
        }
    }
    let detail = format!("the short link {link} leads to no post");
    (Err(Failure::Unresolved { detail }), hops)
}
