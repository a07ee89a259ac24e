//! A look that no exchange is read for: it found what was known, or nothing, or its words stand elsewhere.

use super::{Driver, looks::Restored, posts::Posts};
use crate::{
    http::Exchange,
    model::{Outcome, Via, Withheld},
    pipeline::{bundle::claims::LookClaim, ladder},
    store::{Rung, StoreError, UnchangedLook, told_failure},
};

impl Driver<'_> {
    /// A look that no exchange is read for.
    pub(super) async fn look_alone(&mut self, posts: &mut Posts<'_>, restored: &Restored) -> Result<(), StoreError> {
        let bundle = posts.bundle;
        let (Some(look), Some(own)) = (restored.look(), restored.own()) else { return Ok(()) };
        match look.result.as_str() {
            "unchanged" => {
                let snapshot = look.snapshot.and_then(|nth| restored.claim.snapshots.get(nth));
                let kept = match snapshot {
                    Some(snapshot) => self.store.restore_look(
                        self.summary.run,
                        &UnchangedLook {
                            post: own,
                            looked_at: look.looked_at,
                            via: look.via,
                            captured_at: snapshot.captured_at,
                            validators: look.validators.as_ref(),
                        },
                    )?,
                    None => false,
                };
                if kept {
                    self.summary.posts.unchanged += 1;
                } else {
                    self.not_borne(Some(restored), "the snapshot that it found again is not there");
                }
                Ok(())
            }
            "failed" => {
                let reason = look.reason.as_deref().unwrap_or_default();
                let failure = told_failure(reason, look.detail.clone(), look.retry_at);
                let ids = look.exchanges.iter().map(String::as_str);
                // A failure holds no words: without its answers it is one all the same.
                let exchanges = bundle.exchanges(ids, Some(&restored.claim.platform)).unwrap_or_default();
                self.put(restored, own.clone(), rung(look, Outcome::Failed(failure), exchanges))
            }
            _ if look.via == Via::Import => self.imported(posts, restored, look),
            _ if look.via == Via::Quoted => {
                let digest = look.snapshot.and_then(|nth| restored.claim.snapshots.get(nth)?.digest.clone());
                let quotations = self.store.quotations(own)?;
                let mut contents = quotations.iter().filter_map(|quoted| ladder::from_quoted(own, quoted));
                match contents.find(|content| Some(content.digest()) == digest) {
                    Some(content) => {
                        self.summary.posts.quoted_only += 1;
                        self.store.save_quotation(self.summary.run, own, &content, look.looked_at)
                    }
                    None => {
                        self.not_borne(Some(restored), "no article in the archive quotes these words");
                        Ok(())
                    }
                }
            }
            _ if look.state.as_deref() == Some("login_required") && !look.exchanges.is_empty() => {
                match bundle.exchanges(look.exchanges.iter().map(String::as_str), Some(&restored.claim.platform)) {
                    Ok(exchanges) => {
                        let outcome = Outcome::Withheld(Withheld::LoginRequired);
                        self.put(restored, own.clone(), rung(look, outcome, exchanges))
                    }
                    Err(reason) => {
                        self.not_borne(Some(restored), &reason);
                        Ok(())
                    }
                }
            }
            _ => {
                self.not_borne(Some(restored), "its exchanges do not say what it claims");
                Ok(())
            }
        }
    }
}

fn rung(look: &LookClaim, outcome: Outcome, exchanges: Vec<Exchange>) -> Rung {
    Rung { captured_at: look.looked_at, outcome, via: look.via, exchanges, media: Vec::new() }
}
