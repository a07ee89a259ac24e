"""Measures the job `detect` beside one process of the binary: the same pages, the same cores, in turn, row for row.

    python contrib/spark/bench.py --binary target/release/embalm --pages 100000 fixtures FOLDER...

The pages are the .html files below the folders, again and again until there are enough, each with an address of its own: as JSON Lines
and as recordings (.warc.gz, a record a member, as a crawl has it), in --parts files. Each round runs `embalm detect` with two threads
and then the job on `local-cluster` with two executors of one core each, both bound to the same two cores, so that what else the machine
does falls on both. Rows are compared in order, with every field. Throughput is that of the job (reading, searching, Parquet written),
and of the whole command, in which the engine begins and ends, too.

Where others use these cores, too, elapsed time is a matter of who gets them; `ratio_by_cpu` then tells more: the CPU time of both, that of
the engine in the job with it. A line of JSON for each round, and one at the end for each kind with the medians. Exit code 1: rows differ, or --at-least was not reached.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib

#: How a body is compressed in a recording; a crawl has this, too.
LEVEL = 6

#: How often the CPU time of the engine's processes is looked at, in seconds.
LOOK_S = 0.25

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "src"))


class Pages:
    """The bodies that pages are made of, each ready to be written under any address."""

    def __init__(self, folders):
        files = [file for folder in folders for file in sorted(pathlib.Path(folder).rglob("*.html"))]
        if not files:
            raise SystemExit(f"bench: no .html below {', '.join(folders)}")
        self.bodies = [file.read_bytes() for file in files]

    def write(self, kind, path, first, end):
        """Pages ``first`` to ``end`` as a file of that kind."""
        ready = [None] * len(self.bodies)
        make, put = (_quoted, _line) if kind == "jsonl" else (_deflated, _member)
        with open(path, "wb", buffering=1 << 20) as out:
            for number in range(first, end):
                place = number % len(self.bodies)
                ready[place] = ready[place] or make(self.bodies[place])
                out.write(put(number, ready[place]))


def _quoted(body):
    return json.dumps(body.decode("utf-8", "replace"), ensure_ascii=False).encode("utf-8", "replace")


def _line(number, quoted):
    return b'{"url":"%s","html":%s}\n' % (_url(number), quoted)


def _deflated(body):
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return body, squeeze.compress(body + b"\r\n\r\n") + squeeze.flush()


def _member(number, deflated):
    """A record as a gzip member of its own. Its body was compressed once for all records that have it."""
    body, packed = deflated
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: %s\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-%012d>\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
    ) % (_url(number), number, len(http) + len(body)) + http
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    begun = squeeze.compress(head) + squeeze.flush(zlib.Z_FULL_FLUSH)
    check = zlib.crc32(b"\r\n\r\n", zlib.crc32(body, zlib.crc32(head)))
    size = len(head) + len(body) + 4
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + begun + packed + struct.pack("<II", check, size & 0xFFFFFFFF)


def _url(number):
    return b"https://site%d.example/%d" % (number % 97, number)


def made(pages, kind, folder, count, parts):
    """The paths of the files, in the order of their names."""
    suffix = {"jsonl": "jsonl", "warc": "warc.gz"}[kind]
    each = -(-count // parts)
    paths = [os.path.join(folder, f"pages-{part:04d}.{suffix}") for part in range(parts)]
    for part, path in enumerate(paths):
        pages.write(kind, path, part * each, min((part + 1) * each, count))
    return paths


def one_process(binary, paths, cores, out):
    """Seconds and CPU seconds of `embalm detect`, with a thread for each core; its records are in ``out``."""
    words = [binary, "detect", "--json", "--threads", str(len(cores)), *paths]
    began = time.monotonic()
    with open(out, "wb") as told:
        child = subprocess.Popen(words, stdout=told, env={**os.environ, "EMBALM_CONFIG": os.devnull}, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"bench: {' '.join(words[:4])} ended with {os.waitstatus_to_exitcode(status)}")
    return {"elapsed_s": time.monotonic() - began, "cpu_s": used.ru_utime + used.ru_stime}


def spark_job(binary, paths, cores, out, conf, threads):
    """Seconds and CPU seconds of the job on an engine that stands, and of the command with the engine's own beginning and end."""
    words = [sys.executable, os.path.abspath(__file__), "--as-job", json.dumps([binary, paths, out, len(cores), conf, threads])]
    began = time.monotonic()
    child = subprocess.Popen(
        words, stdout=subprocess.PIPE, start_new_session=True, preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    command_cpu_s = 0.0
    while child.poll() is None:
        command_cpu_s = max(command_cpu_s, _session_cpu_s(child.pid))
        time.sleep(LOOK_S)
    told = child.stdout.read().splitlines()
    if child.returncode != 0 or not told:
        raise SystemExit(f"bench: the job ended with {child.returncode}")
    return {**json.loads(told[-1]), "command_s": time.monotonic() - began, "command_cpu_s": command_cpu_s}


def _session_cpu_s(session):
    """What all processes of a session took, with those that they waited for."""
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def as_job(binary, paths, out, executors, conf, threads):
    """What the child does: the job on a cluster of its own."""
    from embalm_spark import detect, session

    os.environ["EMBALM_CONFIG"] = os.devnull
    given = argparse.Namespace(master=f"local-cluster[{executors},1,1024]", conf=["spark.ui.enabled=false", *conf])
    spark = session.start("bench", given)
    try:
        began, began_cpu_s = time.monotonic(), _session_cpu_s(os.getsid(0))
        counts = detect.write(detect.detect_files(spark, paths, binary, threads=threads), out, overwrite=True)
        elapsed_s = time.monotonic() - began
        print(json.dumps({"elapsed_s": elapsed_s, "cpu_s": _session_cpu_s(os.getsid(0)) - began_cpu_s, **counts}))
    finally:
        spark.stop()


def differences(records, out):
    """How many rows of the job are not those of the process, in order, and the number of rows."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(f"{out}/embeds", partitioning="hive")
    table = table.set_column(table.column_names.index("platform"), "platform", table["platform"].cast("string"))
    table = table.sort_by([("page", "ascending"), ("position", "ascending")])
    wrong = rows = 0
    with open(records, "rb") as file:
        for batch in table.to_batches(10_000):
            for row in batch.to_pylist():
                rows += 1
                wrong += as_printed(row) != json.loads(file.readline() or b"null")
        wrong += sum(1 for _ in file)
    return wrong, rows


def as_printed(row):
    """A row of embeds as the binary prints it."""
    row.pop("page")
    row["quoted"] = {name: value for name, value in (row["quoted"] or {}).items() if value}
    return row


def measured(args, kind, folder):
    """The rounds of one kind of input."""
    cores = {int(core) for core in args.cores.split(",")}
    paths = made(Pages(args.folders), kind, folder, args.pages, args.parts)
    size = sum(os.path.getsize(path) for path in paths)
    records, out = os.path.join(folder, "records.jsonl"), os.path.join(folder, "found")
    ratios, with_engine, by_cpu, alike = [], [], [], True
    for number in range(args.rounds):
        alone = one_process(args.binary, paths, cores, records)
        spark = spark_job(args.binary, paths, cores, out, args.conf, args.threads)
        wrong, rows = differences(records, out)
        alike = alike and not wrong and rows > 0
        ratios.append(alone["elapsed_s"] / spark["elapsed_s"])
        with_engine.append(alone["elapsed_s"] / spark["command_s"])
        by_cpu.append(alone["cpu_s"] / spark["cpu_s"])
        told = {
            "kind": kind, "round": number + 1, "pages": args.pages, "bytes": size, "rows": rows, "rows_that_differ": wrong, "errors": spark["errors"],
            "process_pages_per_s": args.pages / alone["elapsed_s"], "spark_pages_per_s": args.pages / spark["elapsed_s"],
            "ratio": ratios[-1], "ratio_with_engine": with_engine[-1], "ratio_by_cpu": by_cpu[-1],
            "process": alone, "spark": spark,
        }
        print(json.dumps(_short(told)), flush=True)
    median = statistics.median(ratios)
    print(json.dumps(_short({
        "kind": kind, "ratio": median, "ratio_from": min(ratios), "ratio_to": max(ratios), "ratio_with_engine": statistics.median(with_engine),
        "ratio_by_cpu": statistics.median(by_cpu), "rows_equal": alike,
    })), flush=True)
    return alike and median >= args.at_least


def _short(value):
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="FOLDER", nargs="+", help="folders of .html files")
    parser.add_argument("--binary", default=shutil.which("embalm") or "embalm", help="an optimised build [default: that of PATH]")
    parser.add_argument("--pages", type=int, default=100_000, metavar="N", help="[default: %(default)s]")
    parser.add_argument("--kind", choices=("jsonl", "warc"), action="append", help="what the pages are in; repeatable [default: both]")
    parser.add_argument("--parts", type=int, default=16, metavar="N", help="files [default: %(default)s]")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each kind [default: %(default)s]")
    parser.add_argument("--cores", default="0,1", metavar="A,B", help="both run on these alone [default: %(default)s]")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the process of a task [default: %(default)s]")
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE", help="a setting of Spark; repeatable")
    parser.add_argument("--work", metavar="FOLDER", help="for the pages and what is found; removed after [default: the system's temporary folder]")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="RATIO", help="exit code 1 where the median is below it")
    args = parser.parse_args()
    args.binary = os.path.abspath(args.binary)
    good = True
    for kind in args.kind or ("jsonl", "warc"):
        with tempfile.TemporaryDirectory(prefix="embalm-bench-", dir=args.work) as folder:
            good = measured(args, kind, folder) and good
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-job"]:
        as_job(*json.loads(sys.argv[2]))
    else:
        sys.exit(main())
