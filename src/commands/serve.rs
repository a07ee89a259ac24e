//! `embalm serve`: the offline viewer.

use super::{Failure, Global, reading, runtime};
use crate::{
    report::Output,
    serve::{self, ServeError},
    store::Store,
};
use std::net::{IpAddr, Ipv4Addr};

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 8020, value_name = "PORT")]
    pub port: u16,
}

/// Serves until it is asked to end.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let archive = global.archive(&global.config()?);
    drop(reading(&archive, Store::open_read_only)?);
    let failed = |error: ServeError| Failure::unexpected(error.to_string());
    runtime::start()?.block_on(async {
        let viewer = serve::listen(archive, IpAddr::V4(Ipv4Addr::LOCALHOST), args.port).await.map_err(failed)?;
        out.line(&format!("http://{}/", viewer.address))?;
        out.flush()?;
        let end = async {
            // Where the system gives no signals, the process ends without being asked.
            let _ = tokio::signal::ctrl_c().await;
        };
        viewer.run(end).await.map_err(failed)
    })?;
    Ok(0)
}
