//! Films play, and are fetched in parts.

use crate::{
    Suite,
    reader::{DESK, Reader},
};

/// Plays each film of the page for a while, then its end; true where both went well.
pub(crate) const PLAY_ALL: &str = r#"Promise.all([...document.querySelectorAll('video, audio')].map(async one => {
  const happens = name => new Promise(done => one.addEventListener(name, done, { once: true }));
  // A film in a closed fold or without a type that plays ends here.
  one.muted = true;
  one.preload = 'auto';
  const failed = happens('error').then(() => false);
  if (one.readyState < 1) { one.load(); if (await Promise.race([failed, happens('loadedmetadata')]) === false) return false; }
  if (!(one.duration > 0)) return false;
  const end = Math.min(0.3, one.duration / 2);
  try { await one.play(); } catch { return false; }
  while (one.currentTime < end) if (await Promise.race([failed, happens('timeupdate')]) === false) return false;
  one.pause();
  const sought = happens('seeked');
  one.currentTime = one.duration - 0.05;
  return await Promise.race([failed, sought]) !== false && one.currentTime > end;
}))"#;

pub(crate) async fn a_film_plays_and_is_sought_by_ranges(suite: &Suite) {
    let reader = Reader::open(&suite.browser, DESK).await;
    reader.goto(&suite.article("The River Games closed on Sunday evening as they had opened, with wet feet")).await;
    let played: Vec<bool> = reader.eval(PLAY_ALL).await;
    assert!(!played.is_empty() && played.iter().all(|one| *one), "{played:?}");
    let parts: Vec<String> = reader
        .events()
        .iter()
        .filter(|event| {
            event.method == "Network.responseReceived" && event.params["response"]["mimeType"] == "video/mp4"
        })
        .map(|event| event.params["response"]["status"].to_string())
        .collect();
    assert!(!parts.is_empty() && parts.iter().all(|status| status == "206"), "answers to the film: {parts:?}");
    assert!(reader.complaints().is_empty(), "{:?}", reader.complaints());
    reader.close().await;
}
