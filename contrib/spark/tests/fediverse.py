"""Fediverse servers on loopback, with TLS: they answer for any host and write down when each was asked."""

import http.server
import json
import re
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
import zlib

#: A host that the pictures of some posts are at, whichever server the post is from.
SHARED = "cdn.shared.example"

#: A web archive that has a copy of every post which its server does not have any more.
ARCHIVE = "memory.fifth.example"


def certificate(folder, hosts):
    """A key with a certificate for these hosts, and the authority that signed it, as paths."""
    names = ",".join(f"DNS:{host},DNS:*.{host}" for host in hosts)
    (folder / "leaf.ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority")
    openssl("req", *new, "-keyout", "key.pem", "-out", "leaf.csr", "-subj", "/CN=loopback")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "leaf.pem",
            "-days", "2", "-extfile", "leaf.ext")
    return folder / "key.pem", folder / "leaf.pem", folder / "ca.pem"


def png(number):
    """A picture of its own for each number."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = b"\0" + number.to_bytes(3, "big")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def remembered(path):
    """What the web archive answers: the rows of its index, and copies of pages."""
    parts = urllib.parse.urlsplit(path)
    if parts.path == "/cdx/search/cdx":
        asked = urllib.parse.parse_qs(parts.query)["url"][0]
        head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
        rows = [head, [asked, "20260401000000", asked, "text/html", "200", f"{zlib.crc32(asked.encode()):X}", "1"]] if "/@mole/" in asked else []
        return 200, "application/json", json.dumps(rows).encode()
    copy = re.fullmatch(r"/web/20260401000000id_/(https://([^/]+)/@mole/([0-9]+))", path)
    if not copy:
        return 404, "text/html", b"<title>No copy</title>"
    url, host, number = copy.groups()
    page = f"""<!doctype html><html lang="en"><head><link rel="canonical" href="{url}">
        <meta property="og:site_name" content="Mastodon"><meta property="og:type" content="article"><meta property="og:url" content="{url}">
        <meta property="og:title" content="Mole (@mole@{host})"><meta property="og:published_time" content="2026-03-29T06:15:30Z">
        <meta property="og:description" content="Low water number {int(number) - 116300000000000000}, as it was kept">
        </head><body></body></html>"""
    return 200, "text/html", page.encode()


def post_url(host, number):
    return f"https://{host}/@mole/{116300000000000000 + number}"


class Fediverse:
    """The servers. ``shares``: every so manyth post has its picture at SHARED; 0: none."""

    def __init__(self, folder, hosts, shares=0):
        self.hosts, self.shares = hosts, shares
        self.arrivals, self.lock = {}, threading.Lock()
        # Hosts in the order in which they were asked, each with the server whose post it was about, where that is told.
        self.asked = []
        key, leaf, self.ca_file = certificate(folder, [*hosts, SHARED, ARCHIVE])
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                host = self.headers["Host"].split(":")[0]
                with outer.lock:
                    outer.arrivals.setdefault(host, []).append(time.monotonic())
                    outer.asked.append((host, outer.about(host, self.path)))
                status, kind, body = outer.answer(host, self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def options(self):
        """What leads the binary here."""
        port = self.server.server_address[1]
        names = [name for host in self.hosts for name in (host, f"files.{host}")] + [SHARED, ARCHIVE]
        return {
            "resolve": [f"{name}:443:127.0.0.1:{port}" for name in names],
            "ca_file": self.ca_file.read_text(),
        }

    def about(self, host, path):
        """The server whose post a request is about."""
        if host == SHARED:
            return self.hosts[int(path[len("/pictures/"):].split(".")[0]) % len(self.hosts)]
        return next((one for one in self.hosts if one in urllib.parse.unquote(path)), host)

    def answer(self, host, path):
        if host == ARCHIVE:
            return remembered(path)
        if path.startswith("/api/v1/statuses/"):
            number = int(path.rsplit("/", 1)[1]) - 116300000000000000
            if number % 25 == 24:
                return 404, "application/json", b'{"error":"Record not found"}'
            return 200, "application/json", json.dumps(self.status(host, number)).encode()
        if path.startswith("/pictures/"):
            return 200, "image/png", png(int(path[len("/pictures/"):].split(".")[0]))
        return 404, "text/plain", b"nothing here"

    def status(self, host, number):
        shared = self.shares and number % self.shares == 0
        picture = f"https://{SHARED if shared else 'files.' + host}/pictures/{number}.png"
        url, identity = post_url(host, number), str(116300000000000000 + number)
        return {
            "id": identity, "created_at": "2026-03-29T06:15:30.250Z", "in_reply_to_id": None, "sensitive": False,
            "spoiler_text": "", "visibility": "public", "language": "en",
            "uri": f"https://{host}/users/mole/statuses/{identity}", "url": url,
            "replies_count": 1, "reblogs_count": 2, "favourites_count": 3, "edited_at": None,
            "content": f"<p>Low water number {number}</p>", "reblog": None,
            "account": {"id": "4711", "username": "mole", "acct": "mole", "display_name": "Mole", "url": f"https://{host}/@mole",
                        "uri": f"https://{host}/users/mole", "avatar": "", "avatar_static": "", "emojis": [], "fields": []},
            "media_attachments": [{"id": "1", "type": "image", "url": picture, "preview_url": picture, "remote_url": None,
                                   "meta": {}, "description": "a tide table", "blurhash": None}],
            "mentions": [], "tags": [], "emojis": [], "card": None, "poll": None,
        }

    def forget(self):
        with self.lock:
            self.arrivals.clear()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
