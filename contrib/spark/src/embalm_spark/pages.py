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

from embalm_spark import files, stream
from embalm_spark.binary import BinaryError

#: How large a split is at least before another begins, in bytes.
SPLIT_BYTES = 64 * 1024 * 1024

#: How much is read at once, in bytes.
BLOCK_BYTES = 1024 * 1024

#: How much of a line is read to name it, in bytes: what the binary takes.
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
    return next((kind for kind, form in KINDS if form.search(path.partition("?")[0].lower() if _is_address(path) else path.lower())), None)


def file_system(path):
    """The file system of a path or address (``s3://``, ``s3a://``, ``hdfs://``, ``file:``), and the path in it."""
    return files.resolve(path)


def splits(paths, split_bytes=SPLIT_BYTES):
    """The splits of files, folders and patterns, in the order in which they were given and, below a folder, by name."""
    found = [split for path in paths for file in _files(path) for split in _splits_of(*file, split_bytes)]
    if not found:
        raise BinaryError("no input: no .warc(.gz), .wacz, .jsonl(.gz) or .parquet in " + ", ".join(paths))
    return found


def _files(path):
    """(address, size in bytes) of each input file of a word of the command line."""
    if not _is_address(path) and not os.path.exists(path):
        matches = sorted(glob.glob(path))
        if not matches:
            raise BinaryError(f"{path}: no such file or folder")
        return [file for match in matches for file in _files(match)]
    try:
        system, place = file_system(path)
        info = system.get_file_info(place)
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise BinaryError(f"{path} can't be read: {error}") from error
    if info.type == pyarrow.fs.FileType.File:
        if not kind_of(place):
            raise BinaryError(f"{path}: neither .warc(.gz), .wacz, .jsonl(.gz) nor .parquet")
        return [(path if _is_address(path) else place, info.size)]
    if info.type != pyarrow.fs.FileType.Directory:
        raise BinaryError(f"{path}: no such file or folder")
    below = system.get_file_info(pyarrow.fs.FileSelector(place, recursive=True))
    shown = sorted((one.path, one.size) for one in below if one.type == pyarrow.fs.FileType.File and _is_shown(one.path, place))
    if not _is_address(path):
        return shown
    # An address keeps its server, its bucket and its options (`?region=...`).
    base, mark, options = path.partition("?")
    return [(base.rstrip("/") + name[len(place.rstrip("/")):] + mark + options, size) for name, size in shown]


def _is_address(path):
    return "://" in path or path.startswith("file:")


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
    elif split.kind != "parquet":
        yield from stream.of_lines(split.path, [*argv, "-"], Stretch(split), timeout_s)
    else:
        with contextlib.closing(rows(split)) as pages:
            yield from stream.of_pages(pages, [*argv, "-"], timeout_s)


def blocks(path):
    """A file's bytes as they are."""
    system, place = file_system(path)
    with system.open_input_stream(place, compression=None) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


class Stretch:
    """The lines that begin in a split of JSON Lines. Its bytes go to the process as they are; only where lines begin is looked for."""

    def __init__(self, split):
        self.split = split

    def read(self, start=None, skip=False):
        """The bytes from the line that begins at ``start`` (None: all of them), or from the one after it."""
        if start is None:
            # The line over the border belongs to the stretch before, also where it ends exactly there.
            start, skip = (self.split.start - 1, True) if self.split.start else (0, False)
        return Lines(self.split, start, skip)

    def article(self, place):
        """The URL in the line that begins there, where it has one."""
        held = []
        with _opened(self.split, place) as file:
            while sum(map(len, held)) <= MAX_LINE_BYTES and (block := file.read(BLOCK_BYTES)):
                held.append(block)
                if b"\n" in block:
                    break
        return stream.Page(None, b"".join(held).split(b"\n")[0]).article


class Lines:
    """Bytes of a stretch, as an iterator of blocks. Before a block is given, ``places`` has where those of its lines begin that
    are pages to the binary: all but empty ones and comments."""

    def __init__(self, split, start, skip):
        self.split, self.start, self.skip = split, start, skip
        self.end = split.end if split.kind == "lines" else float("inf")
        self.places = collections.deque()
        #: Whether all was read that belongs to the stretch.
        self.is_read = False
        #: Where what was given so far ends.
        self.given = start
        # What was seen of a line that may be a page; None where that is known.
        self._lead = b""
        self._line = start

    def __iter__(self):
        held, at = b"", self.start
        with _opened(self.split, at) as file:
            while more := file.read(BLOCK_BYTES):
                if self.skip:
                    cut = more.find(b"\n") + 1
                    at += cut or len(more)
                    self._line = at
                    self.skip = not cut
                    more = more[cut:] if cut else b""
                    if self.skip or at >= self.end:
                        if at >= self.end and not self.skip:
                            break
                        continue
                block, held = held + more, b""
                belongs = self._note(block, at)
                if belongs is not None:
                    self.is_read, self.given = True, at + belongs
                    yield block[:belongs]
                    return
                if self._lead and _MARK.startswith(self._lead) and self._lead != _MARK:
                    # Whether that begins a mark is seen with what follows.
                    block, held, self._lead = block[: -len(self._lead)], self._lead, b""
                at += len(block)
                self.given = at
                if block:
                    yield block
        if held:
            self.places.append(self._line)
        self.is_read, self.given = True, at + len(held)
        if held:
            yield held

    def _note(self, block, at):
        """Notes the lines of a block that begins at ``at``; how much of it belongs to the stretch, where that ends in it."""
        place = 0
        while True:
            cut = block.find(b"\n", place)
            if self._lead == b"" and block[place : place + 1] == b"{":
                self.places.append(self._line)
                self._lead = None
            elif self._lead is not None:
                self._look(block[place : cut if cut >= 0 else len(block)], cut >= 0)
            if cut < 0:
                return None
            place = cut + 1
            self._line, self._lead = at + place, b""
            if self._line >= self.end:
                return place

    def _look(self, more, whole):
        """Looks whether a line is a page that begins in no usual way."""
        text = self._lead + more
        told = text.removeprefix(_MARK).strip(b" \t\r\n\x0c")
        if not whole and _MARK.startswith(text):
            self._lead = text
        elif told:
            if not told.startswith(b"#"):
                self.places.append(self._line)
            self._lead = None
        else:
            self._lead = b" "


#: What some writers put before UTF-8.
_MARK = b"\xef\xbb\xbf"


@contextlib.contextmanager
def _opened(split, start):
    """The file of a split, unpacked, from a place on."""
    system, place = file_system(split.path)
    if split.kind == "lines":
        with system.open_input_file(place) as file:
            file.seek(start)
            yield file
    else:
        # "zst" is what pyarrow calls zstd.
        with system.open_input_stream(place, compression="detect") as file:
            while start and (passed := len(file.read(min(start, BLOCK_BYTES)))):
                start -= passed
            yield file


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
