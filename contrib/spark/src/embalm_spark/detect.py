"""Finds the posts that pages embed: pages in, Parquet of embed records out.

INPUT is a .warc(.gz), .wacz, JSON Lines (.jsonl, .jsonl.gz) or Parquet with `url` and `html` or `text`, a folder of such files, or a
pattern; on any file system that pyarrow knows (a path that every machine sees, s3://, hdfs://, gs://).

OUT/embeds is Parquet of embed records, by platform. OUT/errors has a row for each page that failed, or was searched in part only.
"""

import itertools
import json

import pyarrow
import pyarrow.json

from embalm_spark import binary, pages, schema, session, stream

#: Rows of a batch that goes back to Spark.
BATCH_ROWS = 5000

#: The same in bytes, as they were printed.
BATCH_BYTES = 8 * 1024 * 1024

#: How large a file of the output becomes, in rows, before another begins.
FILE_ROWS = 5_000_000

#: How many pages that failed there are for each file of ``errors``.
FILE_ERRORS = 1_000_000

EXAMPLES = """\
examples:
  embalm-spark detect --out found fixtures/demo.warc.gz
  embalm-spark detect --out s3://bucket/found 's3://bucket/crawl/segments'
  spark-submit --files embalm --py-files embalm_spark.zip run.py detect --out hdfs:///found hdfs:///pages

A page that fails is a row of OUT/errors, never a failed task. Each task is one process of `embalm detect` with --threads threads:
give it as many cores by --conf spark.task.cpus=N.
"""


def arguments(parser):
    """Adds the flags of this job."""
    parser.epilog = EXAMPLES
    parser.add_argument("inputs", metavar="INPUT", nargs="+", help="a file, a folder or a pattern of pages")
    parser.add_argument("--out", metavar="FOLDER", required=True, help="where embeds and errors are written, as Spark writes paths")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in --out [default: refuse]")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads of each process [default: 1]")
    parser.add_argument("--split", type=int, default=pages.SPLIT_BYTES, metavar="BYTES",
                        help="JSON Lines and Parquet are cut into tasks of this size [default: 64 MiB]")
    parser.add_argument("--page-timeout", type=float, default=stream.PAGE_TIMEOUT_S, metavar="SECONDS",
                        help="a page that takes longer is a failed page [default: %(default)s]")


def main(args):
    """Runs the job, and prints what it found as a line of JSON."""
    splits = pages.splits(args.inputs, args.split)
    spark = session.start("detect", args)
    try:
        found = detect_splits(spark, splits, args.binary, threads=args.threads, page_timeout_s=args.page_timeout)
        counts = write(found, args.out, overwrite=args.overwrite)
    finally:
        spark.stop()
    print(json.dumps(counts))
    return 0


def detect(pages_frame, binary_path=None, id_column=None, threads=1, page_timeout_s=stream.PAGE_TIMEOUT_S):
    """What is found in the pages of a DataFrame with ``html``, ``markdown`` or ``text``, and ``url``: rows of
    :data:`schema.FOUND`, lazily. ``id_column`` names each page's own row id; without one it is its partition and place there.

    :raises BinaryError: there is no page column, or no binary, or one of another version.
    """
    columns = pages.page_columns(pages_frame.columns)
    from pyspark.sql import functions

    chosen = [pages_frame[name].cast("string").alias(name) if name == "url" else pages_frame[name] for name in columns]
    if id_column:
        chosen.append(functions.col(id_column).cast("string").alias("embalm_id"))
    spark = pages_frame.sparkSession
    session.ship(spark)
    binary.check_everywhere(spark, binary_path)

    def search(batches):
        from pyspark import TaskContext

        partition = TaskContext.get().partitionId()
        lines = _pages_of(batches, f"{partition:06d}")
        return _batches(stream.of_pages(lines, [*command(binary_path, threads), "-"], page_timeout_s))

    return pages_frame.select(*chosen).mapInArrow(search, schema.FOUND)


def detect_files(spark, paths, binary_path=None, threads=1, split_bytes=pages.SPLIT_BYTES, page_timeout_s=stream.PAGE_TIMEOUT_S):
    """What is found in the pages of files: rows of :data:`schema.FOUND`, lazily.

    :raises BinaryError: an input is not there, or no binary, or one of another version.
    """
    return detect_splits(spark, pages.splits(paths, split_bytes), binary_path, threads, page_timeout_s)


def detect_splits(spark, splits, binary_path=None, threads=1, page_timeout_s=stream.PAGE_TIMEOUT_S):
    """The same for files that were cut by :func:`pages.splits`: a task each."""
    session.ship(spark)
    binary.check_everywhere(spark, binary_path)
    # Spark cuts a range into as many parts as are asked for, a number each; what a number stands for goes along.
    numbered = spark.sparkContext.broadcast([tuple(split) for split in splits])

    def search(batches):
        for batch in batches:
            for number in batch.column(0).to_pylist():
                split = pages.Split(*numbered.value[number])
                yield from _batches(pages.told(split, command(binary_path, threads), page_timeout_s))

    return spark.range(0, len(splits), 1, len(splits)).mapInArrow(search, schema.FOUND)


def command(binary_path, threads):
    """The binary's words on this machine; the input is to follow."""
    return [binary.find(binary_path), "detect", "--json", "--pages", "--threads", str(threads)]


def embeds(found):
    """The embed records among the rows of :data:`schema.FOUND`."""
    return found.where("error is null").select(schema.EMBED.names)


def errors(found):
    """The pages that failed, or were searched in part only."""
    return found.where("error is not null").select(schema.ERROR.names)


def write(found, out, overwrite=False):
    """Writes ``out/embeds`` (by platform) and ``out/errors``, searching every page once. The numbers of rows, as a dict.

    Both come from one pass: the rows are written as they are found, below ``out/staged``, read back, and parted.

    :raises BinaryError: there is output already.
    """
    spark = found.sparkSession
    staged = f"{out}/staged"
    for name in ("embeds", "errors"):
        if not overwrite and _exists(spark, f"{out}/{name}"):
            raise binary.BinaryError(f"{out}/{name} is there already: give another --out, or --overwrite")
    found.write.mode("overwrite").parquet(staged)
    kept = spark.read.schema(schema.FOUND).parquet(staged)
    rows, failed = kept.selectExpr("count(*)", "count(error)").first()
    errors(kept).coalesce(1 + failed // FILE_ERRORS).write.mode("overwrite").parquet(f"{out}/errors")
    parted = embeds(kept).hint("rebalance", "platform").sortWithinPartitions("platform", "page", "position")
    parted.write.mode("overwrite").option("maxRecordsPerFile", FILE_ROWS).partitionBy("platform").parquet(f"{out}/embeds")
    _delete(spark, staged)
    return {"embeds": rows - failed, "errors": failed}


def _exists(spark, path):
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    return place.getFileSystem(spark._jsc.hadoopConfiguration()).exists(place)


def _delete(spark, path):
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    place.getFileSystem(spark._jsc.hadoopConfiguration()).delete(place, True)


def _pages_of(batches, partition):
    number = itertools.count()
    for batch in batches:
        named = "embalm_id" in batch.schema.names
        ids = batch.column(batch.schema.get_field_index("embalm_id")).to_pylist() if named else itertools.repeat(None)
        for given, line in zip(ids, pages.json_lines(batch)):
            place = stream.page_id(partition, next(number))
            yield stream.Page(place if given is None else given, line)


def _batches(told):
    """Rows of :data:`schema.FOUND` as Arrow batches."""
    form = schema.arrow(schema.FOUND)
    rows = Rows(form)
    try:
        for page in told:
            if rows.add(page):
                yield from rows.take()
        yield from rows.take()
    finally:
        # Where Spark has enough rows, the process ends here.
        told.close()


class Rows:
    """Rows that wait to be a batch. Records stay the lines that they are until then: Arrow reads many at once."""

    def __init__(self, form):
        self.form = form
        self.printed = pyarrow.schema([form.field(name) for name in schema.EMBED.names if name not in ("page", "article")])
        self._clear()

    def _clear(self):
        self.lines, self.pages, self.articles, self.errors, self.held = [], [], [], [], 0

    def add(self, page):
        """Adds what came of a page; whether it is time to take them."""
        self.lines += page.records
        self.pages += [page.id] * len(page.records)
        self.articles += [page.article] * len(page.records)
        self.held += sum(map(len, page.records))
        if page.error is not None:
            self.errors.append({"page": page.id, "article": page.article, "error": page.error, "partial": False})
        for reason in page.cut_short:
            self.errors.append({"page": page.id, "article": page.article, "error": reason, "partial": True})
        return len(self.lines) + len(self.errors) >= BATCH_ROWS or self.held >= BATCH_BYTES

    def take(self):
        """The batches of these rows, which are let go."""
        if self.lines:
            yield from self._records().to_batches()
        if self.errors:
            yield pyarrow.RecordBatch.from_pylist(self.errors, schema=self.form)
        self._clear()

    def _records(self):
        lines = b"\n".join(self.lines)
        read = pyarrow.json.read_json(
            pyarrow.BufferReader(lines),
            # A block has all, for no record may stand over a border.
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
            parse_options=pyarrow.json.ParseOptions(explicit_schema=self.printed, unexpected_field_behavior="ignore"),
        )
        given = {"page": self.pages, "article": self.articles}
        columns = []
        for field in self.form:
            if field.name in given:
                columns.append(pyarrow.array(given[field.name], field.type))
            elif field.name in self.printed.names:
                columns.append(read.column(field.name))
            else:
                columns.append(pyarrow.nulls(len(self.lines), field.type))
        return pyarrow.table(columns, schema=self.form).combine_chunks()
