//! VK: wall posts, videos, clips and photos, by page address, by the layer over another page (`?w=`, `?z=`), by player
//! and by widget.
//!
//! Owners that are communities have negative numbers. There is no endpoint for strangers; what pages show stands in
//! `plan` and `wall`.

mod plan;
mod wall;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{bare, host, is_number, is_site, parameter, parts, post},
};
use crate::{
    html::attr,
    http::Exchange,
    model::{Form, PostRef, Target},
};
use regex::Regex;
use scraper::ElementRef;
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "vk";
const SITES: [&str; 5] = ["vk.com", "vk.ru", "vkontakte.ru", "vkvideo.ru", "new.vk.com"];
const KINDS: [&str; 4] = ["wall", "video", "clip", "photo"];

/// `VK.Widgets.Post("place", owner, post, "hash")`.
static WIDGET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"VK\.Widgets\.Post\(\s*["'][^"']{0,100}["']\s*,\s*["']?(-?\d{1,12})["']?\s*,\s*["']?(\d{1,12})\b"#)
        .expect("the pattern is a constant")
});

/// VK.
pub(super) struct Vk;

impl Platform for Vk {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://vk.com/wall-12345678_901", "wall-12345678_901"),
                ("https://m.vk.com/wall12345_67?reply=70", "wall12345_67"),
                ("https://vk.ru/wall-12345678_901", "wall-12345678_901"),
                ("https://vk.com/wall-12345678_901_r905", "wall-12345678_901"),
                ("https://vk.com/annex?w=wall12345_67", "wall12345_67"),
                ("https://vk.com/feed?w=wall-12345678_901%2Fall", "wall-12345678_901"),
                ("https://vk.com/video-12345678_456239017", "video-12345678_456239017"),
                (
                    "https://vk.com/videos-12345678?z=video-12345678_456239017%2Fclub12345678",
                    "video-12345678_456239017",
                ),
                ("https://vkvideo.ru/video-12345678_456239017", "video-12345678_456239017"),
                ("https://vkvideo.ru/playlist/-12345678_1/video-12345678_456239017", "video-12345678_456239017"),
                ("https://vk.com/video_ext.php?oid=-12345678&id=456239017&hash=0a1b2c", "video-12345678_456239017"),
                ("https://vk.com/clip-12345678_456239017", "clip-12345678_456239017"),
                ("https://vk.com/photo-12345678_457239017", "photo-12345678_457239017"),
                ("https://vk.com/widget_post.php?app=0&owner_id=-12345678&post_id=901&hash=x", "wall-12345678_901"),
            ],
            others: &[
                "https://vk.com/",
                "https://vk.com/annex",
                "https://vk.com/wall-12345678",
                "https://vk.com/videos-12345678",
                "https://vk.com/share.php?url=https%3A%2F%2Fvk.com%2Fwall-12345678_901",
                "https://vk.com/club12345678",
                "https://vk.com.evil.example/wall-12345678_901",
                "https://notvk.com/wall-12345678_901",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("vk"), Host::part("vkontakte"), Host::part("vkvideo")];
        Needles { hosts: HOSTS, words: &[], marks: &["vk_post_", "VK.Widgets", "amp-vk"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        if !SITES.iter().any(|site| is_site(host, site)) {
            return None;
        }
        let parts = parts(url);
        let found = match parts.last() {
            Some(&"video_ext.php") => of("video", &parameter(url, "oid")?, &parameter(url, "id")?),
            Some(&"widget_post.php") => of("wall", &parameter(url, "owner_id")?, &parameter(url, "post_id")?),
            Some(page) if page.ends_with(".php") => None,
            page => page.and_then(|page| read(page)).or_else(|| {
                let layer = ["w", "z"].iter().find_map(|name| parameter(url, name))?;
                read(layer.split('/').next()?)
            }),
        };
        found.map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if element.value().name() == "script" {
            let call = element.text().find_map(|code| WIDGET.captures(code))?;
            return Some(bare(Form::Script, of("wall", &call[1], &call[2])?));
        }
        if element.value().name() == "amp-vk" {
            let (owner, number) = (attr(element, "data-owner-id")?, attr(element, "data-post-id")?);
            return Some(bare(Form::Amp, of("wall", owner, number)?));
        }
        // The place that the widget's code is given.
        let place = attr(element, "id")?.strip_prefix("vk_post_")?;
        let (owner, number) = place.split_once('_')?;
        Some(bare(Form::DataAttr, of("wall", owner, number)?))
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// `wall-1_2` and its like.
fn read(name: &str) -> Option<PostRef> {
    let kind = KINDS.into_iter().find(|kind| name.starts_with(kind))?;
    let (owner, number) = name.strip_prefix(kind)?.split_once('_')?;
    // A comment is named after its post: `wall-1_2_r3`.
    of(kind, owner, number.split('_').next()?)
}

fn of(kind: &str, owner: &str, number: &str) -> Option<PostRef> {
    let is_owner = is_number(owner.strip_prefix('-').unwrap_or(owner), 1..=12);
    let id = format!("{kind}{owner}_{number}");
    (is_owner && is_number(number, 1..=12))
        .then(|| post(PLATFORM, id.clone(), None, &format!("https://vk.com/{id}")))?
}
