"""Compares what `embalm export warc|wacz` writes with what the tools of the field make of it."""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ROOT = pathlib.Path(__file__).resolve().parent.parent
EMBALM = str(pathlib.Path(sys.argv[1]).resolve())
WORK = pathlib.Path(sys.argv[2])
ARTICLE = "https://riverside-courier.example/2024/06/harbour-festival/"
# An article that was fetched, with redirects and a repeated payload, beside those that are read from files.
FETCHED = "https://courier.example/2024/lanterns"


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def embalm(*arguments):
    return run(EMBALM, "--archive", WORK / "archive.db", *arguments)


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"{what} differs:\n  ours:   {ours}\n  theirs: {theirs}")


def recording(path):
    """Pages that redirect to an article, and two addresses of the same bytes."""
    page = (ROOT / "fixtures/articles/council-vote.html").read_bytes()
    answers = [
        (FETCHED, 301, [("location", FETCHED + "/")], b""),
        (FETCHED + "/", 200, [("content-type", "text/html; charset=utf-8")], page),
        (FETCHED + "-again", 200, [("content-type", "text/html; charset=utf-8")], page),
    ]
    write(path, answers, "2026-11-20T08:30:00Z")


def write(path, answers, at):
    """A recording of these answers, all of one moment."""
    with open(path, "wb") as out:
        writer = WARCWriter(out, gzip=path.suffix == ".gz")
        for url, status, headers, body in answers:
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            head = StatusAndHeaders(f"{status} Recorded", headers + [("content-length", str(len(body)))], protocol="HTTP/1.1")
            dated = {"WARC-Date": at}
            writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=head, warc_headers_dict=dated))


def over_time():
    """A post that is edited, goes away, and comes back, as its platform's interface told it on six days."""
    post = "https://harbour.example/@mole/116300000012345678"
    alive = json.loads((ROOT / "fixtures/platforms/mastodon/words_links_and_counts.json").read_text())["exchanges"]
    gone = json.loads((ROOT / "fixtures/platforms/mastodon/a_tombstone.json").read_text())["exchanges"]
    days = ["Low water.", "Low water.", "High water.", None, None, "High water."]
    for nth, words in enumerate(days):
        exchanges = json.loads(json.dumps(alive if words else gone))
        if words:
            exchanges[0]["body"]["content"] = f"<p>{words}</p>"
        path = WORK / f"day{nth}.warc"
        answers = []
        for exchange in exchanges:
            body = exchange["body"]
            body = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
            answers.append((exchange["url"], exchange["status"], list(exchange["headers"].items()), body))
        write(path, answers, f"2026-11-2{nth + 1}T08:30:00Z")
        embalm("recheck" if nth else "add", "-q", post, "--replay", path)


def make():
    WORK.mkdir(parents=True)
    recording(WORK / "fetched.warc.gz")
    replay = ["--replay", ROOT / "fixtures/demo.warc.gz", "--replay", WORK / "fetched.warc.gz"]
    embalm("add", *replay, ROOT / "fixtures/articles", FETCHED, FETCHED + "-again")
    over_time()
    for name in ["x", "mastodon", "gallery-dl", "auto-archiver"]:
        # A record in each is broken on purpose.
        subprocess.run([EMBALM, "--archive", WORK / "archive.db", "import", "-q", ROOT / "fixtures/imports" / name], check=False)
    embalm("export", "warc", "--out", WORK / "all.warc.gz")
    embalm("export", "wacz", "--signing-key", WORK / "key.pem", "--out", WORK / "all.wacz")
    embalm("export", "warc", "--split-size", "20000", "--out", WORK / "split.warc.gz")


def check_warcs():
    files = [WORK / "all.warc.gz", *sorted(WORK.glob("split*.warc.gz"))]
    if len(files) < 4:
        sys.exit(f"the export was not split: {files}")
    for file in files:
        told = run("warcio", "check", "-v", file)
        if "fail" in told.lower() or "no digest" in told.lower():
            sys.exit(f"warcio check {file}:\n{told}")
    kinds = {}
    with open(files[0], "rb") as stream:
        for record in ArchiveIterator(stream):
            kinds[record.rec_type] = kinds.get(record.rec_type, 0) + 1
    for kind in ["warcinfo", "response", "request", "revisit", "resource", "metadata"]:
        if not kinds.get(kind):
            sys.exit(f"no {kind} record: {kinds}")
    print("warcio:", kinds)


def lines(text):
    """An index as comparable rows; the order of fields and the way of escaping say nothing."""
    rows = []
    for line in text.splitlines():
        key, moment, fields = line.split(" ", 2)
        rows.append((key, moment, sorted(json.loads(fields).items())))
    return rows


def check_wacz():
    told = run("wacz", "validate", "-f", WORK / "all.wacz")
    if "is valid" not in told:
        sys.exit(told)
    with zipfile.ZipFile(WORK / "all.wacz") as wacz:
        wacz.extractall(WORK / "wacz")
        for entry in wacz.infolist():
            if entry.filename.endswith(".gz") and entry.compress_type != zipfile.ZIP_STORED:
                sys.exit(f"{entry.filename} is compressed twice")
    ours = gzip.decompress((WORK / "wacz/indexes/index.cdx.gz").read_bytes()).decode()
    same("the order of the index", ours.splitlines(), sorted(ours.splitlines()))
    theirs = run("cdxj-indexer", "--sort", "--post-append", "--digest-records", WORK / "wacz/archive/data.warc.gz")
    # What stands under a urn is told by no page.
    theirs = [row for row in lines(theirs) if not row[0].startswith("urn:embalm") or row[0].startswith("urn:embalm:file")]
    same("the index", sorted(lines(ours)), sorted(theirs))
    block, place = (WORK / "wacz/indexes/index.idx").read_text().splitlines()[1].rsplit(" {", 1)
    place = json.loads("{" + place)
    member = (WORK / "wacz/indexes/index.cdx.gz").read_bytes()[place["offset"] : place["offset"] + place["length"]]
    same("a block's digest", place["digest"], "sha256:" + hashlib.sha256(member).hexdigest())
    print("wacz: valid, its index as cdxj-indexer makes it,", len(ours.splitlines()), "lines from", block.split(" ")[0])


class Verifier(BaseHTTPRequestHandler):
    """A service that checks anonymous signatures (WACZ Signing and Verification 0.1.0, 4.1): 200 where one is right."""

    def do_POST(self):
        signed = json.loads(self.rfile.read(int(self.headers["content-length"])))
        key = serialization.load_der_public_key(base64.b64decode(signed["publicKey"]))
        raw = base64.b64decode(signed["signature"])
        signature = utils.encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
        try:
            key.verify(signature, signed["hash"].encode(), ec.ECDSA(hashes.SHA256()))
            self.send_response(200)
        except InvalidSignature:
            self.send_response(400)
        self.end_headers()

    def log_message(self, *_):
        pass


def check_signature():
    page = (ROOT / "docs/warc.md").read_text()
    script = re.search(r"```python\n(.*?)```", page, re.S).group(1)
    (WORK / "check.py").write_text(script)
    print("signature:", run(sys.executable, WORK / "check.py", WORK / "all.wacz").strip()[:60])
    # The tool's own verifier takes signatures of a domain alone, with its certificate and a time stamp: it says so.
    refused = subprocess.run(["wacz", "validate", "--verify-auth", "-f", WORK / "all.wacz"], capture_output=True, text=True)
    told = refused.stdout + refused.stderr
    if refused.returncode == 0 or "domain" not in told:
        sys.exit(f"wacz validate --verify-auth takes an anonymous signature by now: {told}")
    # With a verifier that knows the anonymous one it verifies.
    verifier = HTTPServer(("127.0.0.1", 0), Verifier)
    threading.Thread(target=verifier.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{verifier.server_port}/"
    told = run("wacz", "validate", "--verify-auth", "--verifier-url", address, "-f", WORK / "all.wacz")
    if "Successfully verified signature" not in told:
        sys.exit(told)
    verifier.shutdown()
    print("wacz validate --verify-auth: verified by a verifier of anonymous signatures; its own asks for a domain's certificate")
    # One byte more in the manifest, and it is told.
    with zipfile.ZipFile(WORK / "all.wacz") as source, zipfile.ZipFile(WORK / "forged.wacz", "w") as out:
        for entry in source.infolist():
            content = source.read(entry)
            out.writestr(entry, content + b" " if entry.filename == "datapackage.json" else content)
    if subprocess.run([sys.executable, WORK / "check.py", WORK / "forged.wacz"], capture_output=True).returncode == 0:
        sys.exit("a forged file passes for signed")


def wanted():
    """What pywb must give back: address, moment, SHA-256 of the payload, as the archive has it."""
    archive = sqlite3.connect(f"file:{WORK / 'archive.db'}?mode=ro", uri=True)
    pages = [json.loads(line) for line in (WORK / "wacz/pages/extraPages.jsonl").read_text().splitlines()[1:]]
    posts = [page for page in pages if page["url"].startswith("https://")]
    rows = []
    for page in posts:
        stamp = page["ts"][:23].rstrip("Z")
        found = archive.execute(
            "SELECT b.sha256 FROM exchanges e JOIN blobs b ON b.id = e.body WHERE e.status = 200 AND e.answered_url = ?1 "
            "ORDER BY abs(julianday(e.started_at) - julianday(?2)) LIMIT 1",
            [page["url"], stamp],
        ).fetchone()
        rows.append(("a post", page["url"], page["ts"], found[0]))
    if len(rows) < 5:
        sys.exit(f"too few posts in the list of pages: {rows}")
    # Each version of each article, at its own time.
    for name, url, at, sha256 in archive.execute(
        "SELECT a.name, coalesce(e.url, v.url), v.captured_at, v.sha256 FROM article_versions v JOIN articles a ON a.id = v.article "
        "LEFT JOIN exchanges e ON e.id = v.exchange WHERE coalesce(e.url, v.url) LIKE 'http%'"
    ):
        rows.append((f"the article {name}", url, at, sha256))
    for url in [ARTICLE, FETCHED, FETCHED + "-again"]:
        if not any(row[1] == url for row in rows):
            sys.exit(f"{url} is no page: {rows}")
    # Each answer of an interface that told of the post over time, at its own time.
    for url, at, sha256 in archive.execute(
        "SELECT e.answered_url, e.started_at, b.sha256 FROM exchanges e JOIN blobs b ON b.id = e.body "
        "WHERE e.status = 200 AND e.answered_url LIKE 'https://harbour.example/%'"
    ):
        rows.append(("a post on its day", url, at, sha256))
    for url, sha256 in archive.execute(
        "SELECT coalesce(m.answered_url, m.url) AS address, b.sha256 FROM snapshot_media m JOIN blobs b ON b.id = m.blob "
        "WHERE address LIKE 'http%' GROUP BY 1"
    ):
        rows.append(("a file", url, "2026-11-20T08:00:00Z", sha256))
    return rows


def check_pywb():
    collections = WORK / "pywb"
    collections.mkdir()
    run("wb-manager", "init", "archive", cwd=collections)
    run("wb-manager", "add", "archive", WORK / "all.warc.gz", cwd=collections)
    run("wb-manager", "init", "package", cwd=collections)
    run("wb-manager", "add", "--unpack-wacz", "package", WORK / "all.wacz", cwd=collections)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = open(WORK / "pywb.log", "w")
    server = subprocess.Popen(
        ["wayback", "-b", "127.0.0.1", "-p", str(port)], cwd=collections, stdout=log, stderr=log, start_new_session=True
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            sys.exit("pywb does not answer:\n" + (WORK / "pywb.log").read_text())
        count = 0
        for collection in ["archive", "package"]:
            for what, url, moment, sha256 in wanted():
                stamp = re.sub(r"\D", "", moment)[:14]
                address = f"http://127.0.0.1:{port}/{collection}/{stamp}id_/{url}"
                try:
                    with urllib.request.urlopen(address, timeout=30) as answer:
                        status, body = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status, body = error.code, b""
                same(f"the status of {what}, {url} of {moment}", status, 200)
                same(f"the payload of {what}, {url}", hashlib.sha256(body).hexdigest(), sha256)
                count += 1
        print("pywb:", count, "addresses answered as in the archive")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


make()
check_warcs()
check_wacz()
check_signature()
check_pywb()
