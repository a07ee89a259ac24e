"""Pages through one process of the binary: in order, in bounded memory, and past what ends the process.

The process tells after each page that it is done (``detect --pages``). So what it had not told when it ended is known, and
another process gets only that, one page at a time: a page that is alone with two processes that end is told as an error, and
the rest goes on.
"""

import collections
import contextlib
import fcntl
import json
import queue
import subprocess
import threading

from embalm_spark.binary import DONE, FAILED, RECORD_SCHEMA, USAGE, BinaryError

#: Bytes of pages that are sent and not yet told, which are kept to be sent again; one larger page goes alone.
WINDOW_BYTES = 8 * 1024 * 1024

#: The same as a number of pages, so that many small ones are bounded, too.
WINDOW_PAGES = 2048

#: How much of the process's output is read at once, in bytes, and how many such pieces wait to be taken.
PIECE_BYTES = 64 * 1024
WAITING_PIECES = 32

#: How much the pipe to the process holds, in bytes: it and whoever feeds it then seldom wait for each other.
PIPE_BYTES = 1024 * 1024

#: How long a page may take before its process is ended, in seconds. A page of 30 MB takes one.
PAGE_TIMEOUT_S = 300

#: Processes that a page is alone with when they end, before it is told as an error.
MAX_DEATHS = 2

#: Processes that end before they say a word, before the task gives up; Spark then tries it elsewhere.
MAX_STILLBORN = 3

#: How much of what the process says on stderr is kept, in bytes: the end of it.
TALK_BYTES = 4096


#: How the binary names a line of stdin, before its number.
STDIN_NAME = "-:"


class Page(collections.namedtuple("Page", "id line")):
    """A page as a line of JSON (bytes, without its end), and its own row id."""

    __slots__ = ()

    @property
    def article(self):
        """Its URL, where the line has one."""
        try:
            url = json.loads(self.line).get("url")
        except (ValueError, AttributeError):
            return None
        return url if isinstance(url, str) else None


#: What came of a page: its records (lines as the binary prints them), why it failed or None, where its search ended early.
Told = collections.namedtuple("Told", "id article records error cut_short")


class Process:
    """The binary, with a thread that feeds it, one that reads it, and one that listens to its stderr."""

    def __init__(self, argv, blocks=None):
        """``blocks`` is an iterator of bytes to feed it, from when it was greeted; without one, :meth:`send` does."""
        self.argv = argv
        try:
            self.child = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1 << 16
            )
        except OSError as error:
            raise BinaryError(f"{argv[0]} can't be run: {error}") from error
        _widen(self.child.stdin)
        self.to_send = queue.SimpleQueue()
        self.pieces = queue.Queue(WAITING_PIECES)
        self.lines = collections.deque()
        self.talk = b""
        self.input_error = None
        self.abandoned = False
        self.may_feed = threading.Event()
        blocks = iter(self.to_send.get, None) if blocks is None else blocks
        self.threads = [
            threading.Thread(target=work, args=given, daemon=True)
            for work, given in ((self._feed, (blocks,)), (self._read, ()), (self._listen, ()))
        ]
        for thread in self.threads:
            thread.start()

    def _feed(self, blocks):
        stdin = self.child.stdin
        self.may_feed.wait()
        try:
            for block in blocks:
                stdin.write(block)
                # What waits here would wait for ever where no further page comes.
                if self.to_send.empty():
                    stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # The process ended: its last words say why.
        except Exception as error:  # The input broke off. To the process this must not look like its end.
            self.input_error = error
            self.child.kill()
        finally:
            try:
                stdin.close()
            except OSError:
                pass

    def _read(self):
        """Whole lines are put down as they come; at the end what is no whole line, and None."""
        rest = b""
        while block := self.child.stdout.read1(PIECE_BYTES):
            *whole, rest = (rest + block).split(b"\n") if b"\n" in block else (rest + block,)
            if whole and not self._put(whole):
                return
        self._put(None)

    def _put(self, piece):
        """Waits for room; whether somebody may still take it."""
        while not self.abandoned:
            try:
                self.pieces.put(piece, timeout=1)
                return True
            except queue.Full:
                continue
        return False

    def _listen(self):
        for block in iter(lambda: self.child.stderr.read1(TALK_BYTES), b""):
            self.talk = (self.talk + block)[-TALK_BYTES:]

    def send(self, line):
        """Queues bytes; never waits."""
        self.to_send.put(line)

    def finish_input(self):
        """No more bytes come."""
        self.to_send.put(None)

    def take(self, timeout_s=PAGE_TIMEOUT_S):
        """The next whole line, without its end; None at the end. A process that says nothing for so long is ended."""
        if not self.lines:
            try:
                piece = self.pieces.get(timeout=timeout_s)
            except queue.Empty:
                self.child.kill()
                self.talk += f"\nended after {timeout_s} s without a word".encode()
                return None
            if piece is None:
                return None
            self.lines.extend(piece)
        return self.lines.popleft()

    def end(self):
        """Ends it, whatever it does, and leaves neither a zombie nor an open pipe. Its exit code; negative for a signal."""
        self.abandoned = True
        self.may_feed.set()
        self.to_send.put(None)
        if self.child.poll() is None:
            self.child.kill()
        code = self.child.wait()
        self._close()
        return code

    def wait(self):
        """Its exit code, once it has closed its output."""
        code = self.child.wait()
        self.abandoned = True
        self.may_feed.set()
        self.to_send.put(None)
        self._close()
        return code

    def _close(self):
        for thread in self.threads:
            # A thread that waits for a file system ends with it; the process is gone by now.
            thread.join(5)
        for pipe in (self.child.stdout, self.child.stderr):
            pipe.close()

    def last_words(self):
        """The end of its stderr, as text."""
        return self.talk.decode("utf-8", "replace").strip()


class Run:
    """One process, from its first line to its end, and the records of the page that it is at."""

    def __init__(self, argv, blocks=None, timeout_s=PAGE_TIMEOUT_S):
        self.process = Process(argv, blocks)
        self.timeout_s = timeout_s
        self.spoke = False
        self.records = []

    def next(self):
        """What came of the next page, as (the page's line, its records); None when the process ended."""
        while True:
            line = self.process.take(self.timeout_s)
            if line is None:
                return None
            if line.startswith(b'{"page":'):
                records, self.records = self.records, []
                return json.loads(line), records
            if line.startswith(b'{"embalm":'):
                self._greet(json.loads(line))
            else:
                self.records.append(line)

    def greeted(self):
        """Waits for its first word. No page is sent before it: what ends the process until then is no page's fault."""
        line = self.process.take(self.timeout_s)
        if line is not None and line.startswith(b'{"embalm":'):
            self._greet(json.loads(line))
        return self.spoke

    def _greet(self, head):
        self.spoke = True
        self.process.may_feed.set()
        if head.get("schema") != RECORD_SCHEMA:
            raise BinaryError(
                f"{self.process.argv[0]} is embalm {head['embalm']}, whose records are of schema {head.get('schema')}; "
                f"this package reads schema {RECORD_SCHEMA}"
            )


class Deaths:
    """Counts processes that ended, and decides what that means."""

    def __init__(self):
        self.stillborn = 0
        self.by_page = {}

    def judge(self, run, code):
        """Raises where no page is to blame: wrong usage, an input that broke off, a binary that never says a word."""
        process = run.process
        if process.input_error is not None:
            raise process.input_error
        if code == USAGE:
            raise BinaryError(f"{' '.join(process.argv)}: {process.last_words()}")
        if not run.spoke:
            self.stillborn += 1
            if self.stillborn >= MAX_STILLBORN:
                raise RuntimeError(
                    f"{process.argv[0]} ended {self.stillborn} times before it said a word, at last with {code}: {process.last_words()}"
                )

    def blames(self, page, run):
        """Whether this page, with which the process was alone, has ended enough of them."""
        if run.spoke:
            self.by_page[page] = self.by_page.get(page, 0) + 1
        return self.by_page.get(page, 0) >= MAX_DEATHS


def _died(code):
    return f"embalm ended {MAX_DEATHS} times while it searched this page alone (at last with {code})"


def of_pages(pages, argv, timeout_s=PAGE_TIMEOUT_S):
    """What came of each of these pages (:class:`Told`), in order. ``argv`` is the command, which reads lines from stdin."""
    pages, more = iter(pages), True
    window, held, sent = collections.deque(), 0, 0
    # So many of the first pages of the window go one by one: one of them ended a process.
    suspects = 0
    deaths, run = Deaths(), None
    try:
        while True:
            while more and len(window) < WINDOW_PAGES and (held < WINDOW_BYTES or not window):
                page = next(pages, None)
                more = page is not None
                if more:
                    window.append(page)
                    held += len(page.line)
            if run is None:
                run, sent = Run(argv, timeout_s=timeout_s), 0
                run.greeted()
            while run.spoke and sent < (min(1, len(window)) if suspects else len(window)):
                run.process.send(window[sent].line + b"\n")
                sent += 1
            if not window:
                run.process.finish_input()
            told = run.next() if run.spoke else None
            if told is not None:
                line, records = told
                page = window.popleft()
                held, sent, suspects = held - len(page.line), sent - 1, max(0, suspects - 1)
                yield _told(page.id, line, records)
                continue
            code = run.process.wait()
            if not window and code in (DONE, FAILED):
                return
            deaths.judge(run, code)
            if window and suspects and deaths.blames(window[0].id, run):
                page = window.popleft()
                held, suspects = held - len(page.line), suspects - 1
                yield Told(page.id, page.article, [], _died(code), [])
            elif not suspects:
                suspects = sent
            run = None
    finally:
        # Also where whoever asked has enough: the process must not outlive its task.
        if run is not None:
            run.process.end()


def of_recording(name, argv, blocks, timeout_s=PAGE_TIMEOUT_S):
    """What came of each page of a recording, in order. ``blocks()`` opens it anew, as an iterator of bytes; None where
    ``argv`` names a file of this machine."""
    confirmed, careful = 0, False
    deaths, run = Deaths(), None
    try:
        while True:
            words = [*argv[:-1], "--skip", str(confirmed), *(["--one-by-one"] if careful else []), argv[-1]]
            run = Run(words, blocks() if blocks else iter(()), timeout_s)
            while (told := run.next()) is not None:
                line, records = told
                confirmed = line["page"] + 1
                yield Told(page_id(name, line["page"]), line["article"], records, line["error"], line["cut_short"])
            code = run.process.wait()
            if code in (DONE, FAILED) and run.process.input_error is None:
                return
            deaths.judge(run, code)
            if careful and deaths.blames(confirmed, run):
                yield Told(page_id(name, confirmed), None, [], _died(code), [])
                confirmed += 1
            careful, run = True, None
    finally:
        if run is not None:
            run.process.end()


def of_lines(name, argv, stretch, timeout_s=PAGE_TIMEOUT_S):
    """What came of each page of a stretch of JSON Lines (:class:`embalm_spark.pages.Stretch`), in order. Its bytes are read again from
    the first page that was not told, where a process ended; nothing of it is held."""
    start, skip, suspects = None, False, 0
    deaths, run, turns = Deaths(), None, None
    try:
        while True:
            sent, before = stretch.read(start, skip), start
            turns = Turns(sent, suspects)
            run = Run(argv, iter(turns), timeout_s)
            while (told := run.next()) is not None:
                start, skip = turns.told(), True
                yield _told(page_id(name, start), *told)
            turns.end()
            code = run.process.wait()
            ended = code in (DONE, FAILED) and run.process.input_error is None
            if ended and sent.is_read and not sent.places:
                return
            # A line beyond all bounds ends the process's reading; another goes on after it.
            if not ended or start == before:
                deaths.judge(run, code)
                place = sent.places[0] if sent.places else None
                if suspects and deaths.blames(place, run):
                    if place is None:
                        raise RuntimeError(f"{argv[0]} ended with {code} before any page: {run.process.last_words()}")
                    start, skip = place, True
                    yield Told(page_id(name, start), stretch.article(start), [], _died(code), [])
                suspects = turns.suspects or max(1, len(sent.places))
            run = None
    finally:
        if turns is not None:
            turns.end()
        if run is not None:
            run.process.end()


class Turns:
    """The bytes of lines; as long as there are suspects, a page at a time, each when the one before it was told."""

    def __init__(self, sent, suspects):
        self.sent = sent
        #: So many of the next pages go one by one: one of them ended a process.
        self.suspects = suspects
        self.turn = threading.Semaphore(0)
        self.ended = False

    def told(self):
        """The next page was told; where its line begins."""
        self.suspects = max(0, self.suspects - 1)
        place = self.sent.places.popleft()
        self.turn.release()
        return place

    def end(self):
        """Nobody takes the bytes any more."""
        self.ended = True
        self.turn.release()

    def _first(self):
        """Where the first line begins that was not told. Another thread takes it away."""
        try:
            return self.sent.places[0]
        except IndexError:
            return float("inf")

    def __iter__(self):
        for block in self.sent:
            begin, cut = self.sent.given - len(block), 0
            while self.suspects and cut < len(block):
                line, cut = cut, block.find(b"\n", cut) + 1 or len(block)
                yield block[line:cut]
                # What is no whole line is waited for with its end.
                while block[cut - 1 : cut] == b"\n" and not self.ended and self._first() < begin + cut:
                    self.turn.acquire()
                if self.ended:
                    return
            yield block[cut:] if cut else block


def _told(id, line, records):
    """What the process told of a page that came through stdin. One without an address is named by its place there, which is no name
    beyond this process: it gets its row id."""
    article, error = line["article"], line["error"]
    if article.startswith(STDIN_NAME):
        article = id
    if error is not None and error.startswith(STDIN_NAME):
        error = f"{id} {error.partition(' ')[2]}"
    return Told(id, article, records, error, line["cut_short"])


def _widen(pipe):
    """Lets a pipe hold more, where the system allows it."""
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def page_id(name, place):
    """A page's own row id: its file, and its place there, so written that ids of one file sort as its pages stand."""
    return f"{name}#{place:015d}"
