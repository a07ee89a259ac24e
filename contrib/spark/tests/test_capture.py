"""Capture of posts of several hosts on a real cluster of two workers, against servers that write down when they were asked."""

import os
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from embalm_spark import binary, hosts
from embalm_spark.capture import capture, newest
from embalm_spark.shard import Lease, write_json
from fediverse import SHARED, Fediverse, post_url

#: 2000 is the whole measure; fewer show the same.
POSTS = int(os.environ.get("EMBALM_SPARK_POSTS", "160"))
#: Between two requests to one host, as configured.
DELAY_MS = int(os.environ.get("EMBALM_SPARK_DELAY_MS", "50"))
HOSTS = ["low.one.example", "ebb.two.example", "neap.three.example", "slack.four.example"]
#: Requests in a row whose pace is measured.
ROW = 16
#: A request may have been so much longer on its way than a later one: a test machine is busy.
ON_ITS_WAY_S = 0.25


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    import sys

    from pyspark.sql import SparkSession

    from embalm_spark import session

    os.environ["PYSPARK_PYTHON"] = sys.executable
    folder = tmp_path_factory.mktemp("spark")
    spark = (
        SparkSession.builder.master("local-cluster[2,1,1024]").appName("capture")
        .config("spark.ui.enabled", "false").config("spark.local.dir", str(folder))
        .config("spark.sql.shuffle.partitions", "4").config("spark.sql.warehouse.dir", str(folder / "warehouse")).getOrCreate()
    )
    session.ship(spark)
    return spark


@pytest.fixture
def world(tmp_path):
    worlds = []

    def make(**settings):
        worlds.append(Fediverse(tmp_path, HOSTS, **settings))
        return worlds[-1]

    yield make
    for one in worlds:
        one.stop()


def config():
    delay = f"delay_ms = {DELAY_MS}\nconcurrency = 2\n"
    return f"[network]\nper_host_delay_ms = {DELAY_MS}\n[[platform]]\nplatform = \"mastodon\"\n{delay}"


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


def alone(world, urls, folder):
    """What one process makes of the same posts."""
    folder.mkdir()
    (folder / "config.toml").write_text(config())
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


def test_a_host_that_all_share_is_asked_by_one_task_alone(spark, world, tmp_path):
    world = world(shares=2)
    urls = posts(40)
    table = capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path))
    rows = table.collect()
    paced(world)
    assert SHARED in world.arrivals
    first = [row for row in rows if row.round == 1]
    assert not any(SHARED in row.hosts for row in first) and any(SHARED in row.hosts_left for row in first)
    assert not any(row.put_off for row in newest(table).collect())
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one"))


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


@pytest.mark.parametrize("whose", ["binary", "worker"])
def test_a_task_that_is_killed_goes_on_where_its_shard_stands(spark, world, tmp_path, whose):
    world = world()
    urls = posts(80)
    killed = []

    def kill():
        until = time.monotonic() + 60
        while not killed and time.monotonic() < until:
            time.sleep(0.02)
            if sum(map(len, list(world.arrivals.values()))) < 30:
                continue
            for pid, parent in children(tmp_path / "scratch"):
                os.kill(pid if whose == "binary" else parent, signal.SIGKILL)
                killed.append(pid)
                return

    thread = threading.Thread(target=kill)
    thread.start()
    rows = capture(frame(spark, urls), str(tmp_path / "out"), **options(world, tmp_path)).collect()
    thread.join()
    assert killed, "it was killed in the middle"
    assert all(row.exit == 0 for row in rows), rows
    paced(world)
    assert holds(merged(tmp_path)) == holds(alone(world, urls, tmp_path / "one"))


def test_a_budget_that_is_spent_is_gone_on_with_by_the_next_run(spark, world, tmp_path):
    world = world()
    urls = posts(24)
    settings = options(world, tmp_path)
    rows = capture(frame(spark, urls), str(tmp_path / "out"), **settings, max_requests=4).collect()
    assert {row.exit for row in rows} == {binary.STOPPED} and sum(row.captured for row in rows) < len(urls)
    capture(frame(spark, urls), str(tmp_path / "out"), **settings).collect()
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


def test_posts_are_together_by_the_hosts_that_they_are_captured_from():
    assert hosts.shard_of("https://x.com/i/status/1", 8) == hosts.shard_of("https://twitter.com/i/status/2", 8) == "twitter"
    assert hosts.shard_of("https://social.example/@a/1", 8) == hosts.shard_of("https://www.social.example/@b/2", 8)
    assert hosts.shard_of("urn:x", 8) is None
    fences = {"a": {"one.example"}, "b": {"two.example"}, "c": {"three.example"}}
    assert hosts.together(fences) == [["a"], ["b"], ["c"]]
    fences["a"].add("cdn.shared.org")
    fences["c"].add("shared.org")
    assert hosts.together(fences) == [["a", "c"], ["b"]]
