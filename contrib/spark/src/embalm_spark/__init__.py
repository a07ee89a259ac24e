"""embalm over a whole crawl: three jobs for Apache Spark, each a function on a DataFrame and a command.

One process of embalm stays one process with one SQLite file. Spark gives partitions, retries, shuffles and storage. The three
functions here are the jobs one after the other; the modules of the same names have what they are made of.

    found = detect_pages(spark.read.parquet("pages"))
    rounds = capture_posts(found.where("error is null"), "captured", budget="6h")
    collect_shards(rounds, archive="all.db")

What they are given must be on every machine or on a path that each reaches; so must the binary, or go along by ``--files``.
"""

__all__ = ["capture_posts", "collect_shards", "detect_pages"]
__version__ = "0.1.0"

# Workers read this file, too: what a job needs is read when it is called.


def detect_pages(pages, binary=None, id_column=None, threads=1):
    """What is found in pages: a DataFrame of ``embalm_spark.schema.FOUND``, lazily: embeds, and rows with ``error`` for pages that failed.

    :param pages: a DataFrame with ``html``, ``markdown`` or ``text`` (strings, or bytes in UTF-8), and ``url``.
    :param binary: the embalm binary on every machine; without it EMBALM_BIN, a file of ``--files``, PATH.
    :param id_column: the column with each page's own row id; without it ``page`` is the partition and the place there.
    :param threads: threads of each process.
    :raises embalm_spark.binary.BinaryError: no page column, or a worker has no binary or one of another version.

    Each use of what it returns searches the pages again: write it first, as ``embalm_spark.detect.write`` does.
    """
    from embalm_spark.detect import detect

    return detect(pages, binary, id_column, threads)


def capture_posts(posts, out, **options):
    """Captures the distinct posts of a DataFrame into shards below ``out``, each host by one task at a time; a DataFrame of
    ``embalm_spark.capture.SHARD``, a row for each shard and round, read back from where it was written.

    :param posts: a DataFrame with ``url``, and ``platform``, ``post_id`` and ``quoted`` where it has them: rows of detect.
    :param out: a folder that every machine reaches; the same call goes on where its shards stand.
    :param options: ``buckets``, ``rounds``, and those of ``embalm_spark.capture.OPTIONS``.
    :raises ValueError: ``spark.speculation`` is on, or ``out`` was begun with other buckets.
    """
    from embalm_spark.capture import capture

    return capture(posts, out, **options)


def collect_shards(shards, archive=None, tables=None, binary=None, work=None, parts=None, embeds=()):
    """Puts shards together: into one archive, or into Parquet tables (Spark 4). A list of records, a dict for each shard or table.

    :param shards: a DataFrame with ``path``, as :func:`capture_posts` gives it; one shard may stand there often, and none (null).
    :param archive: a file of this machine, made or added to.
    :param tables: a folder on any file system, replaced where it is there; ``work``, ``parts`` and ``embeds`` as ``collect --help``
        has them.
    :raises embalm_spark.collect.CollectError: a shard is damaged. Those before it are in the archive; of tables nothing is written.
    """
    from embalm_spark import collect

    if (archive is None) == (tables is None):
        raise ValueError("collect_shards wants `archive` or `tables`, one of them")
    paths = sorted(row.path for row in shards.select("path").where("path is not null").distinct().toLocalIterator())
    if archive is not None:
        return list(collect.merge(paths, archive, binary))
    return list(collect.tables(shards.sparkSession, paths, tables, binary, work, parts, embeds))
