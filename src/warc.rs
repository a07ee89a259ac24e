//! Reads and writes WARC files: recorded exchanges, one record each, gzipped one by one.
