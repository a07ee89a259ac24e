//! Hostile words in every place that archived words reach: they stay words, in a file, in the viewer, and in a preserved
//! page, and what is written of them reads the same when it is parsed again.

use crate::{
    cases::{cases, viewed},
    dangers::{Output, dangers, is_stable},
    originals,
};
use embalm::{
    model::{
        ArticleView, Card, Embed, EmbedView, Media, MediaKind, Poll, PollOption, Post, Quoted, Related, StoredMedia,
        Target,
    },
    render,
};
use serde::Deserialize;
use std::{env, fs, path::Path};

/// The case with most places, with one picture only: thousands of pages are drawn from it.
fn fullest() -> ArticleView {
    let (_, case) = cases().into_iter().find(|(path, _)| path.ends_with("every-kind-of-content.json")).unwrap();
    let mut view = case.article;
    let posts = view.embeds.iter_mut().filter_map(|embed| embed.post.as_mut());
    for media in posts.flat_map(|post| &mut post.media).filter(|media| media.kind != MediaKind::Avatar) {
        media.bytes = None;
    }
    view
}

/// The view with `payload` wherever words from outside stand.
fn poisoned(view: &ArticleView, payload: &str) -> ArticleView {
    let mut view = view.clone();
    let word = || Some(payload.to_owned());
    payload.clone_into(&mut view.name);
    payload.clone_into(&mut view.digest);
    payload.clone_into(&mut view.article.title);
    payload.clone_into(&mut view.article.text);
    (view.article.byline, view.article.site_name, view.article.lang) = (word(), word(), word());
    view.article.body_html = format!("{payload}{}<p title=\"{payload}\">{payload}</p>", view.article.body_html);
    for (at, embed) in view.embeds.iter_mut().enumerate() {
        embed.embed.quoted = Quoted {
            text: word(),
            author_name: word(),
            author_handle: word(),
            published: None,
            links: vec![payload.to_owned()],
        };
        let Some(post) = &mut embed.post else { continue };
        post.post.platform.push_str(payload);
        post.post.author = word();
        for media in &mut post.media {
            (media.alt, media.mime) = (word(), word());
        }
        post.media.push(StoredMedia { failure: word(), bytes: None, ..stored(payload) });
        post.media
            .push(StoredMedia { bytes: Some(payload.as_bytes().to_vec()), ..stored("https://media.example/raw") });
        let Some(content) = &mut post.content else { continue };
        payload.clone_into(&mut content.text);
        content.text_html = (at % 2 == 0).then(|| payload.to_owned());
        (content.lang, content.warning) = (word(), word());
        payload.clone_into(&mut content.author.handle);
        (content.author.name, content.author.url) = (word(), word());
        content.media.iter_mut().for_each(|media| media.alt = word());
        content.media.push(Media { alt: word(), ..Media::new(MediaKind::Image, payload) });
        content.media.push(Media::new(MediaKind::Image, "https://media.example/raw"));
        content.poll =
            Some(Poll { options: vec![PollOption { label: payload.to_owned(), votes: Some(1) }], ..Poll::default() });
        content.card =
            Some(Card { url: payload.to_owned(), title: word(), description: word(), image: word(), site: word() });
        let inner = Post { text: payload.to_owned(), quoted: None, reply_to: None, ..content.clone() };
        content.quoted = Some(Related { post: content.post.clone(), content: Some(Box::new(inner)) });
    }
    view.embeds.push(EmbedView {
        embed: Embed {
            position: 90,
            target: Target::Unresolved { platform: payload.to_owned() },
            ..view.embeds[0].embed.clone()
        },
        post: None,
    });
    view
}

fn stored(url: &str) -> StoredMedia {
    StoredMedia {
        kind: MediaKind::Image,
        url: url.to_owned(),
        alt: None,
        width_px: None,
        height_px: None,
        duration_ms: None,
        mime: None,
        digest: None,
        size_bytes: None,
        bytes: None,
        failure: None,
        obtained: None,
        note: None,
    }
}

/// The view poisoned, in every output.
fn drawn(view: &ArticleView, payload: &str) -> Vec<(Output, String)> {
    let view = poisoned(view, payload);
    let original = originals::view(payload.as_bytes(), Some(payload), payload);
    vec![
        (Output::File, render::article_page(&view).unwrap()),
        (Output::Viewer, viewed(&view)),
        (Output::Original, originals::drawn(&original)),
    ]
}

#[test]
fn hostile_words_stay_words_wherever_they_stand() {
    let own = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "<a href=\"java&#10;script:alert(1)\">x</a>",
        "<svg><animate onbegin=alert(1) attributeName=x></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<p style=\"background:url(https://tracker.example/a)\">x</p>",
        "<img src=\"https://tracker.example/a.gif\" srcset=\"https://tracker.example/b.gif 2x\">",
        "<a href=\"https://a.example\" ping=\"https://tracker.example\">x</a>",
        "<base href=\"https://evil.example\"><meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        "\u{27e6}embalm:1\u{27e7}<b \u{27e6}embalm:0\u{27e7}>",
    ];
    let view = fullest();
    let mut wrong = Vec::new();
    for payload in own {
        for (output, html) in drawn(&view, payload) {
            wrong.extend(dangers(&html, output).into_iter().map(|danger| format!("{payload} as {output:?}: {danger}")));
            assert!(!html.contains(">49<"), "a template ran words from outside");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Deserialize)]
struct Payload {
    id: String,
    payload: String,
}

#[test]
fn the_shared_hostile_suite_stays_words_too() {
    let Some(folder) = crate::shared::shared("suites/xss") else { return };
    let view = fullest();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let payloads: Vec<Payload> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for Payload { id, payload } in payloads {
            for (output, html) in drawn(&view, &payload) {
                wrong.extend(dangers(&html, output).into_iter().map(|danger| format!("{id} as {output:?}: {danger}")));
                let stable = output == Output::Viewer || is_stable(&html);
                wrong.extend((!stable).then(|| format!("{id} as {output:?}: read again it is another page")));
                if let Some(folder) = env::var_os("EMBALM_HOSTILE_OUT").filter(|_| output == Output::File) {
                    fs::write(Path::new(&folder).join(format!("{id}.html")), &html).unwrap();
                }
            }
            count += 1;
        }
    }
    println!("{count} payloads");
    assert!(count > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
