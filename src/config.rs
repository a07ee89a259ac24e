//! config.toml, environment and flags, as one set of settings.
