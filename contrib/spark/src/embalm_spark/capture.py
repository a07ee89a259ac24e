"""Captures the distinct posts of detect's records, politely, into shards on a shared path.

A host is visited by one task at a time, over the whole cluster:
  - posts are put together by the hosts that they are captured from: a platform's own together, all else by host;
  - each task's binary is told its hosts and asks no other (embalm add --only-host); what leads elsewhere (a file on another
    host, a quoted post, a web archive) is put off;
  - further rounds do that: shards that want a host in common are then one task, one after the other.
A shard is one archive, OUT/shards/NAME.db. It is saved as it grows; a task that is tried again, or the same command run again,
goes on where it stands, and nothing is captured twice.
"""

import itertools
import json
import sys

from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType, IntegerType, LongType, MapType, StringType, StructField, StructType,
)

from embalm_spark import binary
from embalm_spark.hosts import fence_of, shard_of, together
from embalm_spark.shard import Shard, read_json, write_json

#: One shard in one round: a row of OUT/rounds.
SHARD = StructType([
    StructField("round", IntegerType(), nullable=False),
    StructField("shard", StringType(), nullable=False),
    # The hosts that it was allowed to ask, with their subdomains.
    StructField("hosts", ArrayType(StringType()), nullable=False),
    # Distinct posts given to the binary in this round.
    StructField("asked", LongType(), nullable=False),
    # Posts in the shard by state, as `embalm list posts` has it; and of these:
    StructField("states", MapType(StringType(), LongType()), nullable=False),
    StructField("captured", LongType(), nullable=False),
    StructField("gone", LongType(), nullable=False),
    StructField("deferred", LongType(), nullable=False),
    # Posts and files that could not be had, by the reason that `embalm list failures` gives.
    StructField("failures", MapType(StringType(), LongType()), nullable=False),
    # Posts of which something is left to the next round, and the hosts that it is at.
    StructField("put_off", LongType(), nullable=False),
    StructField("hosts_left", ArrayType(StringType()), nullable=False),
    StructField("requests", LongType(), nullable=False),
    # Which budget ended it; none where it came to its end.
    StructField("stopped", StringType()),
    # The binary's exit code, negative for a signal; none where there was nothing to ask.
    StructField("exit", IntegerType()),
    StructField("words", StringType()),
    StructField("tries", IntegerType(), nullable=False),
    StructField("path", StringType()),
    StructField("sha256", StringType()),
    StructField("bytes", LongType()),
    StructField("elapsed_ms", LongType(), nullable=False),
])

#: What :func:`capture` takes beside the posts, with defaults.
OPTIONS = {
    "binary": None, "config": None, "ca_file": None, "resolve": (), "allow_host": (), "budget": None, "max_bytes": None,
    "max_requests": None, "checkpoint_s": 300.0, "lease_s": 60.0, "pause_s": 5.0, "scratch": None,
}

EXAMPLES = """\
examples:
  embalm-spark capture --out captured found/embeds
  embalm-spark capture --out s3://bucket/captured --budget 6h --config embalm.toml s3://bucket/found/embeds
  embalm-spark collect --archive all.db captured/shards

The same command run again goes on where the shards stand.
"""


def arguments(parser):
    """Adds the flags of this job."""
    parser.epilog = EXAMPLES
    parser.add_argument("--out", required=True, metavar="FOLDER", help="where shards/ and rounds/ stand; every machine reaches it")
    parser.add_argument("--budget", metavar="TIME", help="each shard stops after this long in a round, with the work saved (6h)")
    parser.add_argument("--max-bytes", metavar="SIZE", help="each shard stops after this much was downloaded in a round (20GB)")
    parser.add_argument("--max-requests", metavar="N", type=int, help="each shard stops after this many requests in a round")
    parser.add_argument("--config", metavar="FILE", help="an embalm config.toml of this machine, given to every task: rates, media, memento")
    parser.add_argument("--buckets", metavar="N", type=int, default=256, help="shards for hosts that are no platform's own; fixed for a folder [default: 256]")
    parser.add_argument("--rounds", metavar="N", type=int, default=6, help="rounds at the most [default: 6]")
    parser.add_argument("--checkpoint", metavar="S", type=float, default=300.0, help="seconds between two savings of a shard [default: 300]")
    parser.add_argument("--lease", metavar="S", type=float, default=60.0, help="seconds after which a lost task's shard is free [default: 60]")
    parser.add_argument("--pause", metavar="S", type=float, default=5.0,
                        help="seconds between two runs of the binary that may ask the same host: at least the longest pause configured [default: 5]")
    parser.add_argument("--scratch", metavar="FOLDER", help="for shards in work, on each machine [default: the system's temporary folder]")
    parser.add_argument("--resolve", metavar="HOST:PORT:ADDRESS:PORT", action="append", default=[], help="as embalm add has it; repeatable")
    parser.add_argument("--allow-host", metavar="HOST", action="append", default=[], help="as embalm add has it; repeatable")
    parser.add_argument("--ca-file", metavar="PEM", help="as embalm add has it; a file of this machine")
    parser.add_argument("embeds", nargs="+", metavar="EMBEDS", help="folders or files of detect's records (Parquet)")


def main(args):
    """Runs the job; 3 where a shard needs a person, 4 where budgets or rounds left something for the next run."""
    from embalm_spark import session

    spark = session.start("capture", args, {"spark.speculation": "false"})
    try:
        posts = spark.read.parquet(*args.embeds)
        options = {name: getattr(args, name) for name in ("binary", "resolve", "allow_host", "budget", "max_bytes", "max_requests", "scratch")}
        options.update(checkpoint_s=args.checkpoint, lease_s=args.lease, pause_s=args.pause)
        for name in ("config", "ca_file"):
            path = getattr(args, name)
            if path:
                with open(path, encoding="utf-8") as file:
                    options[name] = file.read()
        rows = capture(posts, args.out, args.buckets, args.rounds, **options)
        code = 0
        for row in newest(rows).orderBy("shard").toLocalIterator():
            print(json.dumps(row.asDict(recursive=True)))
            if row.exit not in (None, binary.DONE, binary.STOPPED):
                code = binary.LOOK
            elif code == 0 and (row.exit == binary.STOPPED or row.put_off):
                code = binary.STOPPED
        return code
    except (FileNotFoundError, ValueError) as error:
        print(f"embalm-spark: {error}", file=sys.stderr)
        return 2
    finally:
        spark.stop()


def capture(posts, out, buckets=256, rounds=6, **options):
    """Captures the posts of a DataFrame with ``url`` (also ``platform`` and ``post_id`` where it has them) into shards below
    ``out``; the rows of all rounds of this call (:data:`SHARD`), read back from where they were written.

    Raises ``ValueError`` where Spark would run a task twice at a time, or ``out`` was begun with other buckets.
    """
    spark = posts.sparkSession
    options = {**OPTIONS, **options}
    if unknown := set(options) - set(OPTIONS):
        raise TypeError(f"no such option: {', '.join(sorted(unknown))}")
    if spark.conf.get("spark.speculation", "false").lower() == "true":
        raise ValueError("spark.speculation runs a task twice at a time, which would visit a host twice as fast: set it to false")
    plan_address = f"{out.rstrip('/')}/plan.json"
    plan = read_json(plan_address)
    if plan is None:
        plan = {"buckets": buckets, "jobs": 0}
    elif plan["buckets"] != buckets:
        raise ValueError(f"{out} was begun with --buckets {plan['buckets']}: a host would get a second shard")
    plan["jobs"] += 1
    write_json(plan_address, plan)
    written = f"{out.rstrip('/')}/rounds/job={plan['jobs']:05}"

    by_shard = _by_shard(posts, buckets).cache()
    try:
        fences = _fences(by_shard, out)
        wanted = set(fences)
        for number in range(1, rounds + 1):
            groups = together({shard: fences[shard] for shard in wanted})
            rows = _round(spark, by_shard if number == 1 else None, groups, fences, out, options)
            table = spark.createDataFrame([{**row, "round": number} for row in rows], SHARD)
            table.coalesce(1).write.mode("append").parquet(written)
            wanted = set()
            for row in rows:
                # A budget that is spent is spent for this job.
                if row["put_off"] and row["exit"] in (binary.DONE, binary.LOOK) and set(row["hosts_left"]) - fences[row["shard"]]:
                    fences[row["shard"]] = set(row["hosts"]) | set(row["hosts_left"])
                    wanted.add(row["shard"])
            if not wanted:
                break
    finally:
        by_shard.unpersist()
    return spark.read.schema(SHARD).parquet(written)


def newest(rows):
    """Of each shard the row of its last round."""
    last = rows.groupBy("shard").agg(F.max("round").alias("round"))
    return rows.join(last, ["shard", "round"]).select(rows.columns)


def _by_shard(posts, buckets):
    """Pairs of shard and address, each post once."""
    posts = posts.where(F.col("url").isNotNull())
    if {"platform", "post_id"} <= set(posts.columns):
        known = posts.where(F.col("post_id").isNotNull()).groupBy("platform", "post_id").agg(F.min("url").alias("url")).select("url")
        posts = known.union(posts.where(F.col("post_id").isNull()).select("url"))
    shard = F.udf(lambda url: shard_of(url, buckets), StringType())
    return posts.select("url").distinct().withColumn("shard", shard("url")).where(F.col("shard").isNotNull()).select("shard", "url")


def _fences(by_shard, out):
    """The hosts of each shard: of the posts that are asked for, and of those that it held before."""
    host = F.udf(lambda shard, url: sorted(fence_of(shard, [url])), ArrayType(StringType()))
    hosts = by_shard.select("shard", F.explode(host("shard", "url")).alias("host")).distinct()
    fences = {}
    for row in hosts.toLocalIterator():
        fences.setdefault(row.shard, set()).add(row.host)
    for shard, held in fences.items():
        held.update((read_json(f"{out.rstrip('/')}/shards/{shard}.json") or {}).get("hosts", ()))
    return fences


def _round(spark, by_shard, groups, fences, out, options):
    """One task for each group of shards; the rows of all of them.

    By partitions of an RDD with a partitioner of our own: what adapts queries to sizes does not touch them, and a group is one
    partition, whatever is configured.
    """
    place = {shard: number for number, group in enumerate(groups) for shard in group}
    hosts = {shard: sorted(fences[shard]) for shard in place}
    if by_shard is not None:
        pairs = by_shard.rdd.map(lambda row: (place[row.shard], (row.shard, row.url)))
    else:
        pairs = spark.sparkContext.parallelize([(place[shard], (shard, None)) for shard in place], 1)
    pairs = pairs.partitionBy(len(groups), lambda number: number)

    def visit(pairs):
        # A list for a shard, sorted, so that a shard is asked in the same order each time.
        found = sorted(((shard, url or "") for _, (shard, url) in pairs))
        for shard, of_it in itertools.groupby(found, key=lambda pair: pair[0]):
            urls = [url for _, url in of_it if url]
            yield Shard(shard, out, options).visit(urls or None, hosts[shard])

    return pairs.mapPartitions(visit).collect()
