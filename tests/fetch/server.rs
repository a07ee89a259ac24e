//! A server on loopback that says exactly what a test tells it to, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Between two bytes of an answer that drips.
const DRIP: std::time::Duration = std::time::Duration::from_millis(40);

/// What a client asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `http://` with the Host header and the path, or the absolute form as it came.
    pub(crate) url: String,
    pub(crate) method: String,
    pub(crate) head: String,
}

/// What it is told.
pub(crate) enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, then silence until the client goes away.
    ThenSilence(Vec<u8>),
    /// These bytes one by one, so slowly that nobody waits for the last.
    #[allow(dead_code, reason = "the test of the crawl needs it")]
    Drip(Vec<u8>),
    /// These bytes once, then these again and again until the client goes away.
    Endless(Vec<u8>, Vec<u8>),
}

impl Reply {
    /// A whole answer; `head` without its last line.
    pub(crate) fn new(head: &str, body: &[u8]) -> Self {
        let mut bytes = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        if head.contains("content-length") {
            bytes = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
        }
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::new(&format!("{status} Moved\r\nlocation: {location}"), b"")
    }
}

type Answerer = dyn Fn(&Asked) -> Reply + Send + Sync;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(answer))
    }

    pub(crate) fn with_tls(
        tls: rustls::ServerConfig,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(Arc::new(tls)), Arc::new(answer))
    }

    fn start(tls: Option<Arc<rustls::ServerConfig>>, answer: Arc<Answerer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, answer, log) = (tls.clone(), Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || match tls {
                    None => serve(stream, &*answer, &log),
                    Some(tls) => {
                        let session = rustls::ServerConnection::new(tls).expect("a TLS session");
                        serve(rustls::StreamOwned::new(session, stream), &*answer, &log);
                    }
                });
            }
        });
        Self { address, asked }
    }

    /// The URL of a path on this server, by its address.
    pub(crate) fn url(&self, path: &str) -> url::Url {
        url::Url::parse(&format!("http://{}{path}", self.address)).expect("a URL")
    }

    /// A rule that leads a name to this server.
    pub(crate) fn standing_for(&self, host: &str, port: &str) -> embalm::fetch::connect_to::ConnectTo {
        format!("{host}:{port}:{}", self.address).parse().expect("a rule")
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }
}

fn serve(stream: impl Read + Write, answer: &Answerer, log: &Mutex<Vec<Asked>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line == "\r\n" => break,
            Ok(_) => head.push_str(&line),
        }
    }
    let mut words = head.split_ascii_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let url = if path.starts_with('/') { format!("http://{host}{path}") } else { path.to_owned() };
    let asked = Asked { url, method: method.to_owned(), head: head.clone() };
    log.lock().expect("the log").push(asked.clone());
    let stream = stream.get_mut();
    // A client that has gone away is none of the server's business.
    match answer(&asked) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
        }
        Reply::ThenSilence(bytes) => {
            let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
            let _ = stream.read(&mut [0]);
        }
        Reply::Drip(bytes) => {
            let mut bytes = bytes.iter();
            while let Some(byte) = bytes.next()
                && stream.write_all(&[*byte]).and_then(|()| stream.flush()).is_ok()
            {
                std::thread::sleep(DRIP);
            }
        }
        Reply::Endless(first, again) => {
            let mut alive = stream.write_all(&first);
            while alive.is_ok() {
                alive = stream.write_all(&again);
            }
        }
    }
}

/// A listener that counts connections and never answers: what must not be reached.
pub(crate) fn tripwire() -> (SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = listener.local_addr().expect("its address");
    let count = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for _stream in listener.incoming().flatten() {
            let _stream: TcpStream = _stream;
            *counted.lock().expect("the count") += 1;
        }
    });
    (address, count)
}

/// A server's certificate for these names and the authority that signed it, in PEM.
#[allow(clippy::unwrap_used, reason = "functions that tests share are tests too")]
pub(crate) fn certificates<S: Into<String>>(names: impl IntoIterator<Item = S>) -> (rustls::ServerConfig, String) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::CertifiedIssuer::self_signed(authority, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    let leaf = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
    (config, authority.pem())
}
