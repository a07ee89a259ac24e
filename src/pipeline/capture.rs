//! The one loop of the system: ask the platform for its next request, fetch it, push the exchange, until an outcome.

use crate::{
    fetch::Transport,
    http::Exchange,
    model::{Failure, Outcome, PostRef, Via},
    platforms::{self, Step},
};

/// No platform's plan is longer; a plan that does not end is drift.
const MAX_STEPS: usize = 12;

/// How one capture ended, with everything that went over the wire for it.
pub(super) struct Captured {
    /// What came of it.
    pub(super) outcome: Outcome,
    /// The rung.
    pub(super) via: Via,
    /// Oldest first.
    pub(super) exchanges: Vec<Exchange>,
}

/// Captures a post by its platform's own routes.
pub(super) async fn capture(transport: &dyn Transport, post: &PostRef) -> Captured {
    let mut exchanges = Vec::new();
    let Some(platform) = platforms::by_id(&post.platform) else {
        return Captured { outcome: Outcome::Failed(Failure::NoRoute), via: Via::Api, exchanges };
    };
    for _ in 0..MAX_STEPS {
        match platforms::next(platform, post, &exchanges) {
            Ok(Step::Fetch(mut request)) => {
                request.login = Some(post.platform.clone());
                exchanges.push(transport.fetch(request).await);
            }
            Ok(Step::Done(outcome, via)) => return Captured { outcome, via, exchanges },
            Err(drift) => {
                let failure = Failure::Drift { at: drift.at, detail: drift.detail };
                return Captured { outcome: Outcome::Failed(failure), via: Via::Api, exchanges };
            }
        }
    }
    let detail = format!("no outcome after {MAX_STEPS} requests");
    let failure = Failure::Drift { at: post.platform.clone(), detail };
    Captured { outcome: Outcome::Failed(failure), via: Via::Api, exchanges }
}
