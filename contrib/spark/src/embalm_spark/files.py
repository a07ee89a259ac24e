"""Files on any file system, by their addresses: local paths, ``file:``, ``s3:``, ``hdfs:``, ``gs:``, as pyarrow reaches them.

Everything is streamed: no file is held in memory, and a file that is written has its name when it is whole.
"""

import os
import re

from pyarrow import fs

#: Bytes that are copied at once.
CHUNK_BYTES = 1 << 20

#: What the name of a file ends in that is being replaced, where a file system can't do that at once.
BEFORE = ".before"

#: Hadoop's names of what pyarrow calls ``s3``.
_HADOOP_S3 = re.compile(r"^s3[an]://")


def resolve(address):
    """The file system of an address and the path in it."""
    address = _HADOOP_S3.sub("s3://", os.fspath(address))
    if address.startswith("file:"):
        # Spark writes `file:/x`, others `file:///x`.
        return fs.LocalFileSystem(), re.sub(r"^file:/*", "/", address)
    if "://" not in address:
        return fs.LocalFileSystem(), os.path.abspath(address)
    return fs.FileSystem.from_uri(address)


def is_local(address):
    """Whether an address is a path of this machine."""
    return isinstance(resolve(address)[0], fs.LocalFileSystem)


def expand(addresses, suffix):
    """Addresses of files: a folder stands for the files below it that end in ``suffix``, in the order of their names.

    Raises ``FileNotFoundError`` for what is not there.
    """
    found = []
    for address in addresses:
        system, path = resolve(address)
        info = system.get_file_info(path)
        if info.type == fs.FileType.NotFound:
            raise FileNotFoundError(f"{address}: there is no such file")
        if info.type == fs.FileType.File:
            found.append(os.fspath(address))
            continue
        below = system.get_file_info(fs.FileSelector(path, recursive=True))
        paths = sorted(one.path for one in below if one.type == fs.FileType.File and one.path.endswith(suffix))
        found.extend(os.fspath(address).rstrip("/") + one[len(path.rstrip("/")):] for one in paths)
    return found


def open_stream(address):
    """What a file holds, from its beginning; of one that is being replaced, what it held.

    Raises ``FileNotFoundError``.
    """
    system, path = resolve(address)
    try:
        return system.open_input_stream(path)
    except FileNotFoundError:
        return system.open_input_stream(path + BEFORE)


def fetch(address, to):
    """Copies a file to a path of this machine."""
    with open_stream(address) as source, open(to, "wb") as sink:
        _copy(source, sink)


def put(path, address):
    """Copies a file of this machine to an address, under another name first where the file system knows names apart."""
    system, target = resolve(address)
    system.create_dir(os.path.dirname(target), recursive=True)
    unfinished = target + ".unfinished"
    with open(path, "rb") as source, system.open_output_stream(unfinished) as sink:
        _copy(source, sink)
    try:
        system.move(unfinished, target)
    except OSError:
        # HDFS gives no file a name that another one has; the other stays readable until this one is there.
        if system.get_file_info(target).type != fs.FileType.File:
            raise
        if system.get_file_info(target + BEFORE).type == fs.FileType.File:
            system.delete_file(target + BEFORE)
        system.move(target, target + BEFORE)
        system.move(unfinished, target)
        system.delete_file(target + BEFORE)


def remove(address):
    """Removes a folder with all that is in it; one that is not there is no error."""
    system, path = resolve(address)
    if system.get_file_info(path).type == fs.FileType.Directory:
        system.delete_dir(path)


def _copy(source, sink):
    while chunk := source.read(CHUNK_BYTES):
        sink.write(chunk)
