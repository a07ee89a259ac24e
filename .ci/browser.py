"""Opens pages in headless Chromium, as `.ci/browser` describes. Nothing but Python's own library.

The browser is driven through `--remote-debugging-pipe`. Its every connection goes to a proxy of our own on loopback,
which answers nothing and notes what was asked; the browser's own view of requests is read too, so that one which a
policy stopped is seen as well. A control page that does load a picture must be caught first, or the run is void.
"""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-extensions",
    "--disable-domain-reliability", "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--metrics-recording-only", "--no-pings", "--allow-browser-signin=false", "--password-store=basic",
    "--disable-client-side-phishing-detection", "--disable-component-extensions-with-background-pages",
    "--no-service-autorun", "--disable-search-engine-choice-screen", "--disable-breakpad", "--mute-audio", "--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe",
]
# Chromium asks its maker whether somebody is signed in, and after a minute for updates, whatever page is open. It is
# told to ask here instead, at a name that no page has, so that it can be told apart.
OWN_HOST = "the-browser-itself.invalid"
FLAGS += [f"--{name}=https://{OWN_HOST}" for name in ("gaia-url", "google-url", "google-apis-url", "lso-url")]
FLAGS.append(f"--component-updater=url-source=https://{OWN_HOST}/update")
PAGE_TIMEOUT_S = 60

# Waits until every picture has rendered and every film has begun to play, or failed, and counts. A film plays where its
# time goes on, and says how long it is.
COUNT = """(async () => {
  const until = Date.now() + 15000;
  const pictures = [...document.images], films = [...document.querySelectorAll('video, audio')];
  const settled = () => pictures.every(one => one.complete) && films.every(one => one.readyState > 0 || one.error);
  const moment = () => new Promise(done => setTimeout(done, 50));
  while (!settled() && Date.now() < until) await moment();
  const lasts = one => one.readyState > 0 && Number.isFinite(one.duration) && one.duration > 0;
  const plays = async one => {
    if (!lasts(one)) return false;
    const end = Math.min(0.3, one.duration / 2);
    one.muted = true;
    try { await one.play(); } catch { return false; }
    while (one.currentTime < end && !one.error && Date.now() < until) await moment();
    one.pause();
    // Its end can be reached, too.
    one.currentTime = one.duration - 0.05;
    while ((one.seeking || one.readyState < 2) && !one.error && Date.now() < until) await moment();
    return one.currentTime >= end && one.readyState >= 2 && !one.error;
  };
  const played = await Promise.all(films.map(plays));
  return {
    films_played: played.filter(Boolean).length,
    films_last: films.map(one => Number.isFinite(one.duration) ? one.duration.toFixed(1) : '?'),
    posters: films.filter(one => one.poster).length,
    pictures: pictures.length, pictures_shown: pictures.filter(one => one.naturalWidth > 0).length,
    films: films.length,
    posts: document.querySelectorAll('article.post').length,
    scripts: document.scripts.length,
    wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
  };
})()"""


class Proxy:
    """Takes every connection of the browser and notes its first line."""

    def __init__(self):
        self.asked = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                connection.settimeout(2)
                try:
                    line = connection.recv(4096).split(b"\r\n")[0].decode("latin-1")
                except OSError:
                    line = "(nothing)"
                if OWN_HOST not in line:
                    self.asked.append(line)


class Browser:
    def __init__(self, binary, profile, proxy):
        to_read, self.out = os.pipe()
        self.inn, to_write = os.pipe()

        def pipes():
            # First out of the way: either end may sit on the number that the other needs.
            read, write = os.dup(to_read), os.dup(to_write)
            high = max(read, write, 10) + 1
            os.dup2(read, high)
            os.dup2(write, high + 1)
            os.dup2(high, 3)
            os.dup2(high + 1, 4)

        arguments = [binary, *FLAGS, f"--user-data-dir={profile}", f"--proxy-server=127.0.0.1:{proxy.port}",
                     "--proxy-bypass-list=<-loopback>", "about:blank"]
        self.process = subprocess.Popen(arguments, preexec_fn=pipes, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.events = []
        self.last = 0

    def message(self, timeout_s):
        until = time.monotonic() + timeout_s
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.inn], [], [], left)[0]:
                return None
            part = os.read(self.inn, 1 << 20)
            if not part:
                raise SystemExit("the browser went away")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.last += 1
        wanted = self.last
        command = {"id": wanted, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        os.write(self.out, json.dumps(command).encode() + b"\0")
        while True:
            answer = self.message(PAGE_TIMEOUT_S)
            if answer is None:
                raise SystemExit(f"no answer to {method} within {PAGE_TIMEOUT_S} s")
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        until = time.monotonic() + PAGE_TIMEOUT_S
        while not any(event.get("method") == method for event in self.events):
            answer = self.message(until - time.monotonic())
            if answer is None:
                raise SystemExit(f"no {method} within {PAGE_TIMEOUT_S} s")
            self.events.append(answer)

    def close(self):
        self.process.terminate()
        self.process.wait(10)


def visit(browser, proxy, page):
    """What the page asked for, and what it shows."""
    browser.events.clear()
    del proxy.asked[:]
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Network", "Log"):
        browser.call(f"{domain}.enable", session)
    browser.call("Emulation.setDeviceMetricsOverride", session, width=390, height=844, deviceScaleFactor=1, mobile=False)
    url = page.resolve().as_uri()
    browser.call("Page.navigate", session, url=url)
    browser.wait_for("Page.loadEventFired")
    counted = browser.call("Runtime.evaluate", session, expression=COUNT, awaitPromise=True, returnByValue=True)
    time.sleep(0.5)
    browser.call("Page.getLayoutMetrics", session)
    browser.call("Target.closeTarget", targetId=target)
    sent = [event["params"]["request"]["url"] for event in browser.events
            if event.get("method") == "Network.requestWillBeSent"]
    asked = [one for one in sent if one != url and not one.startswith("data:")]
    blocked = [event["params"]["entry"]["text"] for event in browser.events
               if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error"]
    return asked + proxy.asked + blocked, counted["result"]["value"]


def main():
    binary, pages = sys.argv[1], [Path(name) for name in sys.argv[2:]]
    failed = False
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        proxy = Proxy()
        browser = Browser(binary, f"{folder}/profile", proxy)
        try:
            control = Path(folder) / "control.html"
            control.write_text("<!doctype html><title>control</title><img src='http://control.example/a.png'>")
            asked, _ = visit(browser, proxy, control)
            if not any("control.example" in one for one in asked):
                raise SystemExit("the control page's request was not noticed: this check proves nothing here")
            for page in pages:
                asked, seen = visit(browser, proxy, page)
                print(f"{page.name}: {seen['posts']} posts, {seen['pictures_shown']} of {seen['pictures']} pictures, "
                      f"{seen['films_played']} of {seen['films']} films ({' '.join(seen['films_last'])} s), {len(asked)} requests")
                wrong = [f"asked for {one:.200}" for one in asked]
                if seen["scripts"]:
                    wrong.append(f"{seen['scripts']} scripts")
                if seen["pictures_shown"] < seen["pictures"] or seen["films_played"] < seen["films"]:
                    wrong.append("something was not shown or does not play")
                if seen["wide"]:
                    wrong.append(f"{seen['wide']} px wider than a phone")
                for line in wrong:
                    failed = True
                    print(f"  {line}")
        finally:
            browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
