"""Pages through the binary without Spark: what its death, its silence and its talk change (nothing)."""

import itertools
import json
import os
import subprocess
import threading

import pytest
from made import CRASHES_TWICE, DIES_OF_POISON, POISON, by_one_process, wrapped, write_pages

from embalm_spark import binary, pages, stream


def words(path):
    return [path, "detect", "--json", "--pages", "--threads", "1"]


def told_of(path, files, **options):
    return [one for split in pages.splits(files, **options) for one in pages.told(split, words(path))]


def records(told):
    return [json.loads(record) for one in told for record in one.records]


@pytest.fixture(scope="module")
def made(fixtures, tmp_path_factory):
    return write_pages(f"{fixtures}/cases/detect", tmp_path_factory.mktemp("made"), 600)


@pytest.mark.parametrize("split_bytes", [10_000, 77_777, 1 << 30])
def test_splits_of_any_size_give_each_page_once_and_in_order(embalm, made, split_bytes):
    told = told_of(embalm, made, split_bytes=split_bytes)
    assert len(told) == 600
    assert records(told) == by_one_process(embalm, made)
    assert [one.id for one in told] == sorted(one.id for one in told)


def test_a_binary_that_crashes_twice_changes_nothing(embalm, made, tmp_path):
    told = told_of(wrapped(embalm, tmp_path, CRASHES_TWICE), made)
    assert records(told) == by_one_process(embalm, made)
    assert not [one for one in told if one.error]
    assert os.path.exists(tmp_path / "crash-1")


@pytest.mark.parametrize("block_bytes", [5000, 1 << 20])
def test_a_page_that_ends_the_binary_each_time_is_an_error_and_the_rest_goes_on(embalm, made, tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr(pages, "BLOCK_BYTES", block_bytes)
    with open(made[0], "rb") as file:
        lines = file.readlines()
    for place in (0, 50, 51, 599):
        lines[place] = json.dumps({"url": f"https://bad.example/{place}", "html": POISON}).encode() + b"\n"
    poisoned = tmp_path / "poisoned.jsonl"
    poisoned.write_bytes(b"".join(lines))
    told = told_of(wrapped(embalm, tmp_path, DIES_OF_POISON), [str(poisoned)])
    failed = {one.article: one.error for one in told if one.error}
    assert sorted(failed) == [f"https://bad.example/{place}" for place in (0, 50, 51, 599)]
    assert all("ended 2 times while it searched this page alone" in error for error in failed.values())
    assert len(told) == 600
    assert records(told) == by_one_process(embalm, [str(poisoned)])


def test_a_recording_whose_process_dies_goes_on_after_the_last_page_that_was_told(embalm, fixtures, tmp_path):
    warc = f"{fixtures}/demo.warc.gz"
    whole = told_of(embalm, [warc])
    # Ends itself after the second page that it tells, three times; the page after that is to blame for the last two.
    script = """
        if words[:1] != ["detect"]:
            os.execv(real, [real, *words])
        child = subprocess.Popen([real, *words], stdin=sys.stdin, stdout=subprocess.PIPE)
        for line in child.stdout:
            if line.startswith(b'{"page":2,') and len(os.listdir(folder)) < TIMES + 1:
                open(f"{folder}/death-{os.getpid()}", "w").close()
                child.kill()
                os.kill(os.getpid(), signal.SIGKILL)
            sys.stdout.buffer.write(line)
            sys.stdout.flush()
        sys.exit(child.wait())
    """
    for times, lost in ((2, []), (3, [2])):
        folder = tmp_path / str(times)
        folder.mkdir()
        told = told_of(wrapped(embalm, folder, script.replace("TIMES", str(times))), [warc])
        assert [n for n, one in enumerate(told) if one.error] == lost
        kept = [one for n, one in enumerate(told) if n not in lost]
        assert kept == [one for n, one in enumerate(whole) if n not in lost]


def test_a_page_that_takes_for_ever_is_an_error(embalm, made, tmp_path):
    script = DIES_OF_POISON.replace("child.kill()", "").replace("os.kill(os.getpid(), signal.SIGSEGV)", "threading.Event().wait()")
    page = stream.Page("bad", json.dumps({"url": "https://bad.example/", "html": POISON}).encode())
    with open(made[0], "rb") as file:
        good = [stream.Page(str(n), line.strip()) for n, line in enumerate(itertools.islice(file, 20))]
    mixed = [*good[:5], page, *good[5:]]
    path = wrapped(embalm, tmp_path, script)
    told = list(stream.of_pages(mixed, [*words(path), "-"], timeout_s=2))
    assert [one.id for one in told] == [one.id for one in mixed]
    assert [one.id for one in told if one.error] == ["bad"]


def test_a_binary_that_talks_without_end_and_pages_larger_than_every_pipe_wait_for_nothing(embalm, tmp_path):
    script = """
        if words[:1] == ["detect"]:
            for _ in range(2000):
                sys.stderr.write("talk " * 100)
        os.execv(real, [real, *words])
    """
    links = "".join(f"<p><a href='https://x.com/ann/status/{n}'>x</a></p>" for n in range(20_000))
    many = [stream.Page(str(n), json.dumps({"html": f"<article>{links}</article>"}).encode()) for n in range(6)]
    told = list(stream.of_pages(many, [*words(wrapped(embalm, tmp_path, script)), "-"]))
    assert [len(one.records) for one in told] == [len(told[0].records)] * 6


def test_pages_are_read_as_they_are_used_and_no_process_outlives_who_has_enough(embalm):
    taken = itertools.count()
    endless = (stream.Page(str(next(taken)), b'{"html":"' + b"x" * 100_000 + b'"}') for _ in iter(int, 1))
    told = stream.of_pages(endless, [*words(embalm), "-"])
    for _ in range(50):
        next(told)
    assert next(taken) <= 50 + 2 + stream.WINDOW_BYTES // 100_000
    threads = threading.active_count()
    children = _children()
    told.close()
    assert threading.active_count() == threads - 3
    assert len(_children()) == len(children) - 1


def _children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return file.read().split()


def test_wrong_binaries_are_told_exactly(embalm, tmp_path):
    with pytest.raises(binary.BinaryError, match="--binary names /nowhere/embalm, which is no program"):
        binary.check("/nowhere/embalm")
    old = wrapped(embalm, tmp_path, 'print("embalm 0.0.9") if words == ["--version"] else sys.exit(2)')
    with pytest.raises(binary.BinaryError, match="is embalm 0.0.9, which is older than `detect --pages`; this package reads schema 1"):
        binary.check(old)
    new = wrapped(embalm, tmp_path, """print("embalm 9.0.0" if words == ["--version"] else '{"embalm":"9.0.0","schema":7}')""")
    with pytest.raises(binary.BinaryError, match="is embalm 9.0.0, which prints records of schema 7"):
        binary.check(new)
    with pytest.raises(binary.BinaryError, match="is not embalm"):
        binary.check("/bin/false")
    with pytest.raises(binary.BinaryError, match="unexpected argument"):
        list(stream.of_pages([stream.Page("0", b"{}")], [embalm, "detect", "--no-such-flag", "-"]))
    assert binary.check(embalm) == embalm


def test_a_binary_that_never_says_a_word_fails_the_task_and_no_page(embalm, tmp_path):
    mute = wrapped(embalm, tmp_path, 'sys.exit("no memory")')
    with pytest.raises(RuntimeError, match="ended 3 times before it said a word, at last with 1: no memory"):
        list(stream.of_pages([stream.Page("0", b"{}")], [mute, "detect", "-"]))


def test_a_file_that_breaks_off_is_a_row_of_errors_and_is_told_once(embalm, made, monkeypatch):
    whole = pages.Lines.__iter__

    def breaks_off(lines):
        yield next(whole(lines))
        raise OSError("the store went away")

    monkeypatch.setattr(pages, "BLOCK_BYTES", 200_000)
    monkeypatch.setattr(pages.Lines, "__iter__", breaks_off)
    told = told_of(embalm, made)
    assert len({one.id for one in told}) == len(told) < 600
    assert told[-1].error == "can't be read: the store went away"


#: Lines that are pages to the binary, and lines that are none, however they begin.
ODD_LINES = [
    b'{"url":"https://a.example/1","text":"https://x.com/ann/status/1000000001"}', b"", b"   \t ", b"# a comment", b"  # another",
    b"\xef\xbb\xbf", b"\xef\xbb\xbf# marked", b'\xef\xbb\xbf{"text":"https://x.com/ann/status/1000000002"}', b"\xef\xbb", b" \xef\xbb\xbf",
    b'  {"text":"https://x.com/ann/status/1000000003"}  \r', b"\r", b"{", b"[]", b"https://a.example/", b"\0", b"{}", b'{"text":null}',
    b'{"text":"' + b"x" * 5000 + b'"}', b'{"text":7}', b'{"url":12345678901234567890123,"text":"a"}', b'{"text":"\xff\xfe\\u0000\\ud83d"}',
    b'{"n":1e999,"m":123456789012345678901234567890,"text":"https://x.com/ann/status/1000000004"}', b"\xef",
]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 4096])
@pytest.mark.parametrize("last_end", [b"", b"\n"])
def test_lines_of_every_form_are_told_as_one_process_tells_them(embalm, tmp_path, monkeypatch, block_bytes, last_end):
    file = tmp_path / "odd.jsonl"
    file.write_bytes(b"\n".join(ODD_LINES) + last_end)
    monkeypatch.setattr(pages, "BLOCK_BYTES", block_bytes)
    done = subprocess.run([embalm, "detect", "--json", "--pages", str(file)], capture_output=True, check=False)
    alone = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b'{"page":')]
    places = [sum(len(line) + 1 for line in ODD_LINES[:number]) for number in range(len(ODD_LINES))]
    for split_bytes in (1 << 20, 400, 37):
        told = told_of(embalm, [str(file)], split_bytes=split_bytes)
        assert [(one.error is None, len(one.records), one.cut_short) for one in told] == [
            (one["error"] is None, one["records"], one["cut_short"]) for one in alone
        ]
        assert all(int(one.id.rpartition("#")[2]) in places and "-:" not in (one.article or "") + (one.error or "") for one in told)
        assert len({one.id for one in told}) == len(told)


def test_a_line_beyond_all_bounds_is_an_error_and_what_follows_is_told(embalm, tmp_path):
    file = tmp_path / "long.jsonl"
    good = b'{"url":"https://a.example/%d","text":"https://x.com/ann/status/1000000001"}\n'
    with open(file, "wb") as out:
        out.write(good % 1 + b'{"text":"')
        for _ in range(200):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n' + good % 2)
    told = told_of(embalm, [str(file)], split_bytes=50_000_000)
    assert [(one.article.rpartition("/")[2], len(one.records)) for one in (told[0], told[-1])] == [("1", 1), ("2", 1)]
    assert len(told) == 3 and "a line over" in told[1].error


def test_addresses_keep_what_they_are_given_with(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    for name in ("a.jsonl", "deep/b.jsonl"):
        (tmp_path / name).write_text("{}\n")
    local = pages.files.fs.LocalFileSystem()
    names = [f"{tmp_path}/a.jsonl", f"{tmp_path}/deep/b.jsonl"]
    assert [split.path for split in pages.splits([str(tmp_path)])] == names
    assert [split.path for split in pages.splits([f"file:{tmp_path}"])] == [f"file:{name}" for name in names]
    assert [split.path for split in pages.splits([f"file://{tmp_path}/a.jsonl"])] == [f"file://{tmp_path}/a.jsonl"]
    # As HDFS and S3 have it: the path in the file system is a part of the address.
    monkeypatch.setattr(pages.files, "resolve", lambda address: (local, str(tmp_path)))
    for address, found in (("hdfs://name:8020/crawl/", "hdfs://name:8020/crawl/{}"), ("s3a://b/crawl?region=eu", "s3a://b/crawl/{}?region=eu")):
        assert [split.path for split in pages.splits([address])] == [found.format("a.jsonl"), found.format("deep/b.jsonl")]
