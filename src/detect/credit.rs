//! Credit lines beside players: `Title by Author` under a sound or slides links to the item's own page, whose address
//! has nothing in common with the player's id. Such a link is the player's, not another post.

use super::found::Found;
use crate::{html, model::Form, platforms};
use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node};

/// Words in a credit line that no link holds: `by`, `from`, `on`.
const MAX_OTHER_WORDS: usize = 4;

/// Players of one page whose credits are looked for.
const MAX_PLAYERS: usize = 64;

/// How far around a link its player is looked for.
const MAX_AROUND: usize = 6;

/// Siblings without words between a player and its credit.
const MAX_BETWEEN: usize = 8;

/// Whether there is a player whose credit line would have to be looked at.
pub(super) fn may_apply(found: &[Found]) -> bool {
    let players = players(found);
    found
        .iter()
        .filter(|one| one.form == Form::Link)
        .filter_map(|one| one.target.post())
        .any(|link| players.iter().any(|(platform, _)| *platform == link.platform))
}

/// Takes out the links of credit lines.
pub(super) fn take_out(tree: &Html, found: &mut Vec<Found>) {
    let players = players(found);
    if players.is_empty() {
        return;
    }
    found.retain(|one| {
        let post = one.target.post().filter(|_| one.form == Form::Link);
        let (Some(post), Some(node)) = (post, one.place.node()) else { return true };
        let mut own = players.iter().filter(|(platform, _)| *platform == post.platform);
        !own.any(|(_, player)| is_credit(tree, node, *player))
    });
}

/// Platform and place of each player whose id no page of its platform has.
fn players(found: &[Found]) -> Vec<(String, NodeId)> {
    found
        .iter()
        .filter(|one| !matches!(one.form, Form::Link | Form::Text | Form::Json))
        .filter_map(|one| Some((one.target.post()?, one.place.node()?)))
        .filter(|(post, _)| platforms::by_id(&post.platform).is_some_and(|own| own.is_players_id(&post.id)))
        .map(|(post, node)| (post.platform.clone(), node))
        .take(MAX_PLAYERS)
        .collect()
}

/// Whether a link stands in a line of little but links, right before or after a player.
fn is_credit(tree: &Html, link: NodeId, player: NodeId) -> bool {
    let (Some(link), Some(player)) = (tree.tree.get(link), tree.tree.get(player)) else { return false };
    let mut line = link;
    for around in link.ancestors().take(MAX_AROUND) {
        if let Some(beside) = child_with(around, player) {
            return line.id() != beside.id() && is_of_links(line) && are_neighbours(line, beside);
        }
        line = around;
    }
    false
}

/// The child of `around` in which `node` stands.
fn child_with<'a>(around: NodeRef<'a, Node>, node: NodeRef<'a, Node>) -> Option<NodeRef<'a, Node>> {
    let mut child = node;
    for parent in node.ancestors().take(MAX_AROUND) {
        if parent.id() == around.id() {
            return Some(child);
        }
        child = parent;
    }
    None
}

fn are_neighbours(line: NodeRef<'_, Node>, beside: NodeRef<'_, Node>) -> bool {
    let silent = |node: &NodeRef<'_, Node>| match node.value() {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(element) => matches!(element.name(), "br" | "script" | "noscript"),
        _ => true,
    };
    let mut after = line.next_siblings().take(MAX_BETWEEN).skip_while(silent);
    let mut before = line.prev_siblings().take(MAX_BETWEEN).skip_while(silent);
    [after.next(), before.next()].into_iter().flatten().any(|node| node.id() == beside.id())
}

fn is_of_links(line: NodeRef<'_, Node>) -> bool {
    let Some(element) = ElementRef::wrap(line) else { return false };
    let count = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let links = element.descendants().filter_map(ElementRef::wrap).filter(|inner| inner.value().name() == "a");
    let linked: usize = links.map(|link| count(&html::text(link))).sum();
    count(&html::text(element)) <= linked + MAX_OTHER_WORDS
}
