"""Makes a WARC out of a folder of pages, as a crawl would have left it: what docs/scale.md was measured on.

    python contrib/spark/sample.py PAGES sample.warc.gz --pages 2000 --share 0.15
    taskset -c 0 embalm detect sample.warc.gz --json | wc -l

Of the pages --share have an embed, by `embalm detect`; each gets an address of its own. The same seed gives the same file.
"""

import argparse
import gzip
import json
import os
import pathlib
import random
import subprocess


def record(number, name, body):
    """A response of a WARC, compressed by itself."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://site{number % 97}.example/{number}/{name}\r\n"
        f"WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012d}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", 6, mtime=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.15, help="of the pages so many have an embed [default: %(default)s]")
    parser.add_argument("--binary", default="embalm")
    args = parser.parse_args()
    environment = {**os.environ, "EMBALM_CONFIG": os.devnull}
    told = subprocess.run([args.binary, "detect", args.folder, "--json"], env=environment, capture_output=True, text=True)
    having = {pathlib.PurePath(json.loads(line)["article"]).name for line in told.stdout.splitlines()}
    pages = sorted(args.folder.glob("*.html"))
    kinds = [[page for page in pages if (page.name in having) == is_having] for is_having in (False, True)]
    dice = random.Random(7)
    with open(args.out, "wb") as out:
        for number in range(args.pages):
            page = dice.choice(kinds[dice.random() < args.share])
            out.write(record(number, page.name, page.read_bytes()))


if __name__ == "__main__":
    main()
