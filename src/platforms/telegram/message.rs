//! Reads one message as Telegram's widget shows it: the page in the frame of an embed, and the channel's preview.
//!
//! Shapes from recordings of 2026 (preview) and public readers (RSS-Bridge and others, 2020 to 2026). Names of classes
//! have been the same since 2018.

use super::super::page_parts::{all_within, background, count, web, within, words};
use super::{media, named};
use crate::html::{self, attr, has_class};
use crate::model::{Author, Card, Poll, PollOption, Post, PostRef, Related, When};
use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use std::sync::LazyLock;

/// Messages of a preview page that are looked at; it has twenty.
const MAX_MESSAGES: usize = 200;
/// Answers of a poll; Telegram allows twelve.
const MAX_OPTIONS: usize = 32;

static MESSAGES: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse(".tgme_widget_message[data-post]").expect("a fixed selector"));

/// `43%`.
static PERCENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(\d{1,3})\s*%$").expect("the pattern is a constant"));

/// The message of this name on a page, or the album that it is a part of.
pub(super) fn read(post: &PostRef, page: &Html) -> Option<Post> {
    let all: Vec<_> = page.select(&MESSAGES).take(MAX_MESSAGES).collect();
    let is_named = |element: &&ElementRef<'_>| {
        attr(**element, "data-post").is_some_and(|name| name.eq_ignore_ascii_case(&post.id))
    };
    let holds = |element: &&ElementRef<'_>| {
        let items = all_within(**element, "a.grouped_media_wrap[href]", media::MAX_FILES);
        items.iter().filter_map(|item| named(attr(*item, "href")?)).any(|item| item.id.eq_ignore_ascii_case(&post.id))
    };
    let element = *all.iter().find(is_named).or_else(|| all.iter().find(holds))?;
    let author = author(element)?;
    let body = text_element(element);
    let mut text = body.map(html::text).unwrap_or_default();
    let poll = poll(element, &mut text);
    let files = media::read(element);
    let mut found = Post::new(post.clone(), author, text);
    found.text_html = body.map(html::inner_html).filter(|markup| markup.contains('<'));
    found.poll = poll;
    found.media = files.media;
    found.card = card(element).or(files.document);
    found.sensitive = files.hidden;
    found.published = within(element, "a.tgme_widget_message_date time[datetime], time.datetime[datetime]")
        .and_then(|time| When::parse(attr(time, "datetime")?));
    found.reply_to = within(element, "a.tgme_widget_message_reply").and_then(reply);
    found.quoted = forwarded(element);
    let views = words(element, ".tgme_widget_message_views").and_then(|views| count(&views));
    found.counts.extend(views.map(|views| ("views".to_owned(), views)));
    let reactions = all_within(element, ".tgme_widget_message_reactions .tgme_reaction", 64);
    let likes: u64 = reactions.into_iter().filter_map(reaction).sum();
    if likes > 0 {
        found.counts.insert("likes".to_owned(), likes);
    }
    let nothing = found.text.is_empty() && found.media.is_empty() && found.poll.is_none() && found.card.is_none();
    // "Please open Telegram to view this post": the widget can't draw it, so its words are not whole.
    found.truncated = nothing || within(element, ".media_not_supported_cont, .message_media_not_supported").is_some();
    let is_message = found.published.is_some() || !nothing;
    is_message.then_some(found)
}

/// The channel: its name, its address, its picture.
fn author(element: ElementRef<'_>) -> Option<Author> {
    let owner = within(element, ".tgme_widget_message_owner_name");
    let handle = attr(element, "data-post")?.split('/').next().filter(|handle| !handle.is_empty())?;
    let handle = handle.to_owned();
    let picture = within(element, ".tgme_widget_message_user_photo img[src], .tgme_widget_message_user img[src]");
    Some(Author {
        id: None,
        url: Some(format!("https://t.me/{handle}")),
        handle,
        name: owner.map(html::text).filter(|name| !name.is_empty()),
        avatar: picture.and_then(|picture| web(attr(picture, "src")?)),
    })
}

/// The words. Albums have the element twice, one inside the other; a reply's and a card's words are not the message's.
fn text_element(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let own = |found: &ElementRef<'_>| !has_class(*found, "js-message_reply_text");
    let outer = all_within(element, ".tgme_widget_message_text", 8).into_iter().find(own)?;
    Some(within(outer, ".tgme_widget_message_text").unwrap_or(outer))
}

/// A poll. Its question is the message's words. The widget shows shares, rounded to whole percents, and the number of
/// voters; so the votes of an answer are told only where they follow from these.
fn poll(element: ElementRef<'_>, text: &mut String) -> Option<Poll> {
    let poll = within(element, ".tgme_widget_message_poll")?;
    let voters = words(element, ".tgme_widget_message_voters").and_then(|voters| voters.parse::<u64>().ok());
    let options = all_within(poll, ".tgme_widget_message_poll_option", MAX_OPTIONS);
    let options: Vec<PollOption> = options
        .into_iter()
        .filter_map(|option| {
            let label = words(option, ".tgme_widget_message_poll_option_text")?;
            let share = words(option, ".tgme_widget_message_poll_option_percent");
            let percent: Option<u64> = share.and_then(|share| PERCENT.captures(share.trim())?[1].parse().ok());
            let votes = match (percent, voters) {
                (_, Some(0)) => Some(0),
                (Some(100), Some(voters)) => Some(voters),
                // Shares are rounded so that they make a hundred: below fifty voters each is of one number of votes only.
                (Some(percent), Some(voters)) if voters < 50 => Some((percent * voters + 50) / 100),
                _ => None,
            };
            Some(PollOption { label, votes })
        })
        .collect();
    if let Some(question) = words(poll, ".tgme_widget_message_poll_question") {
        *text = if text.is_empty() { question } else { format!("{question}\n\n{text}") };
    }
    (!options.is_empty()).then(|| Poll { options, ..Poll::default() })
}

/// The message that this one answers, with the beginning of its words.
fn reply(element: ElementRef<'_>) -> Option<Related> {
    let post = named(attr(element, "href")?)?;
    Some(Related { content: beginning(element, &post), post })
}

fn beginning(element: ElementRef<'_>, post: &PostRef) -> Option<Box<Post>> {
    let name = words(element, ".tgme_widget_message_author_name, .tgme_widget_message_author");
    let text = words(element, ".js-message_reply_text, .tgme_widget_message_metatext")?;
    let author = Author { handle: post.author.clone().unwrap_or_default(), name, ..Author::default() };
    let mut part = Post::new(post.clone(), author, text);
    part.truncated = true;
    Some(Box::new(part))
}

/// The message that was passed on, where it is one of a public channel.
fn forwarded(element: ElementRef<'_>) -> Option<Related> {
    let link = within(element, "a.tgme_widget_message_forwarded_from_name[href]")?;
    Some(Related { post: named(attr(link, "href")?)?, content: None })
}

fn card(element: ElementRef<'_>) -> Option<Card> {
    let link = within(element, "a.tgme_widget_message_link_preview[href]")?;
    let picture = within(link, ".link_preview_image, .link_preview_right_image, .link_preview_video_thumb");
    Some(Card {
        url: web(attr(link, "href")?)?,
        title: words(link, ".link_preview_title"),
        description: words(link, ".link_preview_description"),
        image: picture.and_then(background),
        site: words(link, ".link_preview_site_name"),
    })
}

/// How often a reaction was given: the number behind its picture.
fn reaction(element: ElementRef<'_>) -> Option<u64> {
    let text = html::text(element);
    let at = text.find(|c: char| c.is_ascii_digit())?;
    count(&text[at..])
}
