//! The one socket of the viewer, which only listens.

use super::{Viewer, archive::Archive, routes};
use crate::store::StoreError;
use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};
use tokio::net::TcpListener;

/// Why the viewer can't start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The archive can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address can't be had.
    #[error("listening on {address} failed: {source}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The server ended by itself.
    #[error("serving failed: {0}")]
    Serve(io::Error),
}

/// A viewer that has its socket, and answers once it is run.
pub struct Listening {
    listener: TcpListener,
    viewer: Viewer,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Opens the archive for reading, and the socket.
///
/// # Errors
/// [`ServeError`].
pub async fn listen(archive: PathBuf, bind: IpAddr, port: u16) -> Result<Listening, ServeError> {
    let viewer = Viewer { archive: Archive::open(archive)? };
    let address = SocketAddr::new(bind, port);
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Listening { listener, viewer, address })
}

impl Listening {
    /// Answers until `end`.
    ///
    /// # Errors
    /// [`ServeError::Serve`].
    pub async fn run(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        let served = axum::serve(self.listener, routes::routes(self.viewer)).with_graceful_shutdown(end);
        served.await.map_err(ServeError::Serve)
    }
}
