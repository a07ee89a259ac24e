//! Embeds of a version, as an export says them: what a feed had and the page has not stands nowhere else.

use crate::{
    model::{Embed, PostRef, Quoted, Target},
    pipeline::bundle::claims::EmbedClaim,
    platforms,
};

/// Embeds of one version that are taken; no real article has as many.
const MAX_EMBEDS: usize = 1000;

/// Those that today's detector could have found: whose address is that of the post that they name.
pub(super) fn claimed(claims: &[EmbedClaim]) -> Vec<Embed> {
    let embeds = claims.iter().take(MAX_EMBEDS).enumerate();
    embeds.filter_map(|(position, claim)| embed(position, claim)).collect()
}

fn embed(position: usize, claim: &EmbedClaim) -> Option<Embed> {
    let platform = claim.target_platform.clone()?;
    let is_known = || platforms::ALL.iter().any(|known| known.id() == platform);
    let target = match (claim.target.as_str(), &claim.target_url) {
        ("post" | "short_link", Some(url)) => {
            let found = platforms::recognize(url).filter(|found| found.platform() == platform)?;
            match found {
                Target::Post(post) => {
                    Target::Post(PostRef { author: claim.target_author.clone().or(post.author), ..post })
                }
                other => other,
            }
        }
        ("unresolved", _) if is_known() => Target::Unresolved { platform },
        _ => return None,
    };
    Some(Embed {
        position,
        form: serde_json::from_value(claim.form.clone()).ok()?,
        target,
        scope: serde_json::from_value(claim.scope.clone()).ok()?,
        quoted: Quoted {
            text: claim.quoted_text.clone(),
            author_name: claim.quoted_author_name.clone(),
            author_handle: claim.quoted_author_handle.clone(),
            published: claim.quoted_published,
            links: claim.quoted_links.clone(),
        },
    })
}
