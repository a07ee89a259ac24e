//! oEmbed answers, which many platforms give: author, title, thumbnail and an HTML snippet.
