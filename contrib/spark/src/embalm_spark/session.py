"""The Spark session of a command: what the user set, and the package itself for workers on other machines."""

import atexit
import os
import shutil
import sys
import tempfile

from pyspark.sql import SparkSession

from embalm_spark.binary import BinaryError


def start(name, args, settings=None):
    """A session for the job ``name``. ``args`` has ``master`` and ``conf``; ``settings`` are defaults that these override."""
    if not (SparkSession.getActiveSession() or os.environ.get("PYSPARK_GATEWAY_PORT") or _java()):
        raise BinaryError("Spark wants Java 17 or newer: no `java` on PATH, nor below JAVA_HOME (Debian: openjdk-17-jre-headless)")
    if not args.master or args.master.startswith("local"):
        # Workers on this machine are this Python, with what is installed for it; elsewhere the cluster says which.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(f"embalm {name}")
    if args.master:
        builder = builder.master(args.master)
    for key, value in (settings or {}).items():
        builder = builder.config(key, value)
    for pair in args.conf:
        key, _, value = pair.partition("=")
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    ship(spark)
    return spark


def _java():
    home = os.environ.get("JAVA_HOME")
    return shutil.which(os.path.join(home, "bin", "java") if home else "java")


def ship(spark):
    """Gives this package to every worker: nothing is installed there, and nothing of the driver's disk is read there."""
    context = spark.sparkContext
    if getattr(context, "_embalm_shipped", False):
        return
    # Workers fetch it from the driver whenever one of them begins, so it stays as long as the driver does.
    folder = tempfile.mkdtemp(prefix="embalm-spark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    here = os.path.dirname(os.path.abspath(__file__))
    packed = shutil.make_archive(os.path.join(folder, "embalm_spark_package"), "zip", os.path.dirname(here), "embalm_spark")
    context.addPyFile(packed)
    context._embalm_shipped = True
