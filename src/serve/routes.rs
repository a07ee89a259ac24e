//! Which address is answered by what.

use super::{Viewer, article, assets, at, error::Problem, guard, lists, media, posts, status, who};
use axum::{Router, middleware, routing::get};

/// All that the viewer answers.
pub(super) fn routes(viewer: Viewer) -> Router {
    Router::new()
        .route("/", get(lists::front))
        .route("/articles", get(lists::articles))
        .route("/posts", get(lists::posts))
        .route("/search", get(lists::search))
        .route("/sources", get(lists::sources))
        .route("/runs", get(lists::runs))
        .route("/runs/{id}", get(lists::run))
        .route("/failures", get(lists::failures))
        .route("/article/{id}", get(article::page))
        .route("/article/{id}/changes", get(article::changes))
        .route("/article/{id}/original", get(article::original))
        .route("/article/{id}/original.raw", get(article::bytes))
        .route("/status", get(status::status))
        .route("/post/{*key}", get(posts::post))
        .route("/author/{platform}/{handle}", get(who::author))
        .route("/platform/{id}", get(who::platform))
        .route("/platforms", get(who::platforms))
        .route("/media/{digest}", get(media::file))
        .route("/at", get(at::asked))
        .route("/at/{*url}", get(at::address))
        .route("/assets/{name}", get(assets::asset))
        .fallback(|| async { Problem::NotFound("There is no such page.") })
        .layer(middleware::from_fn_with_state(viewer.clone(), guard::guard))
        .with_state(viewer)
}
