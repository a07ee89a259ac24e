"""Where pages come from: WARC and WACZ files, Parquet, JSON Lines; on any file system that pyarrow knows, streamed.

A file is cut into splits, a task each: JSON Lines by bytes, Parquet by row groups; a recording is one split.
"""

import collections
import contextlib
import glob
import json
import os
import re
import tempfile

import pyarrow
import pyarrow.fs
import pyarrow.parquet

from embalm_spark import stream
from embalm_spark.binary import BinaryError

#: How large a split is at least before another begins, in bytes.
SPLIT_BYTES = 64 * 1024 * 1024

#: How much is read at once, in bytes.
BLOCK_BYTES = 1024 * 1024

#: The longest line, in bytes: what the binary takes.
MAX_LINE_BYTES = 64 * 1024 * 1024

#: How often a file that breaks off is read again from its beginning before that is an error.
MAX_READS = 3

#: Columns that hold a page, the best first.
BODIES = ("html", "markdown", "text")

KINDS = (
    ("recording", re.compile(r"\.(warc|arc)(\.gz|\.zst)?$")),
    ("packed", re.compile(r"\.wacz$")),
    ("lines", re.compile(r"\.(jsonl|ndjson)$")),
    ("packed lines", re.compile(r"\.(jsonl|ndjson)\.(gz|zst)$")),
    ("parquet", re.compile(r"\.parquet$")),
)

#: A stretch of a file: bytes of lines, row groups of Parquet; ``first_row`` is the number of its first row there.
Split = collections.namedtuple("Split", "kind path start end first_row")


def kind_of(path):
    """What a file holds, by its name; None for what is no input."""
    return next((kind for kind, form in KINDS if form.search(path.lower())), None)


def file_system(path):
    """The file system of a path or address (``s3://``, ``hdfs://``, ``file://``), and the path in it."""
    if "://" in path:
        return pyarrow.fs.FileSystem.from_uri(path)
    return pyarrow.fs.LocalFileSystem(), os.path.abspath(path)


def splits(paths, split_bytes=SPLIT_BYTES):
    """The splits of files, folders and patterns, in the order in which they were given and, below a folder, by name."""
    found = [split for path in paths for file in _files(path) for split in _splits_of(*file, split_bytes)]
    if not found:
        raise BinaryError("no input: no .warc(.gz), .wacz, .jsonl(.gz) or .parquet in " + ", ".join(paths))
    return found


def _files(path):
    """(address, size in bytes) of each input file of a word of the command line."""
    if "://" not in path and not os.path.exists(path):
        matches = sorted(glob.glob(path))
        if not matches:
            raise BinaryError(f"{path}: no such file or folder")
        return [file for match in matches for file in _files(match)]
    try:
        system, place = file_system(path)
        info = system.get_file_info(place)
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise BinaryError(f"{path} can't be read: {error}") from error
    scheme = path.split("://")[0] + "://" if "://" in path else ""
    if info.type == pyarrow.fs.FileType.File:
        if not kind_of(place):
            raise BinaryError(f"{path}: neither .warc(.gz), .wacz, .jsonl(.gz) nor .parquet")
        return [(path if scheme else place, info.size)]
    if info.type != pyarrow.fs.FileType.Directory:
        raise BinaryError(f"{path}: no such file or folder")
    below = system.get_file_info(pyarrow.fs.FileSelector(place, recursive=True))
    files = sorted((one.path, one.size) for one in below if one.type == pyarrow.fs.FileType.File and _is_shown(one.path, place))
    return [(scheme + name, size) for name, size in files]


def _is_shown(path, root):
    """Spark and others put files of their own beside data, under names that begin so."""
    names = os.path.relpath(path, root).split("/")
    return bool(kind_of(path)) and not any(name.startswith(("_", ".")) for name in names)


def _splits_of(path, size, split_bytes):
    kind = kind_of(path)
    if kind == "lines":
        return [Split(kind, path, start, min(start + split_bytes, size), 0) for start in range(0, max(size, 1), split_bytes)]
    if kind != "parquet":
        return [Split(kind, path, 0, size, 0)]
    try:
        system, place = file_system(path)
        with system.open_input_file(place) as file:
            groups = pyarrow.parquet.ParquetFile(file).metadata
            sizes = [(groups.row_group(n).num_rows, groups.row_group(n).total_byte_size) for n in range(groups.num_row_groups)]
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise BinaryError(f"{path} can't be read as Parquet: {error}") from error
    found, start, first_row, rows, held = [], 0, 0, 0, 0
    for number, (group_rows, group_bytes) in enumerate(sizes):
        rows, held = rows + group_rows, held + group_bytes
        if held >= split_bytes or number + 1 == len(sizes):
            found.append(Split(kind, path, start, number + 1, first_row))
            start, first_row, rows, held = number + 1, first_row + rows, 0, 0
    return found


def told(split, argv, timeout_s=stream.PAGE_TIMEOUT_S):
    """What came of the pages of a split (:class:`stream.Told`). A file that can't be read to its end is told, too."""
    seen, reads = 0, 0
    while True:
        try:
            for number, one in enumerate(_told(split, argv, timeout_s)):
                # What was told before the file broke off is not told again.
                if number >= seen:
                    seen += 1
                    yield one
            return
        except (OSError, pyarrow.ArrowInvalid) as error:
            reads += 1
            if reads >= MAX_READS:
                yield stream.Told(split.path, None, [], f"can't be read: {error}", [])
                return


def _told(split, argv, timeout_s):
    if split.kind == "recording":
        yield from stream.of_recording(split.path, [*argv, "-"], lambda: blocks(split.path), timeout_s)
    elif split.kind == "packed":
        # A packed archive is read from its end: the binary needs a file that it can seek in.
        with tempfile.NamedTemporaryFile(prefix="embalm-", suffix=".wacz") as file:
            for block in blocks(split.path):
                file.write(block)
            file.flush()
            yield from stream.of_recording(split.path, [*argv, file.name], None, timeout_s)
    else:
        pages = rows(split) if split.kind == "parquet" else lines(split)
        with contextlib.closing(pages):
            yield from stream.of_pages(pages, [*argv, "-"], timeout_s)


def blocks(path):
    """A file's bytes as they are."""
    system, place = file_system(path)
    with system.open_input_stream(place, compression=None) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def lines(split):
    """The pages of a stretch of JSON Lines: the lines that begin in it, each named by its byte offset."""
    system, place = file_system(split.path)
    if split.kind == "packed lines":
        # "zst" is what pyarrow calls zstd.
        opened, end = system.open_input_stream(place, compression="detect"), float("inf")
    else:
        opened, end = system.open_input_file(place), split.end
    with opened as file:
        at = split.start
        if at:
            # The line over the border belongs to the stretch before, also where it ends exactly there.
            file.seek(at - 1)
            at = at - 1
        skipping = bool(split.start)
        for offset, line in _lines(file, at):
            if skipping:
                skipping = False
                continue
            if offset >= end:
                return
            line = line.removeprefix(b"\xef\xbb\xbf") if offset == 0 else line
            line = line.strip(b" \t\r\n\x0c")
            if line and not line.startswith(b"#"):
                yield stream.Page(stream.page_id(split.path, offset), line)


def _lines(file, at):
    """(offset, line) of each line. One that is too long is cut; the binary says so of it."""
    rest, offset, dropped = [], at, 0
    held = 0
    while block := file.read(BLOCK_BYTES):
        first, *others = block.split(b"\n")
        if held <= MAX_LINE_BYTES:
            rest.append(first)
            held += len(first)
        else:
            dropped += len(first)
        if others:
            whole = b"".join(rest)
            yield offset, whole
            offset += len(whole) + dropped + 1
            *others, last = others
            for line in others:
                yield offset, line
                offset += len(line) + 1
            rest, held, dropped = [last], len(last), 0
    if held:
        yield offset, b"".join(rest)


def rows(split):
    """The pages of row groups of a Parquet file, each named by its row number."""
    system, place = file_system(split.path)
    with system.open_input_file(place) as opened:
        file = pyarrow.parquet.ParquetFile(opened)
        columns = page_columns(file.schema_arrow.names)
        number = split.first_row
        for batch in file.iter_batches(64, row_groups=range(split.start, split.end), columns=columns):
            for line in json_lines(batch):
                yield stream.Page(stream.page_id(split.path, number), line)
                number += 1


def page_columns(names):
    """The columns that a page is made of, of these; an error where there is none."""
    found = [name for name in ("url", *BODIES) if name in names]
    if not set(found) & set(BODIES):
        raise BinaryError(f"pages need a column `html`, `markdown` or `text` (and `url`); there are {', '.join(names)}")
    return found


def json_lines(batch):
    """The rows of an Arrow batch with such columns, each as a line of JSON in bytes."""
    names = [name for name in ("url", *BODIES) if name in batch.schema.names]
    columns = [batch.column(batch.schema.get_field_index(name)) for name in names]
    for row in zip(*columns):
        page = {}
        for name, value in zip(names, row):
            value = value.as_py()
            if isinstance(value, bytes):
                value = value.decode("utf-8", "replace")
            if value is not None:
                page[name] = value
        yield json.dumps(page, ensure_ascii=False).encode("utf-8", "surrogatepass")
