//! The browser as a process, and everything that it says.
//!
//! chromiumoxide starts it and carries the messages. Its own handler is left aside: it reads events as the types of the
//! protocol's version that it was made for and drops what it does not know, and it watches pages alone. What this suite
//! proves rests on missing nothing, so every event is kept as it came, of every target, from before its first request:
//! whatever opens (a page, a frame, a worker, a window that a page opened) waits until it is watched.

use chromiumoxide::{
    BrowserConfig, Connection,
    error::CdpError,
    types::{CallId, EventMessage, Message, Method, MethodId},
};
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    collections::HashMap,
    env,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Child,
    sync::{Notify, mpsc, oneshot},
    time::timeout,
};

/// Longest wait for anything that the browser should do.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Chromium asks its maker whether somebody is signed in, and for updates, whatever page is open. It is told to ask at a
/// name that no page has, so that it can be told apart.
pub(crate) const OWN_HOST: &str = "the-browser-itself.invalid";

/// Where that name leads: to a port of this machine on which nobody listens.
pub(crate) const NOWHERE: &str = "127.0.0.1:1";

/// Quiet, alike everywhere, and without a way out: every name but loopback's leads nowhere.
const FLAGS: [&str; 29] = [
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "disable-dev-shm-usage",
    "disable-quic",
    "no-first-run",
    "no-default-browser-check",
    "no-startup-window",
    "disable-popup-blocking",
    "homepage=about:blank",
    "disable-sync",
    "disable-background-networking",
    "disable-component-update",
    "disable-default-apps",
    "disable-domain-reliability",
    "disable-client-side-phishing-detection",
    "disable-component-extensions-with-background-pages",
    "disable-search-engine-choice-screen",
    "disable-breakpad",
    "disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,HttpsUpgrades,NetworkTimeServiceQuerying",
    "disable-background-timer-throttling",
    "disable-backgrounding-occluded-windows",
    "disable-renderer-backgrounding",
    "metrics-recording-only",
    "no-service-autorun",
    "password-store=basic",
    "mute-audio",
    "force-color-profile=srgb",
    "autoplay-policy=no-user-gesture-required",
];

/// An event as it came.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) method: String,
    #[serde(rename = "sessionId", default)]
    pub(crate) session: String,
    #[serde(default)]
    pub(crate) params: Value,
}

impl Method for Event {
    fn identifier(&self) -> MethodId {
        Cow::Owned(self.method.clone())
    }
}

impl EventMessage for Event {
    fn session_id(&self) -> Option<&str> {
        Some(&self.session)
    }
}

struct Call {
    method: &'static str,
    session: Option<String>,
    params: Value,
    /// Nobody waits where there is none.
    answer: Option<oneshot::Sender<Result<Value, String>>>,
}

/// What is known of a target that is attached.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) session: String,
    pub(crate) target: String,
    pub(crate) kind: String,
}

/// Everything that was said, by the browser context in which it happened.
#[derive(Default)]
pub(crate) struct Heard {
    attached: Vec<Attached>,
    of_session: HashMap<String, String>,
    pub(crate) by_context: HashMap<String, Vec<Event>>,
}

impl Heard {
    pub(crate) fn events(&self, context: &str) -> &[Event] {
        self.by_context.get(context).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn attached_to(&self, target: &str) -> Option<&Attached> {
        self.attached.iter().find(|one| one.target == target)
    }
}

/// The one browser of the suite.
pub(crate) struct Browser {
    calls: mpsc::UnboundedSender<Call>,
    heard: Arc<Mutex<Heard>>,
    news: Arc<Notify>,
    process: Mutex<Option<Child>>,
    folder: TempDir,
}

/// The browser's program: `CHROMIUM` names it, else the usual names are looked for on the path.
pub(crate) fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let places: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| places.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

impl Browser {
    /// Starts it with a profile of its own, and a log of its network stack from its first moment on.
    pub(crate) async fn launch(program: &Path) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut config = BrowserConfig::builder()
            .chrome_executable(program)
            .disable_default_args()
            .with_head()
            .user_data_dir(folder.path().join("profile"));
        let log = format!("log-net-log={}", folder.path().join("netlog.json").display());
        let own =
            ["gaia-url", "google-url", "google-apis-url", "lso-url"].map(|name| format!("{name}=https://{OWN_HOST}"));
        let update = format!("component-updater=url-source=https://{OWN_HOST}/update");
        let names = format!("host-resolver-rules=MAP {OWN_HOST} {NOWHERE}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
        for flag in FLAGS.iter().map(|flag| (*flag).to_owned()).chain([log, update, names]).chain(own) {
            config = config.arg(flag);
        }
        let mut process = config.build().expect("a configuration").launch().expect("the browser starts").into_inner();
        let address = timeout(DEADLINE, address(&mut process)).await.expect("the browser says where it listens");
        let connection = Connection::<Event>::connect(&address).await.expect("the browser's own socket");
        let (calls, waiting) = mpsc::unbounded_channel();
        let (heard, news) = (Arc::new(Mutex::new(Heard::default())), Arc::new(Notify::new()));
        tokio::spawn(listen(connection, waiting, calls.clone(), Arc::clone(&heard), Arc::clone(&news)));
        let browser = Self { calls, heard, news, process: Mutex::new(Some(process)), folder };
        browser.call(None, "Target.setAutoAttach", auto_attach()).await.expect("everything that opens is attached to");
        browser
    }

    /// One command and its answer.
    pub(crate) async fn call(
        &self,
        session: Option<&str>,
        method: &'static str,
        params: Value,
    ) -> Result<Value, String> {
        let (answer, answered) = oneshot::channel();
        let call = Call { method, session: session.map(str::to_owned), params, answer: Some(answer) };
        self.calls.send(call).map_err(|_| "the browser is gone".to_owned())?;
        match timeout(DEADLINE, answered).await {
            Ok(Ok(answer)) => answer.map_err(|error| format!("{method}: {error}")),
            Ok(Err(_)) => Err(format!("{method}: the browser went away")),
            Err(_) => Err(format!("{method}: no answer within {DEADLINE:?}")),
        }
    }

    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What `look` finds in all that was heard, as soon as it is there.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl FnMut(&Heard) -> Option<T>) -> T {
        let found = timeout(DEADLINE, async {
            loop {
                let news = self.news.notified();
                tokio::pin!(news);
                news.as_mut().enable();
                if let Some(found) = look(&self.heard()) {
                    return found;
                }
                news.await;
            }
        });
        match found.await {
            Ok(found) => found,
            Err(_) => panic!("{what}: not within {DEADLINE:?}"),
        }
    }

    /// A folder that goes with the browser.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it in good order, and gives the log of its network stack.
    pub(crate) async fn close(&self) -> String {
        let asked = self.call(None, "Browser.close", json!({})).await;
        let process = self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let mut process = process.expect("it is closed once");
        let ended = timeout(DEADLINE, process.wait()).await;
        assert!(ended.is_ok(), "the browser does not end: {asked:?}");
        std::fs::read_to_string(self.folder.path().join("netlog.json")).expect("the log of the network stack")
    }
}

fn auto_attach() -> Value {
    json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true})
}

/// Where it listens, as it says on its standard error; what it says later is read and dropped.
async fn address(process: &mut Child) -> String {
    let stderr = process.stderr.take().expect("the standard error is a pipe");
    let mut lines = BufReader::new(stderr).lines();
    let mut said = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((_, address)) = line.split_once("DevTools listening on ") {
            let address = address.trim().to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return address;
        }
        said.push_str(&line);
        said.push('\n');
    }
    panic!("the browser ended before it listened:\n{said}");
}

/// Carries calls to the browser and answers and events back, until either end is gone.
async fn listen(
    mut connection: Connection<Event>,
    mut waiting: mpsc::UnboundedReceiver<Call>,
    calls: mpsc::UnboundedSender<Call>,
    heard: Arc<Mutex<Heard>>,
    news: Arc<Notify>,
) {
    let mut open: HashMap<CallId, oneshot::Sender<Result<Value, String>>> = HashMap::new();
    loop {
        tokio::select! {
            call = waiting.recv() => {
                let Some(call) = call else { return };
                let session = call.session.map(Into::into);
                let Ok(id) = connection.submit_command(Cow::Borrowed(call.method), session, call.params) else { return };
                call.answer.map(|answer| open.insert(id, answer));
            }
            message = connection.next() => match message {
                Some(Ok(Message::Response(answer))) => {
                    if let Some(waits) = open.remove(&answer.id) {
                        let result = answer.error.map_or(Ok(answer.result.unwrap_or_default()), |error| Err(error.to_string()));
                        // Whoever asked may have given up.
                        let _ = waits.send(result);
                    }
                }
                Some(Ok(Message::Event(event))) => {
                    hear(event, &heard, &calls);
                    news.notify_waiters();
                }
                Some(Err(error @ CdpError::InvalidMessage(..))) => panic!("a message of the browser was not understood: {error}"),
                // It is gone: whoever waits is told.
                Some(Err(_)) | None => return,
            },
        }
    }
}

/// Notes an event; what is new is watched before it goes on.
fn hear(event: Event, heard: &Mutex<Heard>, calls: &mpsc::UnboundedSender<Call>) {
    let mut heard = heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if event.method == "Target.attachedToTarget" {
        let info = &event.params["targetInfo"];
        let session = text(&event.params["sessionId"]);
        // Parts of the browser's own window are pages, too; they are nobody's.
        let its_own = info["url"].as_str().is_some_and(|url| url.starts_with("chrome"));
        let context = if its_own { String::new() } else { text(&info["browserContextId"]) };
        let attached =
            Attached { session: session.clone(), target: text(&info["targetId"]), kind: text(&info["type"]) };
        for (method, params) in watch(&attached.kind) {
            // The browser may be closing.
            let _ = calls.send(Call { method, session: Some(session.clone()), params, answer: None });
        }
        heard.of_session.insert(session, context.clone());
        heard.attached.push(attached);
        heard.by_context.entry(context).or_default().push(event);
        return;
    }
    if event.method == "Page.javascriptDialogOpening" {
        // It is on record; answered, it holds nothing up.
        let session = Some(event.session.clone());
        let _ = calls.send(Call {
            method: "Page.handleJavaScriptDialog",
            session,
            params: json!({"accept": false}),
            answer: None,
        });
    }
    let context = heard.of_session.get(&event.session).cloned().unwrap_or_default();
    heard.by_context.entry(context).or_default().push(event);
}

/// What makes a target say everything, in the order in which it is sent; the last lets it go on.
fn watch(kind: &str) -> Vec<(&'static str, Value)> {
    let mut commands = vec![
        ("Network.enable", json!({})),
        ("Log.enable", json!({})),
        ("Runtime.enable", json!({})),
        ("Debugger.enable", json!({})),
        ("Debugger.setSkipAllPauses", json!({"skip": true})),
        ("Target.setAutoAttach", auto_attach()),
    ];
    if matches!(kind, "page" | "iframe" | "prerender") {
        commands.extend([
            ("Page.enable", json!({})),
            ("Page.setLifecycleEventsEnabled", json!({"enabled": true})),
            ("Audits.enable", json!({})),
        ]);
    }
    commands.push(("Runtime.runIfWaitingForDebugger", json!({})));
    commands
}
