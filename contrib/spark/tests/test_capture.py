"""Capture of posts of several hosts on a real cluster of two workers, against servers that write down when they were asked."""

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import pyarrow.fs
import pytest
from pyspark.sql.types import StringType, StructField, StructType

from embalm_spark import binary, files, hosts, session
from embalm_spark.capture import OPTIONS, capture, newest
from embalm_spark.hosts import shard_of, together
from embalm_spark.schema import QUOTED
from embalm_spark.shard import Lease, Shard, write_json
from fediverse import ARCHIVE, SHARED, Fediverse, post_url

#: 2000 is the whole measure; fewer show the same.
POSTS = int(os.environ.get("EMBALM_SPARK_POSTS", "120"))
#: Between two requests to one host, as configured.
DELAY_MS = int(os.environ.get("EMBALM_SPARK_DELAY_MS", "50"))
HOSTS = ["low.one.example", "ebb.two.example", "neap.three.example", "slack.four.example"]
#: Requests in a row whose pace is measured.
ROW = 16
#: A request may have been so much longer on its way than a later one: a test machine is busy.
ON_ITS_WAY_S = 0.25


@pytest.fixture(autouse=True)
def shipped(request, embalm):
    """The binary that is tested, and the package on the cluster."""
    os.environ["EMBALM_BIN"] = embalm
    if "spark" in request.fixturenames:
        session.ship(request.getfixturevalue("spark"))


@pytest.fixture
def world(tmp_path):
    worlds = []

    def make(**settings):
        worlds.append(Fediverse(tmp_path, HOSTS, **settings))
        return worlds[-1]

    yield make
    for one in worlds:
        one.stop()


def config(memento="off"):
    delay = f"delay_ms = {DELAY_MS}\nconcurrency = 2\n"
    return f"[capture]\nmemento = \"{memento}\"\n[network]\nper_host_delay_ms = {DELAY_MS}\n[[platform]]\nplatform = \"mastodon\"\n{delay}"


def posts(count):
    return [post_url(HOSTS[number % len(HOSTS)], number) for number in range(count)]


def frame(spark, urls):
    # Twice each, as two articles that embed it.
    return spark.createDataFrame([(url,) for url in urls] * 2, "url string")


def options(world, folder):
    return {
        **world.options(), "config": config(), "scratch": str(folder / "scratch"), "pause_s": DELAY_MS / 1000,
        "checkpoint_s": 2.0, "lease_s": 4.0, "binary": binary.find(),
    }


def alone(world, urls, folder, memento="off"):
    """What one process makes of the same posts."""
    folder.mkdir()
    (folder / "config.toml").write_text(config(memento))
    words = [binary.find(), "--archive", folder / "alone.db", "--config", folder / "config.toml", "-q", "add", "-i", "-"]
    for rule in world.options()["resolve"]:
        words += ["--resolve", rule]
    words += ["--ca-file", world.ca_file]
    subprocess.run(list(map(str, words)), input="\n".join(urls), text=True, check=True, cwd=folder)
    return folder / "alone.db"


def merged(folder):
    shards = sorted(str(path) for path in (folder / "out" / "shards").glob("*.db"))
    words = [binary.find(), "--archive", str(folder / "all.db"), "-q", "merge", *shards]
    subprocess.run(words, check=True, cwd=folder)
    verified = subprocess.run([binary.find(), "--archive", str(folder / "all.db"), "-q", "verify"], cwd=folder)
    assert verified.returncode == 0
    return folder / "all.db"


CONTENT = (
    "SELECT key, url, state, via FROM posts",
    "SELECT p.key, s.via, s.outcome, s.digest, s.text, s.author_name, s.published FROM snapshots s JOIN posts p ON p.id = s.post",
    "SELECT key, kind, url, sha256, size_bytes FROM media_files WHERE shown = 1",
    "SELECT sha256, size_bytes FROM stored_media",
)


def holds(archive):
    """What an archive holds, by digest: posts, their snapshots, their files."""
    with sqlite3.connect(f"file:{archive}?mode=ro", uri=True) as connection:
        return [sorted(connection.execute(query), key=repr) for query in CONTENT]


def paced(world):
    """Each host was asked no faster than configured, by the server's own clock; gives requests a second of each."""
    rates = {}
    for host, times in world.arrivals.items():
        times = sorted(times)
        rows = [late - early for early, late in zip(times, times[ROW:])]
        if rows:
            due = ROW * DELAY_MS / 1000
            assert min(rows) + ON_ITS_WAY_S >= due, f"{host} was asked {ROW} times in {min(rows):.3f} s, not {due} s"
        if len(times) > 1:
            rates[host] = (len(times), round((len(times) - 1) / (times[-1] - times[0]), 2))
    return rates


def test_four_hosts_are_asked_at_their_rate_and_the_shards_hold_what_one_process_holds(spark, world, tmp_path):
    world = world()
    urls = posts(POSTS)
    rows = capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path)).collect()
    rates = paced(world)
    print(f"configured {1000 / DELAY_MS} requests/s and host; measured (requests, requests/s): {rates}")
    assert sum(row.asked for row in rows) == POSTS, "each post once"
    assert all(row.exit == 0 for row in rows), rows
    first = [(host, times[0], times[-1]) for host, times in world.arrivals.items() if host in HOSTS]
    assert any(a[1] < b[1] < a[2] for a in first for b in first if a[0] != b[0]), "two tasks ran at a time"
    asked_before = sum(map(len, world.arrivals.values()))
    again = capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path)).collect()
    assert sum(map(len, world.arrivals.values())) == asked_before, "nothing is captured twice"
    assert all(row.exit == 0 and row.requests == 0 for row in again), again
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one"))


def test_hosts_that_all_share_are_asked_by_one_task_alone_for_pictures_and_for_copies_of_dead_posts(spark, world, tmp_path):
    world = world(shares=3)
    urls = posts(40) + [post_url(host, 24 + 25 * number) for number, host in enumerate(HOSTS)]
    memory = f"https://{ARCHIVE}"
    settings = {**options(world, tmp_path), "config": config(memory)}
    table = capture(frame(spark, urls), str(tmp_path / "out"), **settings)
    rows = table.collect()
    paced(world)
    assert {SHARED, ARCHIVE} <= set(world.arrivals)
    first = [row for row in rows if row.round == 1]
    for shared in (SHARED, ARCHIVE):
        assert not any(shared in row.hosts for row in first) and any(shared in row.hosts_left for row in first)
        # The server saw one shard at a time: from the first to the last of a shard's requests nobody else's came.
        turns = [whose for whose, _ in itertools.groupby(whose for host, whose in world.asked if host == shared)]
        assert len(turns) == len(set(turns)) == len(HOSTS), (shared, turns)
    assert not any(row.put_off for row in newest(table).collect())
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one", memory))
    with sqlite3.connect(tmp_path / "all.db") as archive:
        copies = archive.execute("SELECT count(*) FROM posts WHERE via = 'memento' AND state <> 'live'").fetchone()[0]
    assert copies == len(set(urls)) - sum(map(is_there, set(urls))), "what is dead is shown by its copy"


def is_there(url):
    return (int(url.rsplit("/", 1)[1]) - 116300000000000000) % 25 != 24


def test_a_dead_post_keeps_the_words_that_its_article_quotes_and_what_has_no_address_too(spark, world, tmp_path):
    world = world()
    dead, live = post_url(HOSTS[0], 24), post_url(HOSTS[0], 1)
    said = lambda text: (text, "Mole", None, None, None)  # noqa: E731
    rows = [
        ("mastodon", "low.one.example/116300000000000024", dead, said("Low water")),
        ("mastodon", "low.one.example/116300000000000024", dead, said("Low water at nine, the longest of the quotations")),
        ("mastodon", "low.one.example/116300000000000001", live, said("of one that lives")),
        ("twitter", None, None, said("A page that gives no address")),
        ("twitter", None, None, None),
    ]
    found = spark.createDataFrame(rows, StructType([
        StructField(name, StringType()) for name in ("platform", "post_id", "url")] + [StructField("quoted", QUOTED)]))
    done = capture(found, str(tmp_path / "out"), **options(world, tmp_path)).collect()
    assert {row.exit for row in done} == {0} and sum(row.asked for row in done) == 3, done
    with sqlite3.connect(merged(tmp_path)) as archive:
        posts = archive.execute("SELECT p.platform, p.state, p.via, s.text FROM posts p JOIN snapshots s ON s.id = p.snapshot ORDER BY 1, 2").fetchall()
    assert posts == [
        ("mastodon", "live", "api", "Low water number 1"),
        ("mastodon", "unavailable", "quoted", "Low water at nine, the longest of the quotations"),
        ("twitter", "unknown", "quoted", "A page that gives no address"),
    ]


def children(folder):
    """Processes of the binary that work in this folder, with their parents."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if "add" in words and any(word.startswith(str(folder)) for word in words):
            yield int(pid), parent


def executor_of(pid):
    """The executor that a process descends from."""
    while pid > 1:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if b"CoarseGrainedExecutorBackend" in file.read():
                return pid
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            pid = int(file.read().rsplit(")", 1)[1].split()[1])
    raise AssertionError("no executor")


def test_a_task_whose_binary_worker_and_executor_are_killed_goes_on_where_its_shard_stands(spark, world, tmp_path):
    world = world()
    urls = posts(max(120, POSTS // 2))
    killed = {}
    # So many requests after the one before.
    whose = {"binary": lambda pid, parent: pid, "worker": lambda pid, parent: parent, "executor": lambda pid, parent: executor_of(pid)}

    def kill():
        until, last = time.monotonic() + 120, 0
        while len(killed) < len(whose) and time.monotonic() < until:
            time.sleep(0.02)
            if sum(map(len, list(world.arrivals.values()))) < last + 40:
                continue
            for pid, parent in children(tmp_path / "scratch"):
                name, which = list(whose.items())[len(killed)]
                os.kill(which(pid, parent), signal.SIGKILL)
                killed[name] = last = sum(map(len, list(world.arrivals.values())))
                break

    thread = threading.Thread(target=kill)
    thread.start()
    rows = capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path)).collect()
    thread.join()
    assert list(killed) == list(whose), f"each was killed in the middle: {killed}"
    assert all(row.exit == 0 for row in rows), rows
    paced(world)
    asked = sum(map(len, world.arrivals.values()))
    capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path)).collect()
    assert sum(map(len, world.arrivals.values())) == asked, "nothing is asked again"
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one"))


def test_a_budget_that_is_spent_is_gone_on_with_by_the_next_run(spark, world, tmp_path):
    world = world()
    urls = posts(24)
    settings = options(world, tmp_path)
    rows = capture(frame(spark, urls), str(tmp_path / "out"), **settings, max_requests=4).collect()
    assert {row.exit for row in rows} == {binary.STOPPED} and sum(row.captured for row in rows) < len(urls)
    capture(frame(spark, urls), str(tmp_path / "out"), **settings).collect()
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one"))


def test_a_job_under_a_budget_ends_in_time_and_the_next_begins_with_what_has_waited(spark, world, tmp_path):
    world = world()
    urls = posts(400)
    began = time.monotonic()
    table = capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path), budget="4s")
    rows = table.collect()
    # The hosts would take 5 s each, two at a time.
    assert binary.STOPPED in {row.exit for row in rows}, rows
    asked = {row.shard for row in rows if row.requests}
    first = together({row.shard: set(row.hosts) for row in rows}, {shard: 1 for shard in asked})[0]
    assert time.monotonic() - began < 60
    assert not asked or set(first).isdisjoint(asked) or len(asked) == len(rows)


def test_a_disk_that_is_full_is_said_in_the_row_and_the_others_go_on(spark, world, tmp_path):
    world = world()
    urls = posts(16)
    settings = options(world, tmp_path)
    broken = shard_of(urls[0], 256)
    out = tmp_path / "out"
    # Nothing can be put where a folder has the name.
    (out / "shards" / f"{broken}.db" / "in the way").mkdir(parents=True)
    rows = {row.shard: row for row in capture(frame(spark, urls), str(out), **settings).collect()}
    assert rows[broken].exit == binary.FAILED and rows[broken].words and rows[broken].path is None
    assert all(row.exit == 0 for name, row in rows.items() if name != broken)
    asked = sum(map(len, world.arrivals.values()))
    shutil.rmtree(out / "shards" / f"{broken}.db")
    rows = {row.shard: row for row in capture(frame(spark, urls), str(out), **settings).collect()}
    assert rows[broken].exit == 0 and sum(map(len, world.arrivals.values())) == asked, "what was captured had stayed on the machine"
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one"))


def test_speculation_and_other_buckets_are_refused(spark, tmp_path, monkeypatch):
    table = frame(spark, posts(4))
    write_json(str(tmp_path / "out" / "plan.json"), {"buckets": 8, "jobs": 1})
    with pytest.raises(ValueError, match="--buckets 8"):
        capture(table, str(tmp_path / "out"))
    # A session's own setting can't be changed while it runs.
    monkeypatch.setattr(type(spark.conf), "get", lambda _, key, default=None: "true" if key == "spark.speculation" else default)
    with pytest.raises(ValueError, match="spark.speculation"):
        capture(table, str(tmp_path / "out"))


def test_a_lease_is_held_by_one_alone(tmp_path):
    address = str(tmp_path / "a.lease")
    held = Lease(address, 4, lambda: None)
    held.take()
    other = Lease(address, 4, lambda: None)
    assert not other._is_free()
    held.drop()
    other.take()
    other.drop()


class Strict:
    """A file system as HDFS is: no file gets a name that another one has. Its first renames fail."""

    def __init__(self, failing):
        self.local, self.failing = pyarrow.fs.LocalFileSystem(), failing

    def __getattr__(self, name):
        return getattr(self.local, name)

    def move(self, path, to):
        self.failing -= 1
        if self.failing >= 0 or os.path.exists(to):
            raise OSError(f"{to}: can't be renamed now")
        self.local.move(path, to)


def test_a_path_that_renames_nothing_over_another_and_fails_for_a_moment_gets_its_shards_all_the_same(world, tmp_path, monkeypatch):
    world = world()
    settings = {**OPTIONS, **options(world, tmp_path)}
    urls = posts(8)[::4]
    name = shard_of(urls[0], 256)
    system = Strict(0)
    monkeypatch.setattr(files, "resolve", lambda address: (system, address.replace("object://", str(tmp_path))))
    visit = lambda: Shard(name, "object:///out", settings).visit(iter([{"url": url, "quoted": {}} for url in urls]), [HOSTS[0]])  # noqa: E731
    real = Shard._save

    def save(self, state):
        system.failing = 2 if system.failing == 0 else -1
        return real(self, state)

    monkeypatch.setattr(Shard, "_save", save)
    first = visit()
    assert (first["exit"], first["captured"], system.failing < 0) == (0, 2, True), first
    asked = sum(map(len, world.arrivals.values()))
    again = visit()
    assert (again["exit"], again["captured"], again["requests"]) == (0, 2, 0), again
    assert sum(map(len, world.arrivals.values())) == asked
    left = sorted(path.name for path in (tmp_path / "out" / "shards").iterdir())
    assert left == [f"{name}.db", f"{name}.json", f"{name}.lease"], "nothing half done is left behind"


def test_posts_are_together_by_the_hosts_that_they_are_captured_from():
    assert hosts.shard_of("https://x.com/i/status/1", 8) == hosts.shard_of("https://twitter.com/i/status/2", 8) == "twitter"
    assert hosts.shard_of("https://social.example/@a/1", 8) == hosts.shard_of("https://www.social.example/@b/2", 8)
    assert hosts.shard_of("urn:x", 8) is None
    fences = {"a": {"one.example"}, "b": {"two.example"}, "c": {"three.example"}}
    assert hosts.together(fences) == [["a"], ["b"], ["c"]]
    fences["a"].add("cdn.shared.org")
    fences["c"].add("shared.org")
    assert hosts.together(fences) == [["a", "c"], ["b"]]
