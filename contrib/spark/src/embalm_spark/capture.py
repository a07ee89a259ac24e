"""Not here yet."""


def arguments(parser):
    """Adds the flags of this job."""


def main(args):
    """Runs the job."""
    raise SystemExit("capture: not here yet")
