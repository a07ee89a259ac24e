"""The job on a real cluster of two executors: rows equal to those of one process, whatever dies on the way."""

import json
import os
import pathlib
import signal
import threading
import time

import pyarrow.parquet
import pytest
from made import CRASHES_TWICE, DIES_OF_POISON, POISON, WAITS_ONCE, as_printed, by_one_process, wrapped, write_pages

from embalm_spark import binary, detect, schema

#: Pages of the large comparison; more by hand.
COUNT = int(os.environ.get("EMBALM_SPARK_PAGES", "1200"))

#: The folder whose HTML files they are made from, where it is not the fixtures.
FOLDER = os.environ.get("EMBALM_SPARK_FOLDER")


@pytest.fixture(scope="module")
def made(fixtures, tmp_path_factory):
    return write_pages(FOLDER or f"{fixtures}/cases/detect", tmp_path_factory.mktemp("made"), COUNT, parts=4)


@pytest.fixture(scope="module")
def expected(embalm, made):
    records = by_one_process(embalm, made)
    assert len(records) > COUNT / 10
    return records


def rows(frame):
    return [as_printed(row) for row in frame.orderBy("page", "position").toLocalIterator()]


def test_rows_equal_those_of_one_process_row_for_row(spark, embalm, made, expected, tmp_path):
    found = detect.detect_files(spark, made, embalm, split_bytes=os.path.getsize(made[0]) // 2)
    counts = detect.write(found, str(tmp_path / "out"))
    assert counts == {"embeds": len(expected), "errors": 0}
    written = spark.read.parquet(str(tmp_path / "out" / "embeds"))
    assert {field.name: field.dataType for field in written.schema} == {field.name: field.dataType for field in schema.EMBED}
    assert rows(written) == expected
    parts = {name for name in os.listdir(tmp_path / "out" / "embeds") if name.startswith("platform=")}
    assert parts == {f"platform={record['platform']}" for record in expected}
    assert sorted(os.listdir(tmp_path / "out")) == ["embeds", "errors"]
    with pytest.raises(binary.BinaryError, match="is there already"):
        detect.write(found, str(tmp_path / "out"))


def test_a_binary_that_crashes_twice_in_one_partition_changes_nothing(spark, embalm, made, expected, tmp_path):
    path = wrapped(embalm, tmp_path, CRASHES_TWICE, below=COUNT // len(made))
    counts = detect.write(detect.detect_files(spark, made, path), str(tmp_path / "out"))
    assert (tmp_path / "crash-1").exists()
    assert counts == {"embeds": len(expected), "errors": 0}
    assert rows(spark.read.parquet(str(tmp_path / "out" / "embeds"))) == expected


@pytest.mark.parametrize("whose", ["binary", "worker", "executor"])
def test_a_process_that_is_killed_in_mid_job_changes_nothing(spark, embalm, made, expected, tmp_path, whose):
    path = wrapped(embalm, tmp_path, WAITS_ONCE)
    killed = []

    def kill():
        end = time.monotonic() + 120
        while not (tmp_path / "waits").exists() and time.monotonic() < end:
            threading.Event().wait(0.05)
        binary_pid, worker = map(int, (tmp_path / "waits").read_text().split())
        pid = {"binary": binary_pid, "worker": worker, "executor": executor_of(worker)}[whose]
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)
        (tmp_path / "go").touch()

    thread = threading.Thread(target=kill)
    thread.start()
    counts = detect.write(detect.detect_files(spark, made, path), str(tmp_path / "out"))
    thread.join()
    assert killed
    assert counts == {"embeds": len(expected), "errors": 0}
    assert rows(spark.read.parquet(str(tmp_path / "out" / "embeds"))) == expected


def executor_of(pid):
    """The executor's JVM that a worker is below."""
    while b"CoarseGrainedExecutorBackend" not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
        pid = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return pid


def test_pages_that_fail_are_rows_of_errors_and_the_rest_goes_on(spark, embalm, made, tmp_path):
    with open(made[0], encoding="utf-8") as file:
        good = [json.loads(line) for line in file][:30]
    bad = [{"url": "https://bad.example/", "html": POISON}, {"url": "https://none.example/", "html": None}]
    given = [(f"row {n}", one["url"], one["html"]) for n, one in enumerate([*good[:9], bad[0], *good[9:], bad[1]])]
    frame = spark.createDataFrame(given, "id string, url string, html string").coalesce(1)
    found = detect.detect(frame, wrapped(embalm, tmp_path, DIES_OF_POISON), id_column="id")
    detect.write(found, str(tmp_path / "out"))
    errors = {row.page: (row.article, row.error, row.partial) for row in spark.read.parquet(str(tmp_path / "out" / "errors")).collect()}
    assert sorted(errors) == ["row 31", "row 9"]
    assert errors["row 9"][0] == "https://bad.example/" and "ended 2 times" in errors["row 9"][1]
    assert "needs `html`" in errors["row 31"][1]
    written = spark.read.parquet(str(tmp_path / "out" / "embeds"))
    pages = tmp_path / "good.jsonl"
    pages.write_text("".join(json.dumps(one) + "\n" for one in good))
    order = {name: n for n, (name, *_) in enumerate(given)}
    ordered = sorted(written.collect(), key=lambda row: (order[row.page], row.position))
    assert [as_printed(row) for row in ordered] == by_one_process(embalm, [str(pages)])


def test_recordings_parquet_and_packed_lines_give_what_one_process_finds_in_them(spark, embalm, fixtures, made, tmp_path):
    import gzip

    with open(made[0], "rb") as file:
        lines = file.readlines()[:200]
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[:100])) + gzip.compress(b"".join(lines[100:])))
    table = pyarrow.Table.from_pylist([json.loads(line) for line in lines])
    pyarrow.parquet.write_table(table, tmp_path / "c.parquet", row_group_size=30)
    (tmp_path / "a.warc.gz").write_bytes(open(f"{fixtures}/demo.warc.gz", "rb").read())
    found = detect.detect_files(spark, [str(tmp_path)], embalm, split_bytes=10_000)
    packed = by_one_process(embalm, [str(tmp_path / "b.jsonl.gz")])
    assert rows(detect.embeds(found)) == by_one_process(embalm, [str(tmp_path / "a.warc.gz")]) + packed + packed


def test_a_missing_binary_fails_the_job_at_once(spark, made):
    with pytest.raises(binary.BinaryError, match="--binary names /nowhere/embalm, which is no program on"):
        detect.detect_files(spark, made, "/nowhere/embalm")
    with pytest.raises(binary.BinaryError, match="no such file or folder"):
        detect.detect_files(spark, ["/nowhere/pages.jsonl"], None)


def test_who_takes_some_rows_leaves_no_process_behind(spark, embalm, made):
    frame = spark.read.json(made).repartition(2)
    assert len(detect.embeds(detect.detect(frame, embalm)).take(3)) == 3
    end = time.monotonic() + 20
    while processes(embalm) and time.monotonic() < end:
        threading.Event().wait(0.1)
    assert not processes(embalm)


def processes(path):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[:2] == [path.encode(), b"detect"] and b"--pages" in words:
            found.append(pid)
    return found


def test_the_schema_has_every_field_that_the_binary_prints(expected):
    assert {name for record in expected for name in record} == set(schema.EMBED.names) - {"page"}
    assert {name for record in expected for name in record["quoted"]} <= set(schema.QUOTED.names)
    assert {record["schema"] for record in expected} == {binary.RECORD_SCHEMA}
