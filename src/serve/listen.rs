//! The one socket of the viewer, which only listens, and the limits of those who connect.

use super::{About, HostName, Viewer, archive::Archive, names::Names, routes};
use crate::store::StoreError;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;

/// Connections at the same time; further ones wait in the system's own short queue.
pub const MAX_CONNECTIONS: usize = 256;

/// How long a connection may take to send the head of a request, and how long it may be idle between two.
pub const HEAD_TIME_LIMIT: Duration = Duration::from_secs(15);

/// How long a reader may take nothing of an answer.
pub const STALL_TIME_LIMIT: Duration = Duration::from_secs(30);

/// The largest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 65_536;

/// Fields of the head of a request.
pub const MAX_HEAD_FIELDS: usize = 100;

/// How long what is under way may take when the viewer is asked to end.
pub const END_TIME_LIMIT: Duration = Duration::from_secs(3);

/// The rest after the system refused a connection, such as for want of files.
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// Why the viewer can't start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The archive can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address can't be had.
    #[error("can't listen on {address}: {}", refusal(.source))]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
}

/// What helps where the system refuses an address.
fn refusal(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::AddrInUse => "another program listens there, perhaps another viewer; \
            `--port 0` takes a free port, `--port PORT` another one"
            .to_owned(),
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; `--bind 127.0.0.1` is this machine alone".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            format!("{source}; ports below 1024 are the system's own, so name another one with --port")
        }
        _ => source.to_string(),
    }
}

/// What a viewer is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The archive.
    pub archive: PathBuf,
    /// What the archive alone does not know.
    pub about: Arc<dyn About>,
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port; 0 for a free one.
    pub port: u16,
    /// Names by which it may be asked, beside those of the loopback and of the address.
    pub hosts: Vec<HostName>,
}

/// A viewer that has its socket, and answers once it is run.
#[derive(Debug)]
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
pub async fn listen(settings: Settings) -> Result<Listening, ServeError> {
    let archive = Archive::open(settings.archive)?;
    let address = SocketAddr::new(settings.bind, settings.port);
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let names = Arc::new(Names::new(address, &settings.hosts));
    Ok(Listening { listener, viewer: Viewer { archive, about: settings.about, names }, address })
}

impl Listening {
    /// Answers until `end`; what is under way then may end within [`END_TIME_LIMIT`].
    pub async fn run(self, end: impl Future<Output = ()>) {
        let Self { listener, viewer, .. } = self;
        let app = routes::routes(viewer);
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let (ending, ended) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut end = pin!(end);
        loop {
            while connections.try_join_next().is_some() {}
            let accept = async {
                let place = Arc::clone(&room).acquire_owned().await;
                (listener.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                biased;
                () = &mut end => break,
                accepted = accept => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    // Small answers leave at once; where the system can't do that, they leave a little later.
                    let _ = stream.set_nodelay(true);
                    let mut stream = TimeoutStream::new(stream);
                    stream.set_write_timeout(Some(STALL_TIME_LIMIT));
                    let (app, ended) = (app.clone(), ended.clone());
                    connections.spawn(async move {
                        converse(stream, app, ended).await;
                        drop(place);
                    });
                }
                // The one who asked is gone already.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!("a connection could not be taken: {error}");
                    sleep(ACCEPT_REST).await;
                }
            }
        }
        drop(listener);
        let _ = ending.send(true);
        let _ = timeout(END_TIME_LIMIT, async { while connections.join_next().await.is_some() {} }).await;
    }
}

/// One connection, request by request, until it closes, stalls, or the viewer ends.
async fn converse<S>(stream: TimeoutStream<S>, app: Router, mut ended: watch::Receiver<bool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_LIMIT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_header_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEAD_FIELDS);
    let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(app));
    let mut connection = pin!(connection);
    let ended = async move { drop(ended.wait_for(|ended| *ended).await) };
    let closed = tokio::select! {
        closed = connection.as_mut() => closed,
        () = ended => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = closed {
        tracing::debug!("a connection ended: {error}");
    }
}
