"""Finds the posts that pages embed: pages in, Parquet of embed records out."""


def arguments(parser):
    """Adds the flags of this job."""


def main(args):
    """Runs the job."""
    raise SystemExit("detect: not here yet")
