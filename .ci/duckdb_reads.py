"""Reads a fresh export in DuckDB, pyarrow and pandas, and ends with an error where it says something else than the archive."""

import datetime
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

import duckdb
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

embalm, work = sys.argv[1], pathlib.Path(sys.argv[2])
work.mkdir()
archive, tables, parts = work / "archive.db", work / "tables", work / "parts"
environment = {"PATH": os.environ["PATH"], "HOME": str(work), "EMBALM_ARCHIVE": str(archive)}


def run(*arguments):
    done = subprocess.run([embalm, *map(str, arguments)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


run("run", "--quiet", "--config", "config.toml", "--replay", "fixtures/demo.warc.gz")
run("export", "parquet", "--out", tables)
run("export", "parquet", "--partition", "platform", "--out", parts)
run("export", "csv", "--out", work / "csv")
run("export", "jsonl", "--out", work / "jsonl")
sql, duck = sqlite3.connect(f"file:{archive}?mode=ro", uri=True), duckdb.connect()
duck.execute("SET TimeZone = 'UTC'")
names = sorted(path.stem for path in tables.glob("*.parquet"))
assert len(names) == 9, names


def same(title, ours, theirs):
    ours, theirs = duck.execute(ours).fetchall(), sql.execute(theirs).fetchall()
    assert ours and ours == theirs, f"{title}\n{ours}\n{theirs}"


# Rows and groups of rows, against the archive.
for name in names:
    same(name, f"SELECT count(*) FROM '{tables}/{name}.parquet'", f"SELECT count(*) FROM {name}")
same(
    "posts by platform, state and month",
    f"SELECT platform, state, strftime(captured_at, '%Y-%m') AS month, count(*) FROM '{tables}/posts.parquet' GROUP BY ALL ORDER BY ALL",
    "SELECT platform, state, substr(captured_at, 1, 7), count(*) FROM posts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
)
same(
    "snapshots by platform, outcome and instant",
    f"SELECT platform, outcome, epoch_ms(captured_at), count(*) FROM '{tables}/snapshots.parquet' GROUP BY ALL ORDER BY ALL",
    "SELECT p.platform, s.outcome, CAST(round((julianday(s.captured_at) - 2440587.5) * 86400000) AS INTEGER), count(*) "
    "FROM snapshots s JOIN posts p ON p.id = s.post GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
)
same(
    "likes, in a map",
    f"SELECT key, counts['likes'] FROM '{tables}/posts.parquet' WHERE counts['likes'] IS NOT NULL ORDER BY key",
    "SELECT key, json_extract(counts, '$.likes') FROM latest_posts WHERE json_extract(counts, '$.likes') IS NOT NULL ORDER BY key",
)
same(
    "files, in a list of structs",
    f"SELECT key, f.sha256, f.size_bytes FROM (SELECT key, unnest(media) AS f FROM '{tables}/posts.parquet') ORDER BY ALL NULLS FIRST",
    "SELECT key, sha256, size_bytes FROM media_files WHERE shown AND part IN ('media', 'avatar') ORDER BY 1, 2, 3",
)
same(
    "joined by keys",
    f"SELECT p.key, count(*) FROM '{tables}/embeds.parquet' e JOIN '{tables}/posts.parquet' p ON p.key = e.post GROUP BY 1 ORDER BY 1",
    "SELECT p.key, count(*) FROM embeds e JOIN posts p ON p.id = e.post GROUP BY 1 ORDER BY 1",
)

# Parted by platform: as many rows, found by the names of folders, and only those of the platform are opened.
glob = f"read_parquet('{parts}/posts/*/*.parquet', hive_partitioning = true)"
same("parts", f"SELECT platform, count(*) FROM {glob} GROUP BY 1 ORDER BY 1", "SELECT platform, count(*) FROM posts GROUP BY 1 ORDER BY 1")
parted = pyarrow.dataset.dataset(parts / "posts", format="parquet", partitioning="hive")
assert parted.count_rows(filter=pyarrow.dataset.field("platform") == "mastodon") == sql.execute(
    "SELECT count(*) FROM posts WHERE platform = 'mastodon'"
).fetchone()[0]
opened = [fragment.path for fragment in parted.get_fragments(filter=pyarrow.dataset.field("platform") == "mastodon")]
assert len(opened) == 1 and "platform=mastodon" in opened[0], opened

# Types, statistics, order.
for name in names:
    file = pyarrow.parquet.ParquetFile(tables / f"{name}.parquet")
    said = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    assert said["embalm.table"] == name and said["embalm.tables_version"] == "1", said
    assert int(said["embalm.schema_version"]) == sql.execute("PRAGMA user_version").fetchone()[0]
    time = said["embalm.sorted_by"]
    assert file.schema_arrow.field(time).type == pyarrow.timestamp("us", tz="UTC"), file.schema_arrow.field(time)
    times = file.read(columns=[time]).column(0).to_pylist()
    assert times == sorted(times, key=lambda at: at or datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)), name
    for group in range(file.metadata.num_row_groups):
        columns = [file.metadata.row_group(group).column(column) for column in range(file.metadata.num_columns)]
        assert all(column.compression == "ZSTD" and column.is_stats_set for column in columns), name
        by_time = next(column for column in columns if column.path_in_schema == time)
        assert by_time.has_column_index and by_time.has_offset_index, name
        held = [at for at in times if at is not None]
        assert by_time.statistics.has_min_max and (by_time.statistics.min, by_time.statistics.max) == (held[0], held[-1]), name
fragment = next(pyarrow.dataset.dataset(tables / "posts.parquet").get_fragments())
for year, groups in [(2000, 1), (2100, 0)]:
    since = pyarrow.dataset.field("captured_at") > datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)
    assert len(fragment.split_by_row_group(filter=since)) == groups, f"by their statistics, {groups} groups are read since {year}"

# pandas, and all three forms say the same.
posts = pandas.read_parquet(tables / "posts.parquet")
assert str(posts.dtypes["captured_at"]) == "datetime64[us, UTC]", posts.dtypes["captured_at"]
assert str(posts.dtypes["snapshots"]) == "int64" and str(posts.dtypes["login"]) == "bool", posts.dtypes
assert posts.groupby("platform").size().to_dict() == dict(sql.execute("SELECT platform, count(*) FROM posts GROUP BY 1"))
lines = [json.loads(line) for line in (work / "jsonl" / "posts.jsonl").read_text().splitlines()]
assert [line["key"] for line in lines] == posts["key"].tolist()
assert [line["counts"] for line in lines] == [dict(sorted(counts)) for counts in posts["counts"]]
for name in names:
    cells = pandas.read_csv(work / "csv" / f"{name}.csv", dtype=str, keep_default_na=False)
    columns = [column[0] for column in duck.execute(f"DESCRIBE SELECT * FROM '{tables}/{name}.parquet'").fetchall()]
    rows = duck.execute(f"SELECT count(*) FROM '{tables}/{name}.parquet'").fetchone()[0]
    assert cells.shape == (rows, len(columns)) and list(cells.columns) == columns, name
same_csv = duck.execute(f"SELECT count(*), count(DISTINCT key) FROM read_csv('{work}/csv/posts.csv', strict_mode = true)").fetchone()
assert same_csv == (len(posts), len(posts)), same_csv
print(f"duckdb {duckdb.__version__}, pyarrow {pyarrow.__version__}, pandas {pandas.__version__}: {len(names)} tables say what the archive says")
