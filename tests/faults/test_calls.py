#!/usr/bin/env python3
"""Every system call of a save fails once, with EIO, ENOSPC and EINTR: the progress of a learner, and a new
lesson. What was there before is still there, whole; the program goes on, or ends with "cannot write" (74);
and when nothing could be saved, a line says so. TAP.
"""
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
PAGEWALK = os.path.join(BUILD, "pagewalk")
INJECT = os.path.join(BUILD, "tests", "faults", "inject.so")
SECONDS = 20

BEFORE = {"schema": "pagewalk.progress/1", "lessons": {
    "cow": {"done": True, "step": 3, "best": 2, "turn": 9, "questions": {"q": {"state": "right", "tries": 1}}}}}


class Home:
    """A state directory with some progress in it, and a lesson."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="pagewalk-calls.")
        self.state = os.path.join(self.path, "state", "pagewalk")
        os.makedirs(self.state)
        with open(os.path.join(self.state, "progress.json"), "w", encoding="utf-8") as file:
            json.dump(BEFORE, file)
        with open(os.path.join(ROOT, "assets", "starter.lua"), encoding="utf-8") as starter:
            text = starter.read().replace("LESSON-ID", "small")
        with open(os.path.join(self.path, "small.lua"), "w", encoding="utf-8") as file:
            file.write(text)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, words, typed, nth, how, below):
        count = os.path.join(self.path, "count")
        env = {"PATH": os.environ["PATH"], "HOME": self.path, "LC_ALL": "C.UTF-8",
               "XDG_STATE_HOME": os.path.join(self.path, "state"), "LD_PRELOAD": INJECT, "INJECT_COUNT": count,
               "INJECT": f"calls:{nth}:{how}", "INJECT_DIR": below(self)}
        done = subprocess.run([PAGEWALK, *words], cwd=self.path, env=env, input=typed.encode(),
                              capture_output=True, timeout=SECONDS, check=False)
        with open(count, encoding="ascii") as file:
            return done, int(file.read())


def progress_complaints(home, done):
    """What is in the state directory now, against what must be."""
    said = done.stdout + done.stderr
    if done.returncode not in (0, 74):
        yield f"status {done.returncode}: {said[-200:]!r}"
    if b"our own bug" in said:
        yield repr(said[-200:])
    kept = {}
    for name in sorted(os.listdir(home.state)):
        if name.startswith("progress.json"):
            with open(os.path.join(home.state, name), encoding="utf-8") as file:
                text = file.read()
            try:
                kept.update(json.loads(text)["lessons"])
            except ValueError:
                yield f"{name} is not whole: {text[:80]!r}"
    if kept.get("cow") != BEFORE["lessons"]["cow"]:
        yield f"what was there before is gone: {os.listdir(home.state)}, {said[-300:]!r}"
    if "small" not in kept and b"not saved" not in said:
        yield f"nothing was saved, and nothing says so: {said[-200:]!r}"


def lesson_complaints(home, done):
    path = os.path.join(home.path, "fresh.lua")
    there = os.path.exists(path)
    if done.returncode not in (0, 74):
        yield f"status {done.returncode}: {done.stderr!r}"
    if done.returncode == 0 and not there:
        yield "status 0, but there is no lesson"
    if done.returncode and not done.stderr:
        yield "nothing was said"
    if there:
        with open(path, encoding="utf-8") as file:
            if not file.read().rstrip().endswith("}"):
                yield f"half a lesson is left; status {done.returncode}"


SCENARIOS = [
    ("a learner's progress", ["learn", "./small.lua", "--plain"], "next\nnext\na\nquit\n",
     lambda home: home.state, progress_complaints),
    ("a new lesson", ["lesson", "new", "./fresh"], "", lambda home: ".", lesson_complaints),
]


def try_all(words, typed, below, judge, how):
    """Returns how many calls there were, and the complaints."""
    with Home() as home:
        done, count = home.run(words, typed, 0, 0, below)
        found = [f"without a failure: {text}" for text in judge(home, done)]
    for nth in range(1, count + 1):
        with Home() as home:
            done, _ = home.run(words, typed, nth, how, below)
            found += [f"call {nth}: {text}" for text in judge(home, done)]
    return count, found or ([] if count else ["no call was counted"])


def main():
    print(f"1..{len(SCENARIOS) * 3}")
    failed = number = total = 0
    for name, words, typed, below, judge in SCENARIOS:
        for how in (errno.EIO, errno.ENOSPC, errno.EINTR):
            number += 1
            count, complaints = try_all(words, typed, below, judge, how)
            total += count
            failed += bool(complaints)
            print(f"{'not ' if complaints else ''}ok {number} - {name}: {count} calls fail with "
                  f"{errno.errorcode[how]}, one at a time", flush=True)
            for text in complaints[:8]:
                print(f"#   {text}")
    print(f"COUNT failed_calls {total}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
