"""Shards of a crawl, put together: as one archive, and as the tables that this archive would export."""

import collections
import json
import os
import pathlib
import resource
import subprocess
import sys

import duckdb
import pyarrow.compute
import pyarrow.parquet
import pytest

from embalm_spark import binary, collect, schema, session, unite

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "contrib" / "spark"))
import sample  # noqa: E402

RECORDING = ROOT / "fixtures" / "demo.warc.gz"
ARTICLES = ROOT / "fixtures" / "articles"

os.environ.setdefault("EMBALM_BIN", str(ROOT / "target" / "debug" / "embalm"))

#: What each shard read: articles are in two of them and more.
PARTS = (
    ("council-vote.html", "harbour-festival.html"),
    ("harbour-festival.html", "night-trains.md"),
    ("closing-ceremony.txt", "night-trains.md", "council-vote.html"),
)

#: Pages that detect searched and no shard has archived: with the words of these, each under an address of its own.
CRAWL = "https://crawled.example/"
CRAWLED = ("council-vote.html", "closing-ceremony.txt")

#: What one of the shards keeps from readers.
REDACTED = "mastodon:shore.example/113652557749490039"

#: A name of a post that one shard knows no other of.
SHORT_LINK = "twitter:pic.twitter.com/6mNdRk2LqZ"

#: Numbers of rows, which are those of one archive; tables of shards have keys in their place.
NUMBERS = {"id", "article", "version", "run", "snapshot", "reparse_of"}

PEAK_BYTES = 300_000_000


def embalm(*words):
    environment = {**os.environ, "EMBALM_CONFIG": os.devnull}
    done = subprocess.run([binary.find(), *map(str, words)], cwd=ARTICLES, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    for number, part in enumerate(PARTS):
        embalm("add", "--archive", folder / f"{number}.db", "--replay", RECORDING, *part)
    # One that reached no platform, and knows by its short link alone a post that another one has followed it to; and one
    # that keeps from readers what others have.
    nothing = folder / "nothing.warc.gz"
    nothing.write_bytes(sample.record(0, "page.html", b"<p>Nothing of it."))
    last = folder / f"{len(PARTS)}.db"
    embalm("add", "--archive", last, "--replay", nothing, "closing-ceremony.txt", "night-trains.md")
    embalm("redact", "--archive", last, REDACTED, "--reason", "asked by its author")
    return folder


@pytest.fixture(scope="module")
def engine(spark):
    """The cluster, told that there is little data: nothing is compiled for it."""
    session.ship(spark)
    settings = {"spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false", "spark.sql.session.timeZone": "UTC"}
    before = {name: spark.conf.get(name) for name in settings}
    for name, value in settings.items():
        spark.conf.set(name, value)
    yield spark
    for name, value in before.items():
        spark.conf.set(name, value)


@pytest.fixture(scope="module")
def merged(shards, tmp_path_factory):
    """The shards as one archive, and its tables."""
    folder = tmp_path_factory.mktemp("merged")
    records = list(collect.merge(sorted(map(str, shards.glob("*.db"))), str(folder / "all.db")))
    assert [record["known"] for record in records] == [False] * (len(PARTS) + 1)
    embalm("export", "parquet", "--archive", folder / "all.db", "--out", folder / "tables")
    return folder


@pytest.fixture(scope="module")
def united(engine, shards, tmp_path_factory):
    """The shards as tables."""
    out = tmp_path_factory.mktemp("united") / "tables"
    pages = out.parent / "pages.jsonl"
    with open(pages, "w", encoding="utf-8") as lines:
        for name in CRAWLED:
            kind = "html" if name.endswith(".html") else "text"
            lines.write(json.dumps({"url": f"{CRAWL}{name}", kind: (ARTICLES / name).read_text()}) + "\n")
    found = [{**json.loads(line), "page": "pages.jsonl#1"} for line in embalm("detect", "--json", pages).splitlines()]
    # One that a shard has archived under this name speaks for itself.
    found.append({**found[0], "article": PARTS[0][0]})
    engine.createDataFrame(found, schema.EMBED).write.partitionBy("platform").parquet(str(out.parent / "embeds"))
    records = list(collect.tables(
        engine, sorted(map(str, shards.glob("*.db"))), str(out), binary.find(), parts=2, embeds=[str(out.parent / "embeds")]))
    assert [record["table"] for record in records] == list(unite.TABLES)
    assert not (out.parent / "tables.work").exists(), "nothing is left behind"
    return out


def rows(table):
    """The rows of a table less numbers, as text, in any order."""
    columns = sorted(set(table.column_names) - NUMBERS - {"shard"})
    plain = table.select(columns).to_pylist()
    for row in plain:
        # Articles of a post stand in the order of their numbers.
        if "articles" in row:
            row["articles"] = sorted(name for name in row["articles"] if not name.startswith(CRAWL))
    return columns, collections.Counter(json.dumps(row, default=str, sort_keys=True) for row in plain)


def read(folder):
    table = pyarrow.parquet.read_table(folder, partitioning="hive")
    places = [place for place, name in enumerate(table.column_names) if name == "platform"]
    return table.set_column(places[0], "platform", table["platform"].cast("string")) if places else table


def archived(table):
    """Less what is told of pages that were searched alone."""
    if "first_seen_at" not in table.column_names:
        return table
    return table.filter(pyarrow.compute.field("first_seen_at").is_null()).drop_columns("first_seen_at")


@pytest.mark.parametrize("name", unite.TABLES)
def test_the_tables_of_shards_are_those_of_the_merged_archive(name, merged, united):
    theirs = pyarrow.parquet.read_table(merged / "tables" / f"{name}.parquet")
    ours = archived(read(united / name))
    assert theirs.num_rows > 0
    if name == "runs":
        # What came in with others is redacted by a run of the merge itself.
        merging = [digest for digest in theirs["digest"].to_pylist() if digest not in ours["digest"].to_pylist()]
        assert len(merging) == 1
        theirs = theirs.filter(pyarrow.compute.field("digest") != merging[0])
    assert rows(ours) == rows(theirs)


def test_a_short_link_that_one_shard_followed_is_that_post_and_what_one_redacted_is_left_out(shards, united):
    posts = set(read(united / "posts").column("key").to_pylist())
    known = [json.loads(line)["key"] for line in embalm("list", "posts", "--archive", shards / f"{len(PARTS)}.db", "--json").splitlines()]
    assert SHORT_LINK in known and SHORT_LINK not in posts
    assert any(REDACTED in embalm("list", "posts", "--archive", path, "--json") for path in shards.glob("*.db"))
    assert REDACTED not in posts
    for name in ("embeds", "snapshots", "media_files", "looks"):
        assert set(read(united / name).column("post").to_pylist()) <= posts, name


def test_keys_of_shards_join_as_numbers_of_the_merged_archive_do(merged, united):
    for one, column, other, key in (
        ("embeds", "version", "article_versions", "id"),
        ("embeds", "article", "articles", "id"),
        ("snapshots", "run", "runs", "run"),
        ("media_files", "snapshot", "snapshots", "id"),
        ("looks", "snapshot", "snapshots", "id"),
    ):
        for folder in (united, merged / "tables"):
            def column_of(table, name):
                place = folder / table if folder == united else folder / f"{table}.parquet"
                return [value for value in read(place).column(name).to_pylist() if value is not None]

            known = column_of(other, key)
            assert len(set(known)) == len(known), f"{other}.{key} tells its rows apart"
            assert set(column_of(one, column)) <= set(known), f"every {one}.{column} is in {other}"


def test_pages_that_were_searched_alone_are_articles_whose_embeds_have_the_keys_of_captured_posts(united):
    articles = {row["name"]: row for row in read(united / "articles").to_pylist()}
    posts = {row["key"]: row for row in read(united / "posts").to_pylist()}
    embeds = read(united / "embeds").to_pylist()
    for name in CRAWLED:
        page = articles[CRAWL + name]
        assert page["first_seen_at"] and page["versions"] == 0 and page["captured_at"] is None, page
        own = [embed for embed in embeds if embed["article"] == page["id"]]
        same = [embed for embed in embeds if embed["article"] == name and embed["newest"]]
        # Also short links, which lead to what a shard found, and words without an address.
        assert {embed["post"] for embed in own} == {embed["post"] for embed in same} == set(page["posts"])
        assert page["embeds"] == len(page["posts"]) > 0
        for embed in own:
            assert CRAWL + name in posts[embed["post"]]["articles"]
            assert embed["state"] == posts[embed["post"]]["state"] and embed["first_seen_at"]
    assert [row["first_seen_at"] for row in articles.values() if row["name"] == PARTS[0][0]] == [None]
    assert not any(embed["first_seen_at"] for embed in embeds if embed["article"] == PARTS[0][0])


def test_the_shard_of_a_file_has_its_bytes(united):
    files = read(united / "media_files").to_pylist()
    assert any(file["sha256"] for file in files)
    for shard, digest in {(file["shard"], file["sha256"]) for file in files if file["sha256"]}:
        assert digest in embalm("list", "media", "--archive", shard, "--json", "--limit", 1000)


def counts(table, state, where):
    return f"SELECT platform, {state} AS state, {{month}} AS month, count(*) AS posts FROM {table} {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"


@pytest.mark.parametrize(("name", "state"), [("posts", "state"), ("snapshots", "outcome"), ("embeds", "state")])
def test_duckdb_and_spark_agree_on_counts_by_platform_state_and_month(name, state, engine, merged, united):
    embalm("export", "parquet", "--partition", "platform", "--archive", merged / "all.db", "--out", merged / "parts", "--table", name)
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    found = []
    for place in (merged / "tables" / f"{name}.parquet", merged / "parts" / name, united / name):
        files = f"read_parquet('{place}/*/*.parquet', hive_partitioning = true)" if place.is_dir() else f"'{place}'"
        where = "WHERE first_seen_at IS NULL" if place == united / "embeds" else ""
        found.append(duck.execute(counts(files, state, where).format(month="strftime(captured_at, '%Y-%m')")).fetchall())
        engine.read.parquet(str(place)).createOrReplaceTempView("counted")
        found.append([tuple(row) for row in engine.sql(counts("counted", state, where).format(month="date_format(captured_at, 'yyyy-MM')")).collect()])
    assert found[0] and all(one == found[0] for one in found), found


def test_spark_leaves_out_what_cannot_fit(engine, merged, united):
    for place in (united / "posts", merged / "pruned" / "posts"):
        if place != united / "posts":
            embalm("export", "parquet", "--partition", "platform", "--archive", merged / "all.db", "--out", place.parent)
        frame = engine.read.parquet(str(place)).where("platform = 'bluesky' AND captured_at >= timestamp '2026-01-01 00:00:00'")
        plan = frame._jdf.queryExecution().explainString(engine._jvm.org.apache.spark.sql.execution.ExplainMode.fromString("formatted"))
        assert "PartitionFilters: [isnotnull(platform" in plan, plan
        assert "GreaterThanOrEqual(captured_at" in plan, plan
        assert frame.count() > 0
    # By the statistics of a group its months are known, in both.
    for file in [*(united / "posts").rglob("*.parquet"), *(merged / "pruned" / "posts").rglob("*.parquet")]:
        metadata = pyarrow.parquet.ParquetFile(file).metadata
        for group in range(metadata.num_row_groups):
            by_name = {metadata.row_group(group).column(place).path_in_schema: metadata.row_group(group).column(place)
                       for place in range(metadata.num_columns)}
            assert by_name["captured_at"].statistics.has_min_max and by_name["captured_at"].has_column_index, file


def test_eight_shards_in_two_orders_are_equal_archives_in_little_memory(tmp_path):
    parts = sorted(path.name for path in ARTICLES.iterdir())
    shards = []
    for number in range(8):
        shards.append(str(tmp_path / f"{number}.db"))
        # Each has an article of its own place in the round, and the next one's.
        chosen = {parts[number % len(parts)], parts[(number + 1) % len(parts)]}
        embalm("add", "--archive", shards[-1], "--replay", RECORDING, *sorted(chosen))
    orders = (shards, [shards[place] for place in (5, 2, 7, 0, 3, 6, 1, 4)])
    said = []
    for number, order in enumerate(orders):
        archive = tmp_path / f"all-{number}.db"
        for _ in range(2):
            records = list(collect.merge(order, str(archive)))
        assert all(record["known"] for record in records), "once more changes nothing"
        embalm("verify", "--archive", archive)
        embalm("export", "parquet", "--archive", archive, "--out", tmp_path / f"tables-{number}")
        said.append({name: rows(read(tmp_path / f"tables-{number}" / f"{name}.parquet")) for name in unite.TABLES})
    assert said[0] == said[1]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert peak < PEAK_BYTES, f"{peak} bytes"


def test_a_shard_that_is_no_archive_is_named_and_nothing_is_written(engine, shards, tmp_path):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no archive" * 1000)
    both = [str(shards / "0.db"), str(broken)]
    with pytest.raises(collect.CollectError, match="broken.db"):
        list(collect.tables(engine, both, str(tmp_path / "tables"), binary.find()))
    assert not (tmp_path / "tables").exists() and not (tmp_path / "tables.work").exists()
    with pytest.raises(collect.CollectError, match="broken.db"):
        list(collect.merge(both, str(tmp_path / "all.db")))
    assert list(collect.merge(both[:1], str(tmp_path / "all.db")))[0]["known"], "the one before it is there"
