//! The driver: the only place that knows both fetch and store.
