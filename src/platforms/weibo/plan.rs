//! The plan: the JSON of the site for phones (gallery-dl, yt-dlp and others, 2018 to 2026; no recording).
//!
//! Without a visitor's cookie many addresses get 432, or are led to a gate at `visitor.passport.weibo.cn`.

use super::super::Step;
use super::super::page_parts::{self, text_of};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::status;
use crate::http::{Exchange, Request, Response};
use crate::model::{PostRef, Via};
use url::Url;

const ROUTES: &[Route] = &[
    Route { at: "api", via: Via::Api, ask: ask_api, read: read_api },
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
];

const RULES: &[Rule] = &[
    rule(&[432, 418], Sign::Status, Means::Blocked, "public readers, 2022 to 2026"),
    rule(&[], Sign::Host("visitor.passport.weibo.cn"), Means::LoginRequired, "gallery-dl and yt-dlp, 2026"),
    rule(&[], Sign::Host("passport.weibo.com"), Means::LoginRequired, "gallery-dl and yt-dlp, 2026"),
    rule(&[], Sign::Host("passport.weibo.cn"), Means::LoginRequired, "public readers, 2020"),
    rule(&[], Sign::Json("/ok", "-100"), Means::LoginRequired, "public readers, 2020 to 2026"),
];

const fn rule(status: &'static [u16], sign: Sign, means: Means, known: &'static str) -> Rule {
    Rule { at: &[], status, sign, means, known }
}

/// What the interface says with `ok: 0`: (a part of the message, meaning, source).
const MESSAGES: &[(&str, Means, &str)] = &[
    ("不存在", Means::Unavailable, "the interface's own words: does not exist"),
    ("已被作者删除", Means::Deleted, "the interface's own words: deleted by its author"),
    ("已被删除", Means::Deleted, "the interface's own words: deleted"),
    ("仅粉丝可见", Means::Private, "the interface's own words: for followers"),
    ("暂无查看权限", Means::Private, "the interface's own words: no right to see it"),
    ("由于博主隐私设置", Means::Private, "the interface's own words: by the author's settings"),
];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

/// The name that the site for phones knows: the code or number alone.
pub(super) fn code(post: &PostRef) -> &str {
    post.id.rsplit('/').next().unwrap_or(&post.id)
}

fn ask_api(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let url = Url::parse(&format!("https://m.weibo.cn/statuses/show?id={}", code(post))).ok()?;
    Some(Request::get(url).with_header("accept", "application/json").with_header("x-requested-with", "XMLHttpRequest"))
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("https://m.weibo.cn/detail/{}", code(post)))
}

fn read_api(post: &PostRef, answer: &Response) -> Said {
    const EXPECTED: &str = "the post under data";
    let Some(json) = page_parts::json(answer) else { return Said::Unknown(EXPECTED) };
    if let Some(found) = status::read(post, &json["data"]) {
        return Said::Whole(Box::new(found));
    }
    let message = ["msg", "message"].iter().find_map(|name| text_of(&json[*name])).unwrap_or_default();
    let rule = MESSAGES.iter().find(|(words, ..)| message.contains(words)).filter(|_| json["ok"] == 0);
    rule.map_or(Said::Unknown(EXPECTED), |(_, means, _)| Said::Ends(*means))
}

/// The page states the same in a script: `$render_data = [{"status": {…}}]`.
fn read_page(post: &PostRef, answer: &Response) -> Said {
    let text = answer.text();
    let state = super::super::page_state::value_after(&text, "$render_data = ");
    Said::whole(state.and_then(|state| status::read(post, &state[0]["status"])), "the post in $render_data")
}
