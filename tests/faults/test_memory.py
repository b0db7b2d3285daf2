#!/usr/bin/env python3
"""Every allocation of ten scenarios fails once. No crash, no endless run, nothing half written, and the
exit code of a limit (75), with one line that says so; or the scenario's usual code where the program could do
without (a list of files that glibc cannot read is an empty list). TAP; PW_SCALE > 1 tries the screen's
allocations one by one too instead of a sample.
"""
import concurrent.futures
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
PAGEWALK = os.path.join(BUILD, "pagewalk")
INJECT = os.path.join(BUILD, "tests", "faults", "inject.so")
LIMIT, SECONDS = 75, 20
KEYS = b"L?\x1bqq\nquit\n"  # languages, help, the way out; and out of plain mode, if it came to that
SAMPLE = 200  # runs in a terminal; each takes as long as fifty of the others
BROKEN = {0, 65, 66, 74, LIMIT}  # how a person is told that something did not go; never a signal, never 70

with open(os.path.join(ROOT, "assets", "starter.lua"), encoding="utf-8") as starter:
    LESSON = starter.read().replace("LESSON-ID", "small")
VECTOR = ('{"id":"a","mode":"x86_32","maxpa":36,"cr0":"0x80000011","cr3":"0x1000","cr4":"0x0","efer":"0x0",'
          '"mem":[["0x1000","0x2007"],["0x2004","0x3007"]],"acc":{"va":"0x1234","op":"r","user":1,"ac":0},'
          '"exp":{"ok":1,"pa":"0x3234"},"ad":[["0x1000","0x2007","0x2027"],["0x2004","0x3007","0x3027"]]}\n')
FILES = {"string": "7,0,1,2w,0,3,0,4\n", "small.lua": LESSON, "ops": "spawn\nread 0x1000\nfork\nwrite 0x1000 7\n", "vector.jsonl": VECTOR}

SCENARIOS = [  # words, what is typed
    (["exec", "ops", "--machine", "toy16", "--format", "json"], ""),
    (["walk", "vector.jsonl", "--check"], ""),
    (["list", "machines", "--format", "json"], ""),
    (["list", "operations"], ""),
    (["run", "./small.lua", "--format", "json"], ""),
    (["show", "./small.lua", "--at", "1", "--size", "80x24"], ""),
    (["replay", "string", "--policy", "all", "--frames", "2..4"], ""),
    (["lesson", "new", "fresh"], ""),
    (["learn", "./small.lua", "--plain"], "next\nnext\na\nquit\n"),
    (["play", "toy16", "--plain"], "spawn\nread 0x1000\nback\nquit\n"),
]


class Folder:
    """A scenario's files, anew for each run: what a run leaves must not help the next one."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="pagewalk-memory.")
        for name, text in FILES.items():
            with open(os.path.join(self.path, name), "w", encoding="utf-8") as file:
                file.write(text)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def environment(self, nth):
        return {"PATH": os.environ["PATH"], "HOME": self.path, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
                "LD_PRELOAD": INJECT, "INJECT": f"memory:{nth}", "INJECT_COUNT": os.path.join(self.path, "count")}

    def count(self):
        with open(os.path.join(self.path, "count"), encoding="ascii") as file:
            return int(file.read())

    def half_written(self):
        """Temporary files, or a lesson that is not whole."""
        for name in os.listdir(self.path):
            if name.startswith(".pagewalk-"):
                return name
        fresh = os.path.join(self.path, "fresh.lua")
        if os.path.exists(fresh):
            with open(fresh, encoding="utf-8") as file:
                if not file.read().rstrip().endswith("}"):
                    return "fresh.lua"
        return None


def run(words, typed, nth):
    """Status, what was said, allocations counted (only if none failed), and what was left half written."""
    with Folder() as folder:
        done = subprocess.run([PAGEWALK, *words], cwd=folder.path, env=folder.environment(nth),
                              input=typed.encode(), capture_output=True, timeout=SECONDS, check=False)
        return done.returncode, done.stderr + done.stdout, folder.count() if nth == 0 else 0, folder.half_written()


def complaint(words, typed, nth, usual):
    try:
        status, said, _, half = run(words, typed, nth)
    except subprocess.TimeoutExpired:
        return f"allocation {nth}: still running after {SECONDS} s"
    if status == 1 and b"cannot reserve" in said:  # `lesson check` says of the lesson what it could not do
        return None
    if status not in BROKEN | {usual}:
        return f"allocation {nth}: status {status}: {said[-200:]!r}"
    if status == LIMIT and b"memory" not in said and b"cannot reserve" not in said:
        return f"allocation {nth}: status 75, but it says {said[-200:]!r}"
    return f"allocation {nth}: {half} is left" if half else None


def try_all(words, typed):
    usual, said, count, _ = run(words, typed, 0)
    if usual not in (0, 1) or count == 0:
        return count, [f"without a failure: status {usual}, {said[-200:]!r}"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda nth: complaint(words, typed, nth, usual), range(1, count + 1))
        return count, [text for text in found if text]


# --- the screen ------------------------------------------------------------------------------------

def in_terminal(nth):
    """One session on a terminal of its own: status as waitpid tells it, and what was drawn."""
    with Folder() as folder:
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(folder.path)
            os.execve(PAGEWALK, [PAGEWALK, "play", "toy16"], folder.environment(nth))
        drawn, typed, deadline = b"", 0, time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            ready = select.select([terminal], [], [], 0.03)[0]
            try:
                if ready:
                    drawn += os.read(terminal, 65536)
                elif typed < len(KEYS):
                    os.write(terminal, KEYS[typed:typed + 1])
                    typed += 1
            except OSError:
                break
        else:
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        os.close(terminal)
        return status, drawn, folder.count() if nth == 0 else 0


def screen_complaint(nth):
    status, drawn, _ = in_terminal(nth)
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) not in BROKEN | {2}:
        return f"allocation {nth}: wait status {status:#x}: {drawn[-200:]!r}"
    if drawn.count(b"\x1b[?1049h") > drawn.count(b"\x1b[?1049l"):
        return f"allocation {nth}: the terminal was not given back"
    return None


def try_screen():
    status, drawn, count = in_terminal(0)
    if status != 0 or count == 0:
        return count, [f"without a failure: wait status {status:#x}, {drawn[-200:]!r}"]
    step = 1 if float(os.environ.get("PW_SCALE", "1")) > 1 else max(1, count // SAMPLE)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        tried = list(range(1, count + 1, step))
        return len(tried), [text for text in pool.map(screen_complaint, tried) if text]


def main():
    print(f"1..{len(SCENARIOS) + 1}")
    failed = total = 0
    tests = [(" ".join(words), lambda w=words, t=typed: try_all(w, t)) for words, typed in SCENARIOS]
    tests.append(("the screen", try_screen))
    for number, (name, test) in enumerate(tests, 1):
        count, complaints = test()
        total += count
        failed += bool(complaints)
        print(f"{'not ' if complaints else ''}ok {number} - {name}: {count} allocations fail, one at a time",
              flush=True)
        for text in complaints[:8]:
            print(f"#   {text}")
    print(f"COUNT failed_allocations {total}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
