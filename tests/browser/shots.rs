//! The pictures of the README, taken of the demonstration. `.ci/screenshots` writes them to `docs/`.
//!
//! The archive, the window and the zone are the same everywhere; letters are those of the fonts that a machine has.

use crate::{
    Suite,
    reader::{DESK, PHONE, Reader, View},
};
use serde_json::json;
use std::{env, fs, path::PathBuf};

/// Where the pictures are written; without it they are taken and dropped.
const INTO: &str = "EMBALM_SCREENSHOTS";

/// Largest picture that a README should load.
const MAX_BYTES: usize = 400 << 10;

pub(crate) async fn the_readme_s_pictures_can_be_taken(suite: &Suite) {
    let into = env::var_os(INTO).map(PathBuf::from);
    let pictures = [
        ("screenshot-article.png", suite.article("Calder Quay sings the lanterns home"), View { height: 1500, ..DESK }),
        ("screenshot-post.png", suite.room.edited(), View { dark: true, height: 1500, ..PHONE }),
    ];
    for (name, page, view) in pictures {
        let reader = Reader::open(&suite.browser, view).await;
        reader.call("Emulation.setTimezoneOverride", json!({"timezoneId": "UTC"})).await;
        reader.call("Emulation.setScrollbarsHidden", json!({"hidden": true})).await;
        reader.goto(&page).await;
        reader.eval::<()>("Promise.all([...document.images].map(one => { one.loading = 'eager'; return one.decode(); })).then(() => null)").await;
        let picture = reader.picture(false).await;
        assert!(picture.len() > 10_000 && picture.len() < MAX_BYTES, "{name}: {} bytes", picture.len());
        if let Some(into) = &into {
            fs::write(into.join(name), &picture).expect("a picture is written");
        }
        reader.close().await;
    }
}
