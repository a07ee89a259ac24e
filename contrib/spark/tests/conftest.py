"""The binary that is tested, and a real cluster of two workers."""

import os
import shutil
import sys

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))

# Workers are this Python, with what is installed for it.
os.environ["PYSPARK_PYTHON"] = sys.executable


@pytest.fixture(scope="session")
def embalm():
    """The path of the binary: EMBALM_BIN, else the build of this checkout."""
    path = os.environ.get("EMBALM_BIN") or os.path.join(ROOT, "target", "debug", "embalm")
    if not shutil.which(path):
        pytest.fail(f"{path} is no program: run `cargo build` first, or set EMBALM_BIN")
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def fixtures():
    """The folder of the project's fixtures."""
    return os.path.join(ROOT, "fixtures")


@pytest.fixture(scope="session")
def spark():
    """Two executors, each another process with one core."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("embalm tests")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.python.worker.reuse": "true",
        "spark.task.maxFailures": "4",
        # Little data and many small queries: machine code that is made well costs more than it saves.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.session.timeZone": "UTC",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
