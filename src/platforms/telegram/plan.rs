//! The plan: the widget's page, the page around it (its tags), then the channel's preview around the message.
//!
//! `?embed=1&mode=tme` is what the frame of an embed loads (yt-dlp, 2026). The preview at `/s/` is there where the
//! channel has it switched on; else it leads to the channel's page (snscrape, 2023).

use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, address::no_route};
use super::{message, wrapper};
use crate::http::{Exchange, Request, Response};
use crate::model::{PostRef, Via};

const ROUTES: &[Route] = &[
    Route { at: "widget", via: Via::EmbedPage, ask: ask_widget, read: read_message },
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_wrapper },
    Route { at: "preview", via: Via::EmbedPage, ask: ask_preview, read: read_message },
];

const RULES: &[Rule] = &[
    Rule {
        at: &["widget"],
        status: &[],
        // "Post not found", "Channel not found", "Username not found": deleted, private and never there alike.
        sign: Sign::Element(".tgme_widget_message_error"),
        means: Means::Absent,
        known: "public code of many clients, to 2026",
    },
    Rule {
        at: &["preview"],
        status: &[],
        // The channel's own page, to which a preview that is switched off leads.
        sign: Sign::Element(".tgme_page_title, .tgme_page_icon, .tgme_page_context_link"),
        means: Means::Unavailable,
        known: "snscrape, 2023; recorded channel page, 2022",
    },
    Rule {
        at: &["page", "widget"],
        status: &[],
        // A channel's or a person's page instead of a message's.
        sign: Sign::Element(".tgme_page:not(.tgme_page_post) .tgme_page_title"),
        means: Means::Unavailable,
        known: "recorded channel page, 2022",
    },
    Rule {
        at: &[],
        status: &[],
        sign: Sign::Host("telegram.org"),
        means: Means::Unavailable,
        known: "t.me sends names that cannot be there to telegram.org, 2024",
    },
];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    if post.id.starts_with("c/") {
        // By the form of its address: members' messages have no page for others, so nothing is asked.
        return no_route();
    }
    routes::next(post, exchanges, ROUTES, RULES)
}

/// Channel and number as the address has them: web archives and recordings tell capitals apart.
fn written(post: &PostRef) -> &str {
    post.url.path().trim_matches('/')
}

fn ask_widget(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("https://t.me/{}?embed=1&mode=tme", written(post)))
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("https://t.me/{}", written(post)))
}

fn ask_preview(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("https://t.me/s/{}", written(post)))
}

fn read_message(post: &PostRef, answer: &Response) -> Said {
    Said::whole(message::read(post, &routes::tree(answer)), "the message's element")
}

fn read_wrapper(post: &PostRef, answer: &Response) -> Said {
    Said::part(wrapper::read(post, &routes::tree(answer)), "tags that name the message")
}
