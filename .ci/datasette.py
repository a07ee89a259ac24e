"""Asks an archive what a person with sqlite3 or Datasette would ask, and ends with an error where an answer is missing."""

import json
import pathlib
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

embalm, archive = sys.argv[1], pathlib.Path(sys.argv[2])
# The demonstration's source has no labels.
EMPTY = {"article_labels"}
START_S = 60

page = pathlib.Path("docs/queries.md").read_text()
sections = [section for section in page.split("\n### ")[1:] if "```sql\n" in section]
queries = [(section.splitlines()[0], section.split("```sql\n")[1].split("```")[0]) for section in sections]
with sqlite3.connect(f"file:{archive}?mode=ro", uri=True) as db:
    views = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")]
assert len(queries) >= 25 and len(views) > 20, (len(queries), len(views))


def shell():
    """Every query and every view by the real sqlite3."""
    asked = [(f"the view {view}", f"SELECT * FROM {view} LIMIT 5") for view in views] + queries
    for title, sql in asked:
        done = subprocess.run(["sqlite3", "-readonly", "-json", str(archive), sql], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, f"sqlite3, {title}: {done.stderr}"
        assert done.stdout.strip() or title.removeprefix("the view ") in EMPTY, f"sqlite3, {title}: no rows"
    version = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True).stdout.split()[0]
    print(f"sqlite3 {version}: {len(views)} views and {len(queries)} queries answer")


class Server:
    """Datasette on loopback."""

    def __init__(self, *arguments):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        datasette = pathlib.Path(sys.executable).parent / "datasette"
        command = [str(datasette), "serve", *arguments, "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                sys.exit(f"datasette ended: {self.process.stderr.read()}")
            try:
                self.text("/-/versions.json")
                return self
            except urllib.error.URLError:
                time.sleep(0.1)
        sys.exit("datasette does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def text(self, path, **parameters):
        address = f"http://127.0.0.1:{self.port}{path}"
        if parameters:
            address += "?" + urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            sys.exit(f"{path} {parameters}: {error.code} {error.read().decode()[:500]}")

    def json(self, path, **parameters):
        return json.loads(self.text(path + ".json", _shape="objects", **parameters))


def browse(mode, *arguments, described):
    """Every view and every query by Datasette's API; facets, full text and pages."""
    with Server(*arguments) as server:
        for view in views:
            answer = server.json(f"/archive/{view}", _size=5)
            assert answer["rows"] or view in EMPTY, f"{mode}, {view}: no rows"
            server.text(f"/archive/{view}")
        for title, sql in queries:
            answer = server.json("/archive", sql=sql.strip().rstrip(";"))
            assert answer["ok"] and answer["rows"], f"{mode}, {title}: {answer}"
        facets = server.json("/archive/latest_posts", _facet="platform")["facet_results"]["platform"]["results"]
        assert {"twitter", "mastodon"} <= {facet["value"] for facet in facets}, facets
        found = server.json("/archive/posts_fts", _search="lantern*", _searchmode="raw")["rows"]
        assert found and all("lantern" in row["text"].lower() for row in found), found
        assert "lanterns" in server.text("/archive/posts_fts", _search="lanterns")
        assert server.json("/archive/articles_fts", _search="tramline")["rows"]
        if described:
            found = server.json("/archive/latest_posts", _search="lanterns")["rows"]
            assert found and all("lanterns" in (row["text"] or "").lower() for row in found), found
            named = server.json("/archive/how-much-of-each-site-is-gone")
            assert named["rows"], named
            shown = server.text("/archive/embedded_posts")
            assert "what a reader of the article finds there today" in shown, "the description is shown"
            for name in json.loads(metadata.read_text())["databases"]["archive"]["queries"]:
                assert server.json(f"/archive/{name}")["rows"], name
        version = json.loads(server.text("/-/versions.json"))["datasette"]["version"]
        print(f"datasette {version}, {mode}: {len(views)} views and {len(queries)} queries answer")


shell()
metadata = archive.parent / "metadata.json"
subprocess.run([embalm, "--archive", archive, "export", "datasette", "--quiet", "--out", metadata], check=True, stdout=subprocess.DEVNULL)
# A writer beside it, as a run is: what it has written stands in the WAL.
writer = sqlite3.connect(archive)
assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
writer.execute("UPDATE runs SET host = 'elsewhere'")
writer.commit()
assert archive.with_name(archive.name + "-wal").stat().st_size > 0, "there is something in the WAL"
browse("in its WAL", str(archive), described=False)
browse("with the metadata", str(archive), "-m", str(metadata), described=True)
writer.close()
browse("immutable", "-i", str(archive), "-m", str(metadata), described=True)
