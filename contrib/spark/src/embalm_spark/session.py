"""The Spark session of a command: what the user set, and the package itself for workers on other machines."""

import os
import shutil
import tempfile

from pyspark.sql import SparkSession


def start(name, args, settings=None):
    """A session for the job ``name``. ``args`` has ``master`` and ``conf``; ``settings`` are defaults that these override."""
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


def ship(spark):
    """Gives this package to every worker: nothing is installed there, and nothing of the driver's disk is read there."""
    folder = tempfile.mkdtemp(prefix="embalm-spark-")
    try:
        here = os.path.dirname(os.path.abspath(__file__))
        base = os.path.join(folder, "embalm_spark_package")
        packed = shutil.make_archive(base, "zip", os.path.dirname(here), "embalm_spark")
        spark.sparkContext.addPyFile(packed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
