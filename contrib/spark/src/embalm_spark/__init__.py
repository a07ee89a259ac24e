"""embalm over a whole crawl: three jobs for Apache Spark, each a function on a DataFrame and a command.

One process of embalm stays one process with one SQLite file. Spark gives partitions, retries, shuffles and storage.
"""

__version__ = "0.1.0"
