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
import re
import sys
import time

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
    "max_requests": None, "until": None, "checkpoint_s": 300.0, "lease_s": 60.0, "pause_s": 5.0, "scratch": None,
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
    parser.add_argument("--budget", metavar="TIME", help="the job stops after this long, with the work saved (6h); the next run begins with the shards that have waited longest")
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
    if options["budget"]:
        options["until"] = time.time() + seconds(options["budget"])
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
        fences, visited = _fences(by_shard, out)
        wanted = set(fences)
        for number in range(1, rounds + 1):
            groups = together({shard: fences[shard] for shard in wanted}, visited)
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


def seconds(text):
    """A time as the binary's ``--budget`` has it: 90s, 10m, 6h, 1d, or plain seconds."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*(s|sec|m|min|h|d)?", str(text).strip())
    if not found:
        raise ValueError(f"`{text}` is not a time; write 90s, 10m, 2h or 1d")
    return float(found[1]) * {"m": 60, "h": 3600, "d": 86400}.get((found[2] or "s")[0], 1)


def _by_shard(posts, buckets):
    """Each post once: its shard, address, platform, and as JSON the longest words that an article quotes of it."""
    def column(name):
        return F.col(name) if name in posts.columns else F.lit(None).cast("string")

    has_words = isinstance(dict((field.name, field.dataType) for field in posts.schema).get("quoted"), StructType)
    words, quoted = (F.col("quoted.text"), F.to_json("quoted")) if has_words else (F.lit(None).cast("string"),) * 2
    posts = posts.select("url", column("platform").alias("platform"), column("post_id").alias("post_id"), words.alias("words"), quoted.alias("quoted"))
    # What has neither an address nor words says nothing.
    posts = posts.where("url IS NOT NULL OR (platform IS NOT NULL AND words <> '')")
    name = F.when(F.col("post_id").isNotNull(), F.concat_ws(":", "platform", "post_id")).otherwise(
        F.coalesce("url", F.concat_ws(" ", "platform", "quoted")))
    richest = F.max(F.struct(F.length(F.coalesce("words", F.lit(""))), "quoted"))["quoted"]
    shard = F.udf(lambda url: shard_of(url, buckets), StringType(), useArrow=False)
    posts = posts.groupBy(name.alias("name")).agg(F.min("url").alias("url"), F.min("platform").alias("platform"), richest.alias("quoted"))
    # Markup of two platforms may name one address.
    posts = posts.groupBy("url", F.when(F.col("url").isNull(), F.col("name")).alias("name")).agg(
        F.min("platform").alias("platform"), F.max("quoted").alias("quoted"))
    return posts.withColumn("shard", shard("url")).where(F.col("shard").isNotNull()).select("shard", "url", "platform", "quoted")


def _fences(by_shard, out):
    """The hosts of each shard, of the posts that are asked for and of those that it held before; and when each was visited."""
    host = F.udf(lambda shard, url: sorted(fence_of(shard, [url])), ArrayType(StringType()), useArrow=False)
    hosts = by_shard.select("shard", F.explode(host("shard", "url")).alias("host")).distinct()
    fences, visited = {}, {}
    for row in hosts.toLocalIterator():
        fences.setdefault(row.shard, set()).add(row.host)
    for shard, held in fences.items():
        state = read_json(f"{out.rstrip('/')}/shards/{shard}.json") or {}
        held.update(state.get("hosts", ()))
        visited[shard] = state.get("visited", 0)
    return fences, visited


def _round(spark, by_shard, groups, fences, out, options):
    """One task for each group of shards; the rows of all of them.

    By partitions of an RDD with a partitioner of our own: what adapts queries to sizes does not touch them, and a group is one
    partition, whatever is configured. They are sorted on the way, on disk where memory does not hold them, so that a shard's posts
    stream into the binary, in the same order each time.
    """
    place = {shard: (number, nth) for number, group in enumerate(groups) for nth, shard in enumerate(group)}
    hosts = {shard: sorted(fences[shard]) for shard in place}
    if by_shard is not None:
        pairs = by_shard.rdd.map(lambda row: ((*place[row.shard], row.shard, row.url or ""), (row.platform, row.quoted)))
    else:
        pairs = spark.sparkContext.parallelize([((*place[shard], shard, ""), None) for shard in place], 1)
    pairs = pairs.repartitionAndSortWithinPartitions(len(groups), lambda key: key[0])
    is_new = by_shard is not None

    def visit(pairs):
        for shard, of_it in itertools.groupby(pairs, key=lambda pair: pair[0][2]):
            records = ({"url": key[3] or None, "platform": platform, "quoted": json.loads(quoted) if quoted else {}}
                       for key, (platform, quoted) in of_it) if is_new else None
            yield Shard(shard, out, options).visit(records, hosts[shard])

    return pairs.mapPartitions(visit).collect()
