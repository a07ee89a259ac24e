//! `[notify]`: who hears of a run.

use serde::Deserialize;
use std::path::PathBuf;

/// `[notify]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// A file of metrics for the textfile collector of Prometheus' node exporter.
    pub prometheus: Option<PathBuf>,
    /// The address of a check, as healthchecks.io has them.
    pub healthcheck: Option<String>,
}

impl Notify {
    /// The key that makes no sense, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        if let Some(path) = &self.prometheus {
            if path.extension().is_none_or(|end| end != "prom") {
                let why = format!("{} must end in .prom, or the collector does not read it", path.display());
                return Some(("prometheus", why));
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                return Some(("prometheus", format!("there is no folder {}", folder.display())));
            }
        }
        let address = self.healthcheck.as_ref()?;
        let is_web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_right = url::Url::parse(address).is_ok_and(|url| is_web(&url));
        (!is_right).then(|| ("healthcheck", format!("{address:?} is no address such as \"https://hc-ping.com/UUID\"")))
    }
}
