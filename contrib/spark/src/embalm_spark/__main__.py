"""The jobs as commands: ``python -m embalm_spark detect|capture|collect``, or ``spark-submit`` of this file."""

import argparse
import importlib
import sys

from embalm_spark import __version__
from embalm_spark.binary import BinaryError

#: The jobs, in the order in which a crawl goes through them. Each is a module with ``arguments`` and ``main``.
JOBS = {
    "detect": "find the posts that pages embed: pages in, Parquet of embed records out",
    "capture": "capture the distinct posts of those records, politely, into shards",
    "collect": "put the shards together: one archive, or Parquet tables",
}

EXAMPLES = """\
examples:
  embalm-spark detect --out found crawl/*.warc.gz
  embalm-spark detect --out s3://bucket/found --conf spark.executor.cores=4 s3://bucket/pages.parquet
  embalm-spark capture --help

exit codes:
  0  done; pages or posts that failed are rows of an errors table
  1  Spark gave up: a task failed as often as it may
  2  wrong usage: an input that is not there, the embalm binary missing or of another version; nothing was written
"""


def parser():
    """The command line with its three jobs."""
    form = argparse.RawDescriptionHelpFormatter
    root = argparse.ArgumentParser(prog="embalm-spark", description=__doc__, epilog=EXAMPLES, formatter_class=form)
    root.add_argument("--version", action="version", version=f"embalm-spark {__version__}")
    jobs = root.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, summary in JOBS.items():
        module = importlib.import_module(f"embalm_spark.{name}")
        job = jobs.add_parser(name, help=summary, description=module.__doc__, formatter_class=form)
        job.add_argument(
            "--binary", metavar="FILE",
            help="the embalm binary on every machine [default: EMBALM_BIN, a file `embalm` shipped by --files, PATH]",
        )
        job.add_argument("--master", metavar="URL", help="where Spark runs [default: as spark-submit says, else local[*]]")
        job.add_argument("--conf", metavar="KEY=VALUE", action="append", default=[], help="a setting of Spark; repeatable")
        module.arguments(job)
    return root


def main(words=None):
    """Runs a job; its exit code."""
    args = parser().parse_args(words)
    try:
        return importlib.import_module(f"embalm_spark.{args.job}").main(args) or 0
    except BinaryError as error:
        print(f"embalm-spark: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
