//! A page of one's own with its embeds replaced by archived ones: every byte outside of them stays as it was, and each
//! of them can be put back.
//!
//! | what | where |
//! |---|---|
//! | which markup is an embed's, to the byte | `detect::written` |
//! | places in the text as places in the bytes | `places` |
//! | the snippet with what stood in its place | `frame` |

mod frame;
mod places;

use super::{
    Folder,
    error::ExportError,
    places::Files,
    snippets::{self, SnippetOptions, snippet},
};
use crate::{
    article::{Kind, Page},
    detect::{self, Markup, Written},
    model::{Form, PostRef, State, Via},
    platforms, render,
    store::{PostName, Store},
};
use frame::Frame;
use places::Text;
use serde::Serialize;
use std::{collections::HashSet, ops::Range, path::Path};

/// How pages are rewritten.
#[derive(Clone, Debug, Default)]
pub struct RewriteOptions {
    /// Every embed that the archive holds, not the dead ones alone.
    pub all: bool,
    /// Put everything back that was replaced before, and replace nothing.
    pub restore: bool,
    /// No style in the page: it links a style sheet of its own.
    pub without_style: bool,
    /// Where the folder for files of posts is served, closing slash included.
    pub media_url: Option<String>,
}

/// What became of one embed of a page, as `embalm rewrite --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RewrittenEmbed {
    /// The line of the page on which its markup begins, from 1; none where that is not sure.
    pub line: Option<usize>,
    /// The post's key.
    pub key: String,
    /// The markup.
    pub form: Option<Form>,
    /// What is known of the post by now.
    pub state: Option<State>,
    /// The rung of what stands in the page now.
    pub via: Option<Via>,
    /// What was done.
    pub action: Action,
    /// Why it was kept or left.
    pub why: Option<String>,
}

/// What was done with an embed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An archived one stands in its place.
    Replaced,
    /// So it did before, and was drawn anew.
    Refreshed,
    /// What stood there before stands there again.
    Restored,
    /// It was not to be replaced.
    Kept,
    /// It was to be replaced, and could not be.
    Left,
}

impl Action {
    /// As records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Refreshed => "refreshed",
            Self::Restored => "restored",
            Self::Kept => "kept",
            Self::Left => "left",
        }
    }
}

/// A page after rewriting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The page's bytes.
    pub bytes: Vec<u8>,
    /// Its embeds, in the order of the page; those that are links or words alone are none.
    pub embeds: Vec<RewrittenEmbed>,
    /// Why the page could not be read at all; its bytes are then as they were.
    pub problem: Option<String>,
}

/// Rewrites pages, one after the other.
pub struct Rewriter<'a> {
    store: &'a Store,
    options: RewriteOptions,
    media: Option<(Files<'a>, Folder)>,
}

impl<'a> Rewriter<'a> {
    /// `media_folder` is where `media/` with the files of posts goes; it is used with a `media_url` alone.
    ///
    /// # Errors
    /// [`ExportError::Folder`].
    pub fn new(store: &'a Store, options: RewriteOptions, media_folder: Option<&Path>) -> Result<Self, ExportError> {
        let folder = media_folder.filter(|_| options.media_url.is_some());
        let media = folder.map(|folder| Ok::<_, ExportError>((Files::new(store), Folder::open(folder, true)?)));
        Ok(Self { store, options, media: media.transpose()? })
    }

    /// Rewrites a page.
    ///
    /// # Errors
    /// [`ExportError`]; nothing that a page can hold causes one.
    pub fn page(&mut self, name: &str, bytes: &[u8]) -> Result<Rewritten, ExportError> {
        let frames = frame::find(bytes);
        let original = frame::restored(bytes, &frames);
        if self.options.restore {
            let embeds = frames.iter().map(restored).collect();
            return Ok(Rewritten { bytes: original, embeds, problem: None });
        }
        let unread = |why: String| Rewritten { bytes: bytes.to_vec(), embeds: Vec::new(), problem: Some(why) };
        if original.contains(&0) {
            return Ok(unread("it holds zero bytes, as no page in a charset that can be rewritten does".to_owned()));
        }
        let text = match Text::read(&original) {
            Ok(text) => text,
            Err(why) => return Ok(unread(why)),
        };
        let page = Page { html: text.text.clone(), ..Page::new(Kind::Html, name, None, b"", None) };
        let earlier: HashSet<&str> = frames.iter().map(|frame| frame.key.as_str()).collect();
        let mut choices = Vec::new();
        for written in detect::written(&page) {
            choices.push(self.choose(written, &earlier)?);
        }
        let kept =
            choices.iter().filter(|choice| choice.post.is_none()).map(|choice| choice.platform.clone()).collect();
        let spots = spots(&choices, &kept, &text, &original);
        let bytes = self.put(&mut choices, &spots, &text, &original)?;
        lines(&mut choices, &text.text);
        Ok(Rewritten { bytes, embeds: choices.into_iter().map(|choice| choice.told).collect(), problem: None })
    }

    /// What is to become of an embed.
    fn choose(&self, written: Written, earlier: &HashSet<&str>) -> Result<Choice, ExportError> {
        let Written { embed, markup } = written;
        let post = PostRef::of_embed(&embed.target, &embed.quoted);
        let mut told = RewrittenEmbed {
            line: None,
            key: post.key(),
            form: Some(embed.form),
            state: None,
            via: None,
            action: Action::Kept,
            why: None,
        };
        let name = self.store.post_name(&post.key())?;
        let Some(name) = name else {
            told.why = Some("it is not in the archive".to_owned());
            return Ok(Choice { told, platform: post.platform, post: None, markup });
        };
        told.key = name.key.clone();
        told.state = Some(name.state);
        let before = earlier.contains(name.key.as_str());
        if !(self.options.all || before || is_dead(name.state)) {
            told.why = Some("it is not known to be dead".to_owned());
            return Ok(Choice { told, platform: post.platform, post: None, markup });
        }
        let view = self.store.named_post_view(&name)?;
        let why = if view.content.is_none() {
            Some("nothing of its content is in the archive")
        } else if markup.is_empty() {
            Some("where its markup ends is not sure")
        } else {
            None
        };
        told.via = view.via.filter(|_| why.is_none());
        told.action = match why {
            Some(_) => Action::Left,
            None if before => Action::Refreshed,
            None => Action::Replaced,
        };
        told.why = why.map(str::to_owned);
        Ok(Choice { told, platform: post.platform, post: why.is_none().then_some(name), markup })
    }

    /// The page with snippets in these places.
    fn put(
        &mut self,
        choices: &mut [Choice],
        spots: &[Spot],
        text: &Text,
        original: &[u8],
    ) -> Result<Vec<u8>, ExportError> {
        let mut out = Vec::with_capacity(original.len());
        let (mut at, mut styled) = (0, self.options.without_style);
        for spot in spots {
            let Some(choice) = choices.get(spot.choice) else { continue };
            let Some(post) = &choice.post else { continue };
            let mut html = self.snippet(post)?;
            if !styled {
                html = format!("<style>\n{}</style>\n{html}", render::snippet_stylesheet());
                styled = true;
            }
            for script in &spot.scripts {
                html = format!("{}\n{}", html.trim_end(), text.text.get(script.clone()).unwrap_or_default());
            }
            out.extend_from_slice(original.get(at..spot.bytes.start).unwrap_or_default());
            let stood = original.get(spot.bytes.clone()).unwrap_or_default();
            out.extend(text.encode(frame::write(&post.key, stood, &html)));
            at = spot.bytes.end;
        }
        out.extend_from_slice(original.get(at..).unwrap_or_default());
        let done: HashSet<usize> = spots.iter().map(|spot| spot.choice).collect();
        for (number, choice) in choices.iter_mut().enumerate() {
            if choice.post.is_some() && !done.contains(&number) {
                choice.told.action = Action::Left;
                choice.told.why = Some("its markup stands inside another embed's".to_owned());
            }
        }
        Ok(out)
    }

    fn snippet(&mut self, post: &PostName) -> Result<String, ExportError> {
        let options = SnippetOptions { media_url: None, with_style: false, force: false };
        let drawn = match (&self.options.media_url, &mut self.media) {
            (Some(prefix), Some((files, folder))) => {
                snippets::beside(self.store, post, &options, prefix, (files, folder))?
            }
            _ => snippet(self.store, post, &options)?,
        };
        Ok(drawn.html)
    }
}

/// An embed and what is to become of it.
struct Choice {
    told: RewrittenEmbed,
    platform: String,
    /// The post that is put there; none where the embed stays.
    post: Option<PostName>,
    markup: Vec<Markup>,
}

/// A place where a snippet is put.
struct Spot {
    choice: usize,
    /// In the page's text, and in its bytes.
    in_text: Range<usize>,
    bytes: Range<usize>,
    /// Scripts in it, in the page's text, that something else of the page needs.
    scripts: Vec<Range<usize>>,
}

/// Readers see nothing of it on its platform, by the platform's word.
fn is_dead(state: State) -> bool {
    state.is_gone() || matches!(state, State::Private | State::Unavailable)
}

/// Where snippets go, in the order of the page. A platform's script goes with the last embed that it draws.
fn spots(choices: &[Choice], kept: &HashSet<String>, text: &Text, original: &[u8]) -> Vec<Spot> {
    let mut spots = Vec::new();
    for (number, choice) in choices.iter().enumerate().filter(|(_, choice)| choice.post.is_some()) {
        for markup in &choice.markup {
            let mut range = markup.range.clone();
            let drawn = |src: &str| platforms::widget_of(src).filter(|platform| *platform == choice.platform);
            if let Some(script) = &markup.beside
                && drawn(&script.src).is_some_and(|platform| !kept.contains(platform))
            {
                range.end = script.range.end;
            }
            let needed = |script: &&detect::Script| {
                script.range != markup.range
                    && platforms::widget_of(&script.src).is_none_or(|platform| kept.contains(platform))
            };
            let scripts = markup.inside.iter().filter(needed).map(|script| script.range.clone()).collect();
            spots.push(Spot { choice: number, bytes: range.clone(), in_text: range, scripts });
        }
    }
    spots.sort_by_key(|spot| (spot.in_text.start, std::cmp::Reverse(spot.in_text.end)));
    let mut end = 0;
    spots.retain(|spot| {
        let free = spot.in_text.start >= end;
        end = if free { spot.in_text.end } else { end };
        free
    });
    let ranges: Vec<_> = spots.iter().map(|spot| spot.in_text.clone()).collect();
    let bytes = text.in_bytes(original, &ranges);
    let placed = spots.into_iter().zip(bytes);
    placed.filter_map(|(spot, bytes)| Some(Spot { bytes: bytes?, ..spot })).collect()
}

/// Notes on which line each embed's markup begins, and puts the embeds in that order.
fn lines(choices: &mut [Choice], text: &str) {
    choices.sort_by_key(|choice| choice.markup.first().map_or(usize::MAX, |markup| markup.range.start));
    let (mut at, mut line) = (0, 1);
    for choice in choices {
        let Some(start) = choice.markup.first().map(|markup| markup.range.start) else { continue };
        line += memchr::memchr_iter(b'\n', text.as_bytes().get(at..start).unwrap_or_default()).count();
        at = start;
        choice.told.line = Some(line);
    }
}

fn restored(frame: &Frame) -> RewrittenEmbed {
    RewrittenEmbed {
        line: None,
        key: frame.key.clone(),
        form: None,
        state: None,
        via: None,
        action: Action::Restored,
        why: None,
    }
}
