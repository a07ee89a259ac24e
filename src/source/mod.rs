//! Sources: what names articles. Pure readers of feeds, lists and folders' names.
