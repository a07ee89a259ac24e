"""embalm over a whole crawl: three jobs for Apache Spark, each a function on a DataFrame and a command.

One process of embalm stays one process with one SQLite file. Spark gives partitions, retries, shuffles and storage. The functions
stand in the modules of their jobs: :func:`embalm_spark.detect.detect` and ``write``, and so on.
"""

__version__ = "0.1.0"
