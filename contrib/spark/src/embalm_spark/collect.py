"""Puts the shards of a crawl together: into one archive, or into Parquet tables where that would be too large a file.

--archive merges with `embalm merge`, on the machine that runs this command: shards are fetched one at a time, so that
the disk holds the archive and one shard, and memory does not grow with them. What is merged already is known at once, so the
same command goes on after an interruption, and adds shards that came later.

--tables has every shard exported by `embalm export parquet` in a task of its own, and unites the rows in Spark as
a merge would: a post, an article, a snapshot that several shards have stands there once, the newest good capture decides a
post's state. Numbers of rows become keys that are equal everywhere. Tables of posts are parted by platform, rows stand in
the order of time, and files have statistics by which a query leaves out what can't fit. Pictures and films stay in the
shards: media_files.shard says in which.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit

from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from embalm_spark import binary, files, session, unite
from embalm_spark.hosts import host_of
from embalm_spark.schema import EMBED

#: What a shard's name ends in.
SUFFIX = ".db"

#: Bytes of a row group; Spark and DuckDB read groups side by side, and leave them out by their statistics.
GROUP_BYTES = 64 << 20

#: Bytes of shards for which one more part is made of each table: a part is one task's work, and one file a platform.
PART_BYTES = 1 << 30

_REDACTIONS = "what STRING, target STRING"

EXAMPLES = """
examples:
  embalm-spark collect --archive all.db shards
  embalm-spark collect --tables s3://bucket/tables --embeds s3://bucket/found/embeds s3://bucket/captured/shards
  embalm-spark collect --tables tables --parts 400 --work hdfs://name/tmp/collect shards
"""


class CollectError(Exception):
    """A shard could not be taken: it is damaged, of a newer version, or a run holds it."""


def arguments(parser):
    """Adds the flags of this job."""
    parser.epilog = EXAMPLES + "\nexit codes:\n  0  done\n  2  wrong usage\n  3  a shard is damaged; nothing of it was taken\n"
    into = parser.add_mutually_exclusive_group(required=True)
    into.add_argument("--archive", metavar="FILE", help="one archive, made or added to; a path of this machine")
    into.add_argument("--tables", metavar="FOLDER", help="Parquet tables, on any file system; replaced where they are there")
    parser.add_argument("--work", metavar="FOLDER", help="where tasks leave the shards' tables meanwhile; every machine reaches it "
                        "[default: FOLDER.work]")
    parser.add_argument("--parts", type=int, metavar="N", help="tasks and files of each table [default: one for every GiB of shards]")
    parser.add_argument("--embeds", metavar="FOLDER", action="append", default=[], help="detect's records (OUT/embeds): the pages that they are of "
                        "and the embeds stand in the tables too, each with the key of its post; repeatable")
    parser.add_argument("shards", nargs="+", metavar="SHARD", help=f"archives, or folders of them (*{SUFFIX}), on any file system")


def main(args):
    """Runs the job; its exit code."""
    try:
        shards = files.expand(args.shards, SUFFIX)
        if not shards:
            raise FileNotFoundError(f"no *{SUFFIX} below {', '.join(args.shards)}")
        if args.archive:
            for record in merge(shards, args.archive, args.binary):
                print(json.dumps(record))
            return binary.DONE
        spark = session.start("collect", args, SETTINGS)
        for record in tables(spark, shards, args.tables, args.binary, args.work, args.parts, args.embeds):
            print(json.dumps(record))
        return binary.DONE
    except FileNotFoundError as error:
        print(f"embalm-spark: {error}", file=sys.stderr)
        return binary.USAGE
    except CollectError as error:
        print(f"embalm-spark: {error}", file=sys.stderr)
        return binary.LOOK


def merge(shards, archive, given=None):
    """Merges shards into one archive of this machine, one at a time; yields the record of ``embalm merge`` for each.

    Raises ``CollectError`` for a shard that is refused; those before it are merged, and the same call goes on with it.
    """
    program = binary.find(given)
    for shard in shards:
        with tempfile.TemporaryDirectory(prefix="embalm-collect-", dir=os.path.dirname(os.path.abspath(archive))) as folder:
            local = shard
            if not files.is_local(shard):
                local = os.path.join(folder, os.path.basename(shard))
                files.fetch(shard, local)
            done = _embalm(program, folder, "merge", "--json", "--archive", os.path.abspath(archive), files.resolve(local)[1])
        if done.returncode != binary.DONE:
            raise CollectError(f"{shard}: embalm merge ended with {done.returncode}: {_last(done.stderr)}")
        yield {**json.loads(done.stdout.splitlines()[-1]), "file": shard}


#: What the job asks of Spark where the user says nothing else.
SETTINGS = {
    # Instants are UTC, and written as Parquet's own; not as the 96 bits of older readers.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
}


def tables(spark, shards, out, given=None, work=None, parts=None, embeds=()):
    """Unites shards into the tables of :data:`embalm_spark.unite.TABLES`, a folder of Parquet each below ``out``; yields
    a record for each: table, rows, path. ``embeds`` are folders of detect's records: pages that no shard has archived are
    articles too, without versions, and their embeds have the keys of their posts.

    Raises ``CollectError`` where a shard is damaged; nothing is written then.
    """
    if int(spark.version.split(".")[0]) < 4:
        raise CollectError(f"tables want Spark 4.0 or later, and this is {spark.version}; --archive does without")
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    work = work or out.rstrip("/") + ".work"
    try:
        exported = export(spark, shards, work, given)
        for name, frame in _raw(spark, exported).items():
            frame.createOrReplaceTempView(f"raw_{name}")
        _crawled(spark, embeds).createOrReplaceTempView("crawled")
        united = unite.unite(spark, f"{work.rstrip('/')}/united", crawled=bool(embeds))
        count = parts or max(1, sum(size for *_, size in exported) // PART_BYTES)
        for name, (time, parted) in unite.TABLES.items():
            path = f"{out.rstrip('/')}/{name}"
            write(united[name], path, time, parted, count)
            yield {"table": name, "rows": spark.read.parquet(path).count(), "path": path}
    finally:
        files.remove(work)


def write(frame, path, time, parted, parts):
    """Writes a table in the order of time, so that a row group's statistics tell its months; parted by platform."""
    by = ["platform", time] if parted else [time]
    frame = frame.repartitionByRange(parts, *by).sortWithinPartitions(*by, frame.columns[0])
    writer = frame.write.mode("overwrite").option("parquet.block.size", GROUP_BYTES)
    (writer.partitionBy("platform") if parted else writer).parquet(path)


def export(spark, shards, work, given=None):
    """Has every shard exported, each in a task: (address, folder of its tables, redactions, bytes) of each.

    A task that is retried, or run twice, writes into a folder of its own; the one whose answer came counts.
    """
    found = spark.sparkContext.parallelize(shards, len(shards)).map(lambda shard: _export(shard, work, given)).collect()
    damaged = [f"{shard}: {reason}" for shard, reason, *_ in found if reason]
    if damaged:
        raise CollectError("; ".join(damaged))
    return [(shard, folder, redactions, size) for shard, _, folder, redactions, size in found]


def _export(shard, work, given):
    """In a task: fetches a shard, exports its tables, leaves them where every machine reaches them."""
    program = binary.find(given)
    with tempfile.TemporaryDirectory(prefix="embalm-collect-") as folder:
        local = os.path.join(folder, "shard.db")
        # A copy, also of one that lies here: an export must not find a run writing to it.
        files.fetch(shard, local)
        size = os.path.getsize(local)
        made = os.path.join(folder, "tables")
        done = _embalm(program, folder, "export", "parquet", "--archive", local, "--out", made)
        redacted = _embalm(program, folder, "redact", "--list", "--json", "--archive", local)
        for ended in (done, redacted):
            if ended.returncode != binary.DONE:
                reason = f"embalm ended with {ended.returncode}: {_last(ended.stderr)}"
                if ended.returncode in (binary.USAGE, binary.LOOK):
                    return shard, reason, None, None, None
                raise RuntimeError(f"{shard}: {reason}")
        redactions = [json.loads(line) for line in redacted.stdout.splitlines()]
        to = f"{work.rstrip('/')}/{hashlib.sha256(shard.encode()).hexdigest()[:16]}-{os.path.basename(folder)[-8:]}"
        for name in unite.TABLES:
            files.put(os.path.join(made, f"{name}.parquet"), f"{to}/{name}.parquet")
        return shard, None, to, [(one["what"], one["target"]) for one in redactions], size


def _raw(spark, exported):
    """The tables of all shards, each with the address of the shard that a row is of."""
    names = spark.createDataFrame([(os.path.basename(to), shard) for shard, to, *_ in exported], "folder STRING, shard STRING")
    raw = {}
    for name in unite.TABLES:
        # One binary wrote them all, so that the first tells the columns.
        rows = spark.read.parquet(*(f"{to}/{name}.parquet" for _, to, *_ in exported))
        rows = rows.withColumn("folder", F.element_at(F.split(F.col("_metadata.file_path"), "/"), -2))
        raw[name] = rows.join(F.broadcast(names), "folder").drop("folder")
    redactions = [pair for *_, pairs, _ in exported for pair in pairs]
    raw["redactions"] = spark.createDataFrame(redactions, _REDACTIONS)
    return raw


def _crawled(spark, folders):
    """Detect's records, each with the name of its post, the host of its page, and when detect wrote it."""
    name, site = F.udf(name_of, StringType(), useArrow=False), F.udf(host_of, StringType(), useArrow=False)
    if not folders:
        rows = spark.createDataFrame([], EMBED).withColumn("seen_at", F.lit(None).cast("timestamp"))
    else:
        rows = spark.read.schema(EMBED).parquet(*folders).withColumn("seen_at", F.col("_metadata.file_modification_time"))
    rows = rows.withColumn("name", name("platform", "post_id", "url", "quoted.author_handle", "quoted.published", "quoted.text"))
    return rows.withColumn("site", site("article")).where("name IS NOT NULL")


def name_of(platform, post_id, url, handle, published, text):
    """The key of the post that a record stands for, as an archive names it: its own, or a provisional one by its short link or by
    what is quoted of it."""
    if platform is None:
        return None
    if post_id is not None:
        return f"{platform}:{post_id}"
    if url is not None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return f"{platform}:{host.removeprefix('www.')}{parts.path.rstrip('/')}"
    words = json.dumps([handle, published, text], ensure_ascii=False, separators=(",", ":"))
    return f"{platform}:quoted/{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _embalm(program, folder, *words):
    """Runs the binary; nothing of the machine's configuration counts."""
    environment = {**os.environ, "EMBALM_CONFIG": os.devnull, "TMPDIR": folder}
    return subprocess.run([program, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def _last(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
