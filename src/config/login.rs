//! `[[login]]`: the user's own logins, whose secrets stand in files or in the environment, never in the configuration.

use crate::{
    fetch::login::{Login, Logins, read_cookies},
    platforms,
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Bytes of a cookies file or a token file.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// One `[[login]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSource {
    /// The platform with whose requests it goes.
    pub platform: String,
    /// A cookies.txt.
    #[serde(default)]
    pub cookies: Option<PathBuf>,
    /// A file that holds a token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// The variable of the environment that holds a token.
    #[serde(default)]
    pub token_env: Option<String>,
    /// The server that a token is for.
    #[serde(default)]
    pub host: Option<String>,
}

impl LoginSource {
    /// What is wrong with it, whatever its files hold.
    pub(super) fn fault(&self) -> Option<String> {
        let Some(platform) = platforms::by_id(&self.platform) else {
            let nearest = platforms::nearest(&self.platform);
            return Some(format!("no platform `{}`; did you mean `{nearest}`?", self.platform));
        };
        let tokens = usize::from(self.token_file.is_some()) + usize::from(self.token_env.is_some());
        if self.cookies.is_none() && tokens == 0 {
            return Some("needs `cookies`, `token_file` or `token_env`".to_owned());
        }
        if tokens > 1 {
            return Some("has two tokens; name `token_file` or `token_env`".to_owned());
        }
        if tokens == 1 && !platform.takes_token() {
            return Some(format!("no route of `{}` takes a token; name a cookies file", self.platform));
        }
        match &self.host {
            None if tokens == 1 => Some("a token is for one server: name its `host`".to_owned()),
            Some(_) if tokens == 0 => Some("`host` is for a token; cookies name their own hosts".to_owned()),
            Some(host) if url::Host::parse(host).is_err() || host.contains(['/', ':']) => {
                Some(format!("{host:?} is no host"))
            }
            _ => None,
        }
    }

    /// Relative paths are relative to the configuration.
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.cookies.iter_mut().chain(self.token_file.iter_mut())
    }

    /// Files of it that other users of this machine can read.
    pub(super) fn exposed(&self) -> Vec<String> {
        let files = self.cookies.iter().chain(&self.token_file);
        files.filter(|file| is_open_to_all(file)).map(|file| file.display().to_string()).collect()
    }

    fn load(&self) -> Result<Login, String> {
        let mut login = Login { platforms: vec![self.platform.clone()], cookies: Vec::new(), token: None };
        if let Some(path) = &self.cookies {
            let wrong =
                |why: String| format!("[[login]] {}: the cookies file {}: {why}", self.platform, path.display());
            login.cookies = read_cookies(&read(path).map_err(wrong)?).map_err(|error| wrong(error.to_string()))?;
            if !login.cookies.iter().any(|cookie| cookie.is_current(Timestamp::now())) {
                return Err(wrong("holds no cookie that has not expired; export it again".to_owned()));
            }
        }
        let token = match (&self.token_file, &self.token_env) {
            (Some(path), _) => {
                let text = read(path);
                Some(
                    text.map_err(|why| {
                        format!("[[login]] {}: the token file {}: {why}", self.platform, path.display())
                    })?,
                )
            }
            (None, Some(name)) => {
                let missing = |_| format!("[[login]] {}: the environment variable {name} is not set", self.platform);
                Some(std::env::var(name).map_err(missing)?)
            }
            (None, None) => None,
        };
        if let (Some(token), Some(host)) = (token, &self.host) {
            let token = token.trim();
            let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
            if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(format!(
                    "[[login]] {}: its token is empty, or not one word of plain characters",
                    self.platform
                ));
            }
            // Servers of one kind look like those of another until they answer.
            let kin = platforms::ALL.iter().filter(|platform| platform.takes_token());
            login.platforms = kin.map(|platform| platform.id().to_owned()).collect();
            login.token = Some((token.to_owned(), vec![host.to_ascii_lowercase()]));
        }
        Ok(login)
    }
}

/// The logins out of their files and variables.
///
/// # Errors
/// What can't be read, or is not what it should be; never with a word of what stands there.
pub(super) fn load(sources: &[LoginSource]) -> Result<Logins, String> {
    sources.iter().map(LoginSource::load).collect::<Result<_, _>>().map(Logins)
}

fn read(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(format!("it is larger than {MAX_FILE_BYTES} bytes"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not text".to_owned())
}

#[cfg(unix)]
fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_path: &Path) -> bool {
    false
}
