//! A reader: one tab in a fresh context, its window, its habits, and what it met.

use crate::wire::{Browser, DEADLINE, Event};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide::keys::get_key_definition;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Instant;

/// Ends the source of every expression of ours, so that our own are told from a page's scripts.
const OURS: &str = "embalm-test.js";

/// What a reader's window is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
}

/// A phone and a desk, by day and by night.
pub(crate) const VIEWS: [View; 4] = [
    View { width: 390, height: 844, dark: false },
    View { width: 390, height: 844, dark: true },
    View { width: 1280, height: 900, dark: false },
    View { width: 1280, height: 900, dark: true },
];
pub(crate) const PHONE: View = VIEWS[0];
pub(crate) const DESK: View = VIEWS[2];

pub(crate) struct Reader<'b> {
    browser: &'b Browser,
    context: String,
    target: String,
    session: String,
}

impl<'b> Reader<'b> {
    pub(crate) async fn open(browser: &'b Browser, view: View) -> Self {
        let context = browser.call(None, "Target.createBrowserContext", json!({})).await.expect("a fresh context");
        let context = context["browserContextId"].as_str().expect("its id").to_owned();
        let target = json!({"url": "about:blank", "browserContextId": context});
        let target = browser.call(None, "Target.createTarget", target).await.expect("a tab");
        let target = target["targetId"].as_str().expect("its id").to_owned();
        let session = browser
            .until("a new tab is attached to", |heard| heard.attached_to(&target).map(|one| one.session.clone()))
            .await;
        let reader = Self { browser, context, target, session };
        reader.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await;
        reader.resize(view).await;
        reader
    }

    pub(crate) async fn resize(&self, view: View) {
        let metrics =
            json!({"width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": view.width < 600});
        self.call("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if view.dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]});
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    pub(crate) async fn call(&self, method: &'static str, params: Value) -> Value {
        self.try_call(method, params).await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn try_call(&self, method: &'static str, params: Value) -> Result<Value, String> {
        self.browser.call(Some(&self.session), method, params).await
    }

    /// Opens an address and waits until all of it is loaded.
    pub(crate) async fn goto(&self, url: &str) {
        if let Some(loader) = self.start(url).await {
            self.loaded(url, &loader).await;
        }
    }

    /// Opens an address and does not wait; the load's name, where a new page is loaded.
    pub(crate) async fn start(&self, url: &str) -> Option<String> {
        let answer = self.call("Page.navigate", json!({"url": url})).await;
        assert!(answer["errorText"].is_null(), "{url}: {}", answer["errorText"]);
        answer["loaderId"].as_str().map(str::to_owned)
    }

    async fn loaded(&self, what: &str, loader: &str) {
        self.until(what, |events| {
            let mut events = events.iter().filter(|event| event.method == "Page.lifecycleEvent");
            events.find(|event| event.params["loaderId"] == loader && event.params["name"] == "load").map(|_| ())
        })
        .await;
    }

    /// What `look` finds in the events of this reader, as soon as it is there.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl FnMut(&[Event]) -> Option<T>) -> T {
        self.browser.until(what, |heard| look(heard.events(&self.context))).await
    }

    /// How many events there are: what comes after is what comes of the next action.
    pub(crate) fn mark(&self) -> usize {
        self.browser.heard().events(&self.context).len()
    }

    /// Waits until an action since `mark` has led to another page, and that is loaded.
    pub(crate) async fn arrives(&self, what: &str, mark: usize) {
        let loader = self.until(what, |events| {
            let mut events = events.iter().skip(mark).filter(|event| event.method == "Page.frameNavigated");
            let frame = events.find(|event| event.params["frame"]["id"] == self.target.as_str())?;
            Some(frame.params["frame"]["loaderId"].as_str().unwrap_or_default().to_owned())
        });
        let loader = loader.await;
        self.loaded(what, &loader).await;
    }

    /// The value of an expression; a promise is waited for.
    pub(crate) async fn eval<T: DeserializeOwned>(&self, expression: &str) -> T {
        self.try_eval(expression).await.unwrap_or_else(|error| panic!("{error}\nin: {expression:.400}"))
    }

    async fn try_eval<T: DeserializeOwned>(&self, expression: &str) -> Result<T, String> {
        self.try_eval_in(None, expression).await
    }

    async fn try_eval_in<T: DeserializeOwned>(&self, world: Option<i64>, expression: &str) -> Result<T, String> {
        let expression = format!("{expression}\n//# sourceURL={OURS}");
        let mut params =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        if let Some(world) = world {
            params["contextId"] = world.into();
        }
        let answer = self.try_call("Runtime.evaluate", params).await?;
        if let Some(thrown) = answer["exceptionDetails"].as_object() {
            return Err(format!("{}: {}", thrown["text"], thrown["exception"]["description"]));
        }
        serde_json::from_value(answer["result"]["value"].clone())
            .map_err(|error| format!("{error}: {}", answer["result"]))
    }

    /// The value of an expression in a world of its own: it sees the page, and the page's scripts don't see it.
    pub(crate) async fn eval_apart<T: DeserializeOwned>(&self, expressions: &[&str]) -> T {
        let world = json!({"frameId": self.target, "worldName": "embalm-test"});
        let world = self.call("Page.createIsolatedWorld", world).await["executionContextId"].as_i64();
        let (last, first) = expressions.split_last().expect("something to evaluate");
        for expression in first {
            let _: Value = self
                .try_eval_in(world, &format!("{expression}\n;null"))
                .await
                .unwrap_or_else(|error| panic!("{error}"));
        }
        self.try_eval_in(world, last).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits until a condition of the page holds; a page that is just being left is asked again.
    pub(crate) async fn wait(&self, condition: &str) {
        let look = format!(
            "new Promise(done => {{ const look = () => {{ if ({condition}) done(true); else setTimeout(look, 10); }}; look(); }})"
        );
        let until = Instant::now() + DEADLINE;
        while self.try_eval::<bool>(&look).await.is_err() {
            assert!(Instant::now() < until, "never true: {condition}");
        }
    }

    /// One key as a hand presses it: `j`, `?`, `Tab`, `Enter`, `Escape`.
    pub(crate) async fn press(&self, key: &str) {
        self.press_with(key, 0).await;
    }

    /// The same with Shift (8), Ctrl (2) or Alt (1) held.
    pub(crate) async fn press_with(&self, key: &str, modifiers: u32) {
        let known = get_key_definition(key).unwrap_or_else(|| panic!("no key {key}"));
        let text = known.text.or((known.key.chars().count() == 1).then_some(known.key));
        let mut event = json!({"key": known.key, "code": known.code, "windowsVirtualKeyCode": known.key_code, "modifiers": modifiers});
        event["type"] = if text.is_some() { "keyDown" } else { "rawKeyDown" }.into();
        if let Some(text) = text {
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", event).await;
    }

    /// Text as an input method gives it.
    pub(crate) async fn write(&self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// A click in the middle of the first element that the selector finds.
    pub(crate) async fn click(&self, selector: &str) {
        let quoted = json!(selector);
        let place: [f64; 2] = self
            .eval(&format!(
                "(() => {{ const one = document.querySelector({quoted}); one.scrollIntoView({{block: 'center', behavior: 'instant'}});\
                 const box = one.getClientRects()[0]; return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
            ))
            .await;
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": if kind == "mouseMoved" { "none" } else { "left" }, "clickCount": i32::from(kind != "mouseMoved")});
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// The window as a PNG; all of the page where `whole`.
    pub(crate) async fn picture(&self, whole: bool) -> Vec<u8> {
        let answer =
            self.call("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": whole})).await;
        bytes(&answer)
    }

    /// The page as it is printed.
    pub(crate) async fn print(&self) -> Vec<u8> {
        bytes(&self.call("Page.printToPDF", json!({"preferCSSPageSize": true})).await)
    }

    /// Looks through what happened since `mark`.
    pub(crate) fn since(&self, mark: usize, look: impl FnOnce(&[Event])) {
        look(self.browser.heard().events(&self.context).get(mark..).unwrap_or_default());
    }

    /// Everything that was heard of this reader's pages.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.browser.heard().events(&self.context).to_vec()
    }

    /// What no page of ours may cause.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.events().iter().filter_map(complaint).collect()
    }

    /// Names of the scripts that ran, ours apart.
    pub(crate) fn scripts(&self) -> Vec<String> {
        self.events().iter().filter_map(script).collect()
    }

    pub(crate) async fn close(self) {
        let context = json!({"browserContextId": self.context});
        self.browser.call(None, "Target.disposeBrowserContext", context).await.expect("a context ends");
    }
}

fn bytes(answer: &Value) -> Vec<u8> {
    STANDARD.decode(answer["data"].as_str().expect("bytes in base64")).expect("base64")
}

/// What an event says that no page of ours may cause: an error, a refusal of its policy, a question to the reader.
pub(crate) fn complaint(event: &Event) -> Option<String> {
    let params = &event.params;
    match event.method.as_str() {
        "Log.entryAdded" if matches!(params["entry"]["level"].as_str(), Some("error" | "warning")) => {
            Some(format!("console: {} ({})", params["entry"]["text"], params["entry"]["url"]))
        }
        "Runtime.exceptionThrown" => Some(format!("exception: {}", params["exceptionDetails"])),
        "Runtime.consoleAPICalled" if matches!(params["type"].as_str(), Some("error" | "warning" | "assert")) => {
            Some(format!("console: {}", params["args"]))
        }
        "Page.javascriptDialogOpening" => Some(format!("dialog: {} {}", params["type"], params["message"])),
        "Page.windowOpen" => Some(format!("window: {}", params["url"])),
        "Audits.issueAdded" if params["issue"]["code"] == "ContentSecurityPolicyIssue" => {
            Some(format!("policy: {}", params["issue"]["details"]))
        }
        _ => None,
    }
}

/// The name of a script that was read and is not one of ours.
pub(crate) fn script(event: &Event) -> Option<String> {
    let url = event.params["url"].as_str().unwrap_or_default();
    (event.method == "Debugger.scriptParsed" && !url.ends_with(OURS)).then(|| {
        let place = format!("{}:{}", event.params["startLine"], event.params["startColumn"]);
        if url.is_empty() { format!("a script without a name at {place}") } else { url.to_owned() }
    })
}
