"""Pages made from the fixtures, each with its own URL; and wrong binaries that wrap the right one."""

import glob
import json
import os
import stat
import subprocess
import textwrap


#: More than any number of a page.
BELOW = 10**9


def write_pages(folder, path, count, parts=1):
    """``count`` pages from the HTML files below ``folder``, in turn, as JSON Lines in so many files. Their paths."""
    bodies = []
    for file in sorted(glob.glob(os.path.join(folder, "**", "*.html"), recursive=True)):
        with open(file, encoding="utf-8", errors="replace") as page:
            bodies.append(json.dumps(page.read(), ensure_ascii=False))
    assert bodies, f"no page below {folder}"
    paths = [os.path.join(path, f"pages-{part:03d}.jsonl") for part in range(parts)]
    each = -(-count // parts)
    for part, name in enumerate(paths):
        with open(name, "w", encoding="utf-8") as out:
            for number in range(part * each, min((part + 1) * each, count)):
                url = f"https://site-{number % 97}.example/{number}"
                out.write(f'{{"url":"{url}","html":{bodies[number % len(bodies)]}}}\n')
    return paths


def by_one_process(embalm, paths, threads=2):
    """The records that one process prints, in order."""
    done = subprocess.run([embalm, "detect", "--json", "--threads", str(threads), *paths], capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def as_printed(row):
    """A row of ``embeds`` as the binary prints it."""
    record = row.asDict(recursive=True)
    record.pop("page")
    record["quoted"] = {name: value for name, value in (record["quoted"] or {}).items() if value}
    return record


def wrapped(embalm, folder, script, below=BELOW):
    """A program that is Python with the real binary behind it: ``script`` sees ``words``, ``real``, ``folder``, ``BELOW``."""
    path = os.path.join(folder, "embalm")
    head = f"""\
        #!/usr/bin/env python3
        import os, signal, subprocess, sys, threading
        real, folder, words, BELOW = {embalm!r}, {str(folder)!r}, sys.argv[1:], {below}
        """
    with open(path, "w", encoding="utf-8") as out:
        out.write(textwrap.dedent(head) + textwrap.dedent(script))
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


#: Ends itself twice in all, after some lines of a process that got pages below a number (:func:`write_pages`); then it is the real one.
CRASHES_TWICE = """
    def is_ours(line):
        return int(line.split(b'"')[3].rsplit(b"/", 1)[1]) < BELOW

    def turn():
        for n in range(2):
            try:
                os.close(os.open(f"{folder}/crash-{n}", os.O_CREAT | os.O_EXCL))
                return n
            except FileExistsError:
                pass

    if words[:1] != ["detect"]:
        os.execv(real, [real, *words])
    crashes = []
    child = subprocess.Popen([real, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def feed():
        try:
            for line in sys.stdin.buffer:
                crashes or crashes.append(is_ours(line) and turn() is not None)
                child.stdin.write(line)
                child.stdin.flush()
            child.stdin.close()
        except BrokenPipeError:
            pass

    threading.Thread(target=feed, daemon=True).start()
    told = 0
    for line in child.stdout:
        sys.stdout.buffer.write(line)
        told += line.startswith(b'{"page":')
        if crashes and crashes[0] and told == 7:
            # In the middle of a line, as a process ends.
            sys.stdout.buffer.write(b'{"article":"https://')
            sys.stdout.flush()
            child.kill()
            os.kill(os.getpid(), signal.SIGKILL)
        sys.stdout.flush()
    os._exit(child.wait())
"""

#: The first process that told some pages says who it is, and waits until the file `go` is there.
WAITS_ONCE = """
    if words[:1] != ["detect"]:
        os.execv(real, [real, *words])
    child = subprocess.Popen([real, *words], stdin=sys.stdin, stdout=subprocess.PIPE)
    told = 0
    for line in child.stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.flush()
        told += line.startswith(b'{"page":')
        if told == 7:
            told += 1
            try:
                os.close(os.open(f"{folder}/chosen", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            with open(f"{folder}/unfinished", "w") as file:
                file.write(f"{os.getpid()} {os.getppid()}")
            os.rename(f"{folder}/unfinished", f"{folder}/waits")
            while not os.path.exists(f"{folder}/go"):
                threading.Event().wait(0.05)
    sys.exit(child.wait())
"""

#: Ends itself whenever it gets a page whose line has this word.
POISON = "poison-in-this-page"
DIES_OF_POISON = """
    if words[:1] != ["detect"]:
        os.execv(real, [real, *words])
    child = subprocess.Popen([real, *words], stdin=subprocess.PIPE)
    for line in sys.stdin.buffer:
        if b"poison-in-this-page" in line:
            child.kill()
            os.kill(os.getpid(), signal.SIGSEGV)
        child.stdin.write(line)
        child.stdin.flush()
    child.stdin.close()
    sys.exit(child.wait())
"""
