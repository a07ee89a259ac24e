//! Draws articles and posts as HTML that opens offline and loads nothing.
