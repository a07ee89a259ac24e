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
import time
import urllib.request
import zipfile

from warcio.archiveiterator import ArchiveIterator

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
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with open(path, "wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, status, headers, body in answers:
            head = StatusAndHeaders(f"{status} Recorded", headers + [("content-length", str(len(body)))], protocol="HTTP/1.1")
            dated = {"WARC-Date": "2026-11-20T08:30:00Z"}
            writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=head, warc_headers_dict=dated))


def make():
    WORK.mkdir(parents=True)
    recording(WORK / "fetched.warc.gz")
    replay = ["--replay", ROOT / "fixtures/demo.warc.gz", "--replay", WORK / "fetched.warc.gz"]
    embalm("add", *replay, ROOT / "fixtures/articles", FETCHED, FETCHED + "-again")
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


def check_signature():
    page = (ROOT / "docs/warc.md").read_text()
    script = re.search(r"```python\n(.*?)```", page, re.S).group(1)
    (WORK / "check.py").write_text(script)
    print("signature:", run(sys.executable, WORK / "check.py", WORK / "all.wacz").strip()[:60])
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
    answers = dict(
        archive.execute("SELECT e.answered_url, b.sha256 FROM exchanges e JOIN blobs b ON b.id = e.body WHERE e.status = 200")
    )
    rows = [("a post", page["url"], page["ts"], answers[page["url"]]) for page in posts]
    if len(rows) < 5:
        sys.exit(f"too few posts in the list of pages: {rows}")
    for name, url in [("an article from a file", ARTICLE), ("a redirected article", FETCHED), ("a repeated article", FETCHED + "-again")]:
        sha256 = archive.execute(
            "SELECT v.sha256 FROM article_versions v JOIN articles a ON a.id = v.article LEFT JOIN exchanges e ON e.id = v.exchange "
            "WHERE ?1 IN (a.name, e.url) OR (v.exchange IS NULL AND v.url = ?1) ORDER BY v.exchange IS NULL LIMIT 1",
            [url],
        ).fetchone()[0]
        rows.append((name, url, "2026-11-20T08:30:00Z", sha256))
    for url, sha256 in archive.execute(
        "SELECT coalesce(m.answered_url, m.url), b.sha256 FROM snapshot_media m JOIN blobs b ON b.id = m.blob GROUP BY 1"
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
                with urllib.request.urlopen(address, timeout=30) as answer:
                    body = answer.read()
                    same(f"the status of {what}, {url}", answer.status, 200)
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
