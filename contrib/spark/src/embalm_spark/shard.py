"""One shard on the machine of a task: held by a lease, captured by the binary, saved on the shared path as it grows."""

import collections
import contextlib
import ctypes
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid
from contextlib import closing

from embalm_spark import binary, files

#: What the binary says of a host that its task does not have.
ELSEWHERE = "this run may not ask it"

#: Runs of the binary for one shard in one task, where it crashes.
TRIES = 3

#: Posts of which the last look by some rung was left out; that a web archive was not asked is no failure of a post which is known to be gone.
LEFT_OUT = f"""
    SELECT DISTINCT p.url FROM looks l JOIN posts p ON p.id = l.post WHERE l.result = 'failed' AND l.detail LIKE '%{ELSEWHERE}%'
    AND NOT EXISTS (SELECT 1 FROM looks n WHERE n.post = l.post AND n.id > l.id AND n.via = l.via)"""

#: Attempts to save a shard at the end of its turn.
SAVINGS = 3

#: What a row says of a shard that the job's time did not reach, as the binary's summary does.
TIME_BUDGET = "time budget"

#: Bytes of the binary's last words that are kept.
LAST_WORDS_BYTES = 2000


class Held(Exception):
    """Another task holds the shard."""


class Lease:
    """A shard's lock on the shared path, renewed while it is held; a holder that is gone loses it when its time is over.

    Object stores have no lock: two tasks that write within the same moment see each other's name when they look again, and
    the later one has it. A holder that finds another name ends its binary.
    """

    def __init__(self, address, seconds, lost):
        self.address, self.seconds, self.lost = address, seconds, lost
        self.me = {"owner": uuid.uuid4().hex, "machine": socket.gethostname(), "pid": os.getpid()}
        self.over = threading.Event()
        # Whether somebody had it before.
        self.follows = False

    def take(self):
        """Takes it, or waits as long as another one may hold it."""
        self.follows = read_json(self.address) is not None
        patience = time.monotonic() + 2 * self.seconds + 10
        while not self._is_free():
            if time.monotonic() > patience:
                raise Held(f"{self.address} is held by another task")
            time.sleep(min(1.0, self.seconds / 4))
        self._write()
        time.sleep(0.2)
        if (read_json(self.address) or {}).get("owner") != self.me["owner"]:
            raise Held(f"{self.address} was taken by another task")
        threading.Thread(target=self._renew, daemon=True).start()

    def drop(self):
        """Gives it back."""
        self.over.set()
        held = read_json(self.address) or {}
        if held.get("owner") == self.me["owner"]:
            write_json(self.address, {**self.me, "until": 0})

    def _is_free(self):
        held = read_json(self.address)
        if not held or held.get("until", 0) < time.time():
            return True
        here = held.get("machine") == self.me["machine"]
        return here and not _is_alive(held.get("pid", 0))

    def _write(self):
        write_json(self.address, {**self.me, "until": time.time() + self.seconds})

    def _renew(self):
        failed_since = None
        while not self.over.wait(self.seconds / 4):
            try:
                held = read_json(self.address) or {}
                if held.get("owner") != self.me["owner"]:
                    return self.lost()
                self._write()
                failed_since = None
            except OSError:
                failed_since = failed_since or time.monotonic()
                if time.monotonic() - failed_since > self.seconds / 2:
                    return self.lost()


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def read_json(address):
    """What a small file says; none where it is not there or not whole."""
    try:
        with files.open_stream(address) as stream:
            return json.loads(stream.read())
    except (FileNotFoundError, ValueError):
        return None


def write_json(address, value):
    """Writes a small file under another name first."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(value, file)
    try:
        files.put(file.name, address)
    finally:
        os.unlink(file.name)


class Shard:
    """A shard of ``out`` in the hands of one task. ``options`` are those of :func:`embalm_spark.capture.capture`."""

    def __init__(self, name, out, options):
        self.name, self.options = name, options
        self.address = f"{out.rstrip('/')}/shards/{name}.db"
        self.state_address = f"{out.rstrip('/')}/shards/{name}.json"
        self.program = binary.find(options.get("binary"))
        # The same folder for a task that is retried on this machine: what it had is newer than what it saved.
        mark = hashlib.sha256(self.address.encode()).hexdigest()[:16]
        self.folder = os.path.join(options.get("scratch") or tempfile.gettempdir(), f"embalm-shard-{mark}")
        self.archive = os.path.join(self.folder, "shard.db")
        self.child = None
        self.is_lost = False
        self.lease = Lease(f"{out.rstrip('/')}/shards/{name}.lease", options["lease_s"], self._lost)

    def visit(self, records, hosts):
        """Captures what is still to be captured of these posts, from these hosts alone; the row of it. What ails this machine's
        disk or the shared path is said in the row, and does not end the job.

        ``records`` are as detect has them: url, platform, quoted. None where it is about what an earlier round has put off.
        """
        began = time.monotonic()
        try:
            self.lease.take()
        except OSError as error:
            return self._row(0, hosts, [], [], binary.FAILED, None, f"the shared path: {error}", 0, None, began)
        try:
            return self._visit(records, hosts, began)
        except (OSError, subprocess.SubprocessError, sqlite3.Error) as error:
            if self.is_lost:
                raise Held(f"{self.address} was taken by another task") from error
            # What was captured is in the folder of this machine, and goes on from there.
            return self._row(0, hosts, [], [], binary.FAILED, None, said(error), 0, None, began)
        finally:
            with contextlib.suppress(OSError):
                self.lease.drop()

    def _visit(self, records, hosts, began):
        if self._is_over():
            # What was put off before is still to be done, and is not counted here.
            return self._row(0, hosts, [], [], binary.STOPPED, {"stopped": TIME_BUDGET}, "", 0, None, began)
        state = self._open()
        hosts = sorted(set(hosts) | set(state.get("hosts", ())))
        if records is None:
            records, resume = ({"url": url, "quoted": {}} for url in put_off(self)[0]), []
        else:
            resume = ["--resume"]
        given = os.path.join(self.folder, "posts.jsonl")
        asked = 0
        with open(given, "w", encoding="utf-8") as file:
            for record in records:
                asked += 1
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        if self.lease.follows:
            # What ran before may have asked a host just now.
            time.sleep(self.options["pause_s"])
        code, summary, words, tries = None, None, "", 0
        while asked and tries < TRIES and not self.is_lost:
            tries += 1
            code, summary, words = self._run(["add", *resume, given], hosts)
            if code >= 0 and code not in (binary.FAILED, binary.HELD) or summary:
                break
            time.sleep(self.options["pause_s"])
        if self.is_lost:
            raise Held(f"{self.address} was taken by another task")
        left_posts, left_hosts, failures = [], set(), {}
        saved = None
        if os.path.exists(self.archive):
            left_posts, left_hosts, failures = put_off(self)
            saved = self._save_at_last({"seq": state.get("seq", 0), "hosts": hosts})
        left_hosts |= set((summary or {}).get("hosts_left", ()))
        row = self._row(asked, hosts, left_posts, sorted(left_hosts), code, summary, words, tries, saved, began, failures)
        # All of it is on the shared path.
        shutil.rmtree(self.folder, ignore_errors=True)
        return row

    def _is_over(self):
        return self.options.get("until") is not None and time.time() >= self.options["until"]

    def _save_at_last(self, state):
        """Saves the shard; a shared path that fails for a moment is tried again."""
        for left in reversed(range(SAVINGS)):
            try:
                return self._save(state)
            except OSError:
                if not left:
                    raise
                time.sleep(self.options["pause_s"])

    def _open(self):
        """Brings the archive here, unless what is here is as new."""
        state = read_json(self.state_address) or {}
        os.makedirs(self.folder, exist_ok=True)
        seq = os.path.join(self.folder, "seq")
        here = None
        if os.path.exists(seq) and os.path.exists(self.archive):
            with open(seq, encoding="ascii") as file:
                here = file.read()
        if here != str(state.get("seq", 0)):
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.folder)
            if state:
                files.fetch(self.address, self.archive)
        with open(seq, "w", encoding="ascii") as file:
            file.write(str(state.get("seq", 0)))
        for name in ("config", "ca_file"):
            if self.options.get(name):
                with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                    file.write(self.options[name])
        return state

    def _words(self, hosts):
        options = self.options
        words = ["--json"]
        for host in hosts:
            words += ["--only-host", host]
        if options.get("until") is not None:
            words += ["--budget", f"{max(1, int(options['until'] - time.time()))}s"]
        for flag in ("max_bytes", "max_requests"):
            if options.get(flag):
                words += [f"--{flag.replace('_', '-')}", str(options[flag])]
        if options.get("ca_file"):
            words += ["--ca-file", os.path.join(self.folder, "ca_file")]
        for flag in ("resolve", "allow_host"):
            for value in options.get(flag) or ():
                words += [f"--{flag.replace('_', '-')}", value]
        return words

    def _base(self):
        words = [self.program, "--archive", self.archive]
        return words + (["--config", os.path.join(self.folder, "config")] if self.options.get("config") else [])

    def _run(self, command, hosts):
        """Runs the binary to its end, and saves the archive meanwhile; its exit code, summary and last words."""
        with tempfile.TemporaryFile(dir=self.folder) as said, tempfile.TemporaryFile(dir=self.folder) as talked:
            self.child = subprocess.Popen(
                [*self._base(), *command, *self._words(hosts)], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=said, stderr=talked, preexec_fn=_dies_with_its_parent,
            )
            try:
                while True:
                    try:
                        code = self.child.wait(self.options["checkpoint_s"])
                        break
                    except subprocess.TimeoutExpired:
                        if os.path.exists(self.archive) and not self.is_lost:
                            # One that fails now is made up for by the next.
                            with contextlib.suppress(OSError, subprocess.SubprocessError):
                                self._save({"hosts": hosts, **(read_json(self.state_address) or {})})
            finally:
                if self.child.poll() is None:
                    self.child.kill()
                    self.child.wait()
            said.seek(0)
            last = [line for line in said.read().splitlines() if line.startswith(b"{")][-1:]
            talked.seek(max(0, talked.seek(0, os.SEEK_END) - LAST_WORDS_BYTES))
            words = talked.read().decode("utf-8", "replace")
        try:
            summary = json.loads(last[0]) if last else None
        except ValueError:
            summary = None
        return code, summary, words

    def _save(self, state):
        """A consistent copy of the archive to the shared path; then the number that says so. Gives size and digest."""
        copy = os.path.join(self.folder, "copy.db")
        subprocess.run(
            [*self._base(), "-q", "backup", copy, "--force"], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, preexec_fn=_dies_with_its_parent,
        )
        digest = hashlib.sha256()
        with open(copy, "rb") as file:
            while chunk := file.read(files.CHUNK_BYTES):
                digest.update(chunk)
        size = os.path.getsize(copy)
        if self.is_lost:
            raise Held(f"{self.address} was taken by another task")
        files.put(copy, self.address)
        os.unlink(copy)
        seq = uuid.uuid4().hex
        told = {"seq": seq, "sha256": digest.hexdigest(), "bytes": size, "visited": int(time.time())}
        write_json(self.state_address, {**state, **told})
        with open(os.path.join(self.folder, "seq"), "w", encoding="ascii") as file:
            file.write(seq)
        return {"sha256": digest.hexdigest(), "bytes": size}

    def _row(self, asked, hosts, left_posts, left_hosts, code, summary, words, tries, saved, began, failures=None):
        states = {}
        if saved:
            with closing(sqlite3.connect(f"file:{self.archive}?mode=ro", uri=True)) as archive:
                states = dict(archive.execute("SELECT state, count(*) FROM posts GROUP BY state"))
        summary = summary or {}
        return {
            "shard": self.name, "hosts": hosts, "asked": asked, "states": states,
            "captured": states.get("live", 0), "gone": states.get("deleted", 0) + states.get("account_deleted", 0),
            "deferred": states.get("unknown", 0), "failures": failures or {},
            "put_off": len(left_posts), "hosts_left": left_hosts,
            "requests": summary.get("requests", 0), "stopped": summary.get("stopped"), "exit": code,
            "words": words.strip() if code not in (binary.DONE, binary.STOPPED) else None, "tries": tries,
            "path": self.address if saved else None, "sha256": saved and saved["sha256"], "bytes": saved and saved["bytes"],
            "elapsed_ms": int((time.monotonic() - began) * 1000),
        }

    def _lost(self):
        self.is_lost = True
        if self.child and self.child.poll() is None:
            self.child.kill()


def said(error):
    """What went wrong, with the last words of a program that ended."""
    words = getattr(error, "stderr", None)
    return f"{error} {words.decode('utf-8', 'replace').strip()[-LAST_WORDS_BYTES:]}" if words else str(error)


def failed(shard):
    """What could not be had, as ``embalm list failures`` says it, one at a time."""
    words = [*shard._base(), "--json", "list", "failures"]
    with subprocess.Popen(words, cwd=shard.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as listing:
        for line in listing.stdout:
            if line.strip():
                yield json.loads(line)
    if listing.returncode != binary.DONE:
        raise subprocess.CalledProcessError(listing.returncode, words)


def put_off(shard):
    """The addresses of posts of which something was left to another round, the hosts of files among it, and how many posts and
    files could not be had for each reason."""
    from embalm_spark.hosts import host_of

    keys, hosts, reasons = set(), set(), collections.Counter()
    for record in failed(shard):
        reasons[record["reason"]] += 1
        if ELSEWHERE in f"{record.get('detail')} {record.get('why')}":
            keys.add(record["subject"])
            if record["what"] == "media":
                hosts.add(host_of(record["url"]))
    with closing(sqlite3.connect(f"file:{shard.archive}?mode=ro", uri=True)) as archive:
        find = "SELECT url FROM posts WHERE platform || ':' || post_id = ?"
        urls = {url for key in sorted(keys) for (url,) in archive.execute(find, (key,))}
        urls.update(url for (url,) in archive.execute(LEFT_OUT))
    return sorted(urls), hosts - {None}, dict(reasons)


def _dies_with_its_parent():
    """A worker that is killed takes its binary with it: no orphan goes on asking."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (AttributeError, OSError):
        pass
