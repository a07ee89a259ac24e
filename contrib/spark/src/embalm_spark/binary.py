"""The embalm binary: where it is, whether it is the right one, and what its exit codes mean to a task."""

import json
import os
import shutil
import subprocess

#: The version of detect's records that this package reads (the field ``schema`` of each).
RECORD_SCHEMA = 1

#: The file name under which ``--files`` ships the binary.
SHIPPED_NAME = "embalm"

#: Done: all that was asked, or all but what failed by itself and is told so.
DONE = 0
#: Pages failed (detect), or something unexpected happened.
FAILED = 1
#: Wrong usage: another attempt would fail in the same way.
USAGE = 2
#: Done, but a person should look.
LOOK = 3
#: Stopped early with the work saved: a budget, a signal.
STOPPED = 4
#: Another run holds the archive.
HELD = 75

#: Exit codes after which the same task fails in the same way on any machine.
HOPELESS = frozenset({USAGE})


class BinaryError(Exception):
    """The binary is missing, can't be run, or is of another version. No retry helps."""


def retries(code):
    """Whether a task that saw this exit code may try again. Signals are negative, as ``subprocess`` gives them."""
    return code not in HOPELESS and code not in (DONE, LOOK)


def find(given=None):
    """The path of the binary on this machine: as given, ``EMBALM_BIN``, shipped by ``--files``, ``PATH``."""
    for name, place in ((given, "--binary"), (os.environ.get("EMBALM_BIN"), "EMBALM_BIN")):
        if name:
            path = shutil.which(name) or shutil.which(_shipped(name) or "")
            if path:
                return os.path.abspath(path)
            raise BinaryError(f"{place} names {name}, which is no program on {_host()}")
    path = _shipped(SHIPPED_NAME) or shutil.which(SHIPPED_NAME)
    if path:
        return path
    raise BinaryError(
        f"no embalm binary on {_host()}: give --binary FILE, set EMBALM_BIN, ship it by `--files embalm`, or put it on PATH"
    )


def _shipped(name):
    """A file of that name that Spark brought to this process; it is made executable, for Spark does not keep the mode."""
    try:
        from pyspark import SparkFiles

        folders = [SparkFiles.getRootDirectory()]
    except Exception:  # Without a session there is no such folder.
        folders = []
    for folder in [*folders, os.getcwd()]:
        path = os.path.join(folder, os.path.basename(name))
        if folder and os.path.isfile(path):
            if not os.access(path, os.X_OK):
                os.chmod(path, 0o755)
            return path
    return None


def _host():
    return os.uname().nodename


def version(path):
    """What ``--version`` prints, without the name."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BinaryError(f"{path} can't be run on {_host()}: {error}") from error
    if done.returncode != 0 or not done.stdout.startswith(b"embalm "):
        raise BinaryError(f"{path} on {_host()} is not embalm: `--version` ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace").split()[1]


def check(given=None):
    """The path of the binary on this machine, once it was seen to print the records that this package reads."""
    path = find(given)
    known = version(path)
    words = [path, "detect", "--json", "--pages", "-"]
    done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    try:
        told = json.loads(done.stdout.split(b"\n")[0]).get("schema")
    except (ValueError, AttributeError):
        told = None
    if done.returncode != DONE or told != RECORD_SCHEMA:
        prints = f"prints records of schema {told}" if told else "is older than `detect --pages`"
        raise BinaryError(f"{path} on {_host()} is embalm {known}, which {prints}; this package reads schema {RECORD_SCHEMA}")
    return path


def check_everywhere(spark, given=None):
    """Raises :class:`BinaryError` before any work is done where a worker has no right binary."""
    context = spark.sparkContext
    tasks = max(2, context.defaultParallelism)
    for flaw in context.parallelize(range(tasks), tasks).map(lambda _: _flaw(given)).collect():
        if flaw:
            raise BinaryError(flaw)


def _flaw(given):
    try:
        check(given)
    except BinaryError as error:
        return str(error)
    return None
