//! `[serve]`: how the viewer is reached.

use crate::serve::HostName;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};

/// `[serve]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// The address to listen on.
    pub bind: String,
    /// The port; 0 for a free one.
    pub port: u16,
    /// Further names by which it is asked.
    pub hosts: Vec<String>,
}

impl Default for Serve {
    fn default() -> Self {
        Self { bind: Ipv4Addr::LOCALHOST.to_string(), port: 8020, hosts: Vec::new() }
    }
}

impl Serve {
    /// The further names.
    ///
    /// # Errors
    /// A sentence about the first one that is none; a configuration that was loaded has none such.
    pub fn names(&self) -> Result<Vec<HostName>, String> {
        self.hosts.iter().map(|name| name.parse()).collect()
    }

    /// The key that makes no sense, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let bind = parse_bind(&self.bind).err().map(|why| ("bind", why));
        bind.or_else(|| self.names().err().map(|why| ("hosts", why)))
    }
}

/// An address of this machine to listen on.
///
/// # Errors
/// It is none; with what would be right.
pub fn parse_bind(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().map_err(|_| {
        format!("{text:?} is no address of a machine; write 127.0.0.1 (this machine alone), ::1, or 0.0.0.0 (everyone)")
    })
}
