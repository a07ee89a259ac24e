//! Finds, reads and checks the configuration.

use super::{Config, ConfigError, error};
use std::{
    collections::HashSet,
    env, fs,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// Sections whose keys the environment may set, as `EMBALM_` + section + `_` + key.
const SECTIONS: [&str; 11] =
    ["archive", "network", "capture", "recheck", "revisit", "queue", "budget", "notify", "serve", "export", "trust"];

/// Waits of a schedule; the archive counts no more looks.
const MAX_WAITS: usize = crate::store::MAX_STEPS;

/// Variables that are flags' own, not keys of a section.
const FLAGS: [&str; 5] = ["EMBALM_ARCHIVE", "EMBALM_CONFIG", "EMBALM_LOG_FORMAT", "EMBALM_PAGER", "EMBALM_COMPLETE"];

/// The configuration file to use: the one named, else `./config.toml`, else the user's own. None where there is none.
#[must_use]
pub fn find(named: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = named {
        return Some(path.to_owned());
    }
    let here = PathBuf::from("config.toml");
    if here.is_file() {
        return Some(here);
    }
    let user = base("XDG_CONFIG_HOME", ".config")?.join("embalm").join("config.toml");
    user.is_file().then_some(user)
}

/// The archive where nothing names one: `./embalm.db` if it is there, else the user's own.
#[must_use]
pub fn default_archive() -> PathBuf {
    let here = PathBuf::from("embalm.db");
    if here.is_file() {
        return here;
    }
    base("XDG_DATA_HOME", ".local/share").map_or(here, |folder| folder.join("embalm").join("embalm.db"))
}

fn base(variable: &str, under_home: &str) -> Option<PathBuf> {
    let set = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    set.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(under_home)))
}

/// Reads the file (if there is one), lays the environment over it, and makes relative paths relative to the file.
///
/// # Errors
/// The file can't be read, is not TOML, has an unknown key or a value of the wrong kind (with file and line), or a
/// variable of the environment has.
pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
    let mut merged = Table::new();
    if let Some(path) = path {
        let text =
            fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let invalid = |error: &toml::de::Error| ConfigError::Invalid {
            path: path.to_owned(),
            line: error::line_of(&text, error.span()),
            message: error::explain(error.message()),
        };
        toml::from_str::<Config>(&text).map_err(|error| invalid(&error))?;
        merged = toml::from_str(&text).map_err(|error| invalid(&error))?;
    }
    overlay(&mut merged, env::vars())?;
    // Each part was accepted alone, and parts do not depend on one another.
    let mut config: Config = Value::Table(merged).try_into().map_err(|error: toml::de::Error| {
        ConfigError::Environment { name: "EMBALM_…".to_owned(), message: error::explain(error.message()) }
    })?;
    let folder = path.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
    root(&mut config, &folder);
    check(&config, path.unwrap_or(Path::new("config.toml")))?;
    Ok(config)
}

/// Puts `EMBALM_SECTION_KEY` variables into the table, each checked by itself so that an error names the variable.
fn overlay(table: &mut Table, variables: impl Iterator<Item = (String, String)>) -> Result<(), ConfigError> {
    for (name, text) in variables {
        if FLAGS.contains(&name.as_str()) {
            continue;
        }
        let Some(rest) = name.strip_prefix("EMBALM_").map(str::to_ascii_lowercase) else { continue };
        let Some((section, key)) = SECTIONS.iter().find_map(|section| {
            let key = rest.strip_prefix(section)?.strip_prefix('_')?;
            Some((*section, key.to_owned()))
        }) else {
            continue;
        };
        // A number, a boolean or a list as TOML writes it; else a string, or words with commas where a list is due.
        let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut t| t.remove("value"));
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let as_list = Value::Array(words.map(|word| Value::String(word.to_owned())).collect());
        let candidates = parsed.into_iter().chain([Value::String(text), as_list]);
        let mut refused = None;
        let accepted = candidates.into_iter().find(|value| {
            let alone =
                Table::from_iter([(section.to_owned(), Table::from_iter([(key.clone(), value.clone())]).into())]);
            match Value::Table(alone).try_into::<Config>() {
                Ok(_) => true,
                Err(error) => {
                    refused.get_or_insert_with(|| error::explain(error.message()));
                    false
                }
            }
        });
        let Some(value) = accepted else {
            return Err(ConfigError::Environment { name, message: refused.unwrap_or_default() });
        };
        let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = section {
            section.insert(key, value);
        }
    }
    Ok(())
}

fn root(config: &mut Config, folder: &Path) {
    let absolute = |path: &mut PathBuf| *path = folder.join(&path);
    config.archive.path.iter_mut().for_each(absolute);
    config.network.ca_file.iter_mut().for_each(absolute);
    config.export.signing_key.iter_mut().for_each(absolute);
    config.trust.timestamp_ca_file.iter_mut().for_each(absolute);
    config.notify.prometheus.iter_mut().for_each(absolute);
    config.network.replay.iter_mut().for_each(absolute);
    for program in [&mut config.capture.ffmpeg, &mut config.capture.ytdlp] {
        if let super::Program::Path(path) = program {
            absolute(path);
        }
    }
    config.login.iter_mut().flat_map(super::LoginSource::paths).for_each(absolute);
    config.source.iter_mut().filter_map(|source| source.path.as_mut()).for_each(absolute);
}

fn check(config: &Config, path: &Path) -> Result<(), ConfigError> {
    let wrong = |key: String, message: String| Err(ConfigError::Value { path: path.to_owned(), key, message });
    if let Some((key, message)) = config.budget.fault() {
        return wrong(format!("[budget] {key}"), message);
    }
    if let Some((key, message)) = config.network.fault() {
        return wrong(format!("[network] {key}"), message);
    }
    if let Some(message) = config.recheck.schedule.iter().find_map(|wait| super::parse_wait(wait).err()) {
        return wrong("[recheck] schedule".to_owned(), message);
    }
    if let Err(message) = config.revisit.ages() {
        return wrong("[revisit] schedule".to_owned(), message);
    }
    if config.capture.article_pages == 0 {
        return wrong("[capture] article_pages".to_owned(), "must be at least 1, the article itself".to_owned());
    }
    if config.recheck.schedule.len() > MAX_WAITS {
        return wrong("[recheck] schedule".to_owned(), format!("at most {MAX_WAITS} waits; the last one repeats"));
    }
    if let Err(message) = config.queue.backoff() {
        return wrong("[queue]".to_owned(), message);
    }
    for (key, program) in [("ffmpeg", &config.capture.ffmpeg), ("ytdlp", &config.capture.ytdlp)] {
        if let super::Program::Path(program) = program
            && !program.is_file()
        {
            let message =
                format!("there is no program at {}; write true to look for it on the search path", program.display());
            return wrong(format!("[capture] {key}"), message);
        }
    }
    for (key, value) in [
        ("max_media_bytes", config.capture.max_media_bytes),
        ("max_post_media_bytes", config.capture.max_post_media_bytes),
        ("max_run_media_bytes", config.capture.max_run_media_bytes.unwrap_or(1)),
        ("max_video_height", config.capture.max_video_height.into()),
    ] {
        if value == 0 {
            return wrong(format!("[capture] {key}"), "must be at least 1; `media = false` keeps no files".to_owned());
        }
    }
    for name in &config.capture.platforms {
        if crate::platforms::by_id(name).is_none() {
            let known: Vec<_> = crate::platforms::ALL.iter().map(|platform| platform.id()).collect();
            return wrong(
                "[capture] platforms".to_owned(),
                format!("no platform `{name}`; known: {}", known.join(", ")),
            );
        }
    }
    match config.capture.web_archive() {
        Err(message) => return wrong("[capture] memento".to_owned(), message),
        Ok(None) if config.capture.save_now => {
            let message = "there is no web archive to ask; set `memento` to its address".to_owned();
            return wrong("[capture] save_now".to_owned(), message);
        }
        Ok(_) => {}
    }
    if let Some((key, message)) = config.notify.fault() {
        return wrong(format!("[notify] {key}"), message);
    }
    if let Err(message) = config.trust.authority() {
        return wrong("[trust] timestamp_url".to_owned(), message);
    }
    if let Err(message) = config.trust.authorities() {
        return wrong("[trust] timestamp_ca_file".to_owned(), message);
    }
    if let Some((key, message)) = config.serve.fault() {
        return wrong(format!("[serve] {key}"), message);
    }
    if let Some((login, fault)) = config.login.iter().find_map(|login| Some((login, login.fault()?))) {
        return wrong(format!("[[login]] {:?}", login.platform), fault);
    }
    for (n, own) in config.platform.iter().enumerate() {
        let twice = config.platform.iter().skip(n + 1).any(|other| other.platform == own.platform);
        let twice = twice.then(|| "is there twice; write it once, with all its keys".to_owned());
        if let Some(fault) = own.fault().or(twice) {
            return wrong(format!("[[platform]] {:?}", own.platform), fault);
        }
    }
    let mut names = HashSet::new();
    for source in &config.source {
        let key = format!("[[source]] {:?}", source.name);
        if let Err(fault) = source.build() {
            return wrong(key, fault);
        }
        if !names.insert(source.name.as_str()) {
            return wrong(key, "two sources have this name; lists and the archive tell them apart by it".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_the_defaults() {
        let mut config: Config = toml::from_str(super::super::TEMPLATE).unwrap();
        assert_eq!(config.archive.path.take(), Some(PathBuf::from("embalm.db")));
        assert_eq!(config, Config::default());
    }

    #[test]
    fn the_template_has_every_key() {
        let keys = [
            "user_agent",
            "contact",
            "ca_file",
            "proxy",
            "time",
            "bytes",
            "articles",
            "include",
            "limit",
            "max_run_media_bytes",
            "delay_ms",
            "per_run",
            "per_hour",
        ];
        for key in keys {
            assert!(super::super::TEMPLATE.contains(&format!("# {key} = ")), "{key}");
        }
    }

    #[test]
    fn the_environment_sets_keys_of_any_kind() {
        let mut table = Table::new();
        let set = [
            ("EMBALM_NETWORK_TIMEOUT_S", "5"),
            ("EMBALM_NETWORK_CONTACT", "a@b.example"),
            ("EMBALM_CAPTURE_PLATFORMS", "bluesky, twitter"),
            ("EMBALM_NETWORK_ALLOW_HOSTS", "[\"intranet.example\"]"),
            ("PATH", "x"),
        ];
        overlay(&mut table, set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))).unwrap();
        let config: Config = Value::Table(table).try_into().unwrap();
        assert_eq!((config.network.timeout_s, config.network.contact.as_deref()), (5, Some("a@b.example")));
        assert_eq!(config.capture.platforms, ["bluesky", "twitter"]);
        assert_eq!(config.network.allow_hosts, ["intranet.example"]);
    }

    #[test]
    fn an_unknown_variable_of_a_section_is_an_error() {
        let set = [("EMBALM_NETWORK_TIMEOUT".to_owned(), "5".to_owned())];
        let error = overlay(&mut Table::new(), set.into_iter()).unwrap_err().to_string();
        assert!(error.contains("did you mean `timeout_s`"), "{error}");
    }
}
