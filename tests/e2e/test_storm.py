#!/usr/bin/env python3
"""Storms: a window that changes its size all the time, over all sizes from 1x1 to 300x120 (sampled), and a
megabyte of random keys a second. The program neither dies nor hangs nor grows, ends when it is told to, and
gives the terminal back. TAP. Seeds are fixed; PW_SCALE makes storms longer, PW_SLOW shorter and more patient.
"""
import fcntl
import os
import pty
import random
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
SLOW = float(os.environ.get("PW_SLOW", "1"))
SCALE = float(os.environ.get("PW_SCALE", "1"))
PATIENCE = 10 * SLOW
SIZES = int(2000 * SCALE / min(SLOW, 4))
KEY_BYTES = int(2_000_000 * SCALE / SLOW)
MEGABYTES_MORE = 48  # that a storm may leave behind: history of what the keys did, no more

# What random keys are made of: all that a keyboard sends without ending the program by a signal.
ESCAPES = [b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[5~", b"\x1b[6~", b"\x1b[H", b"\x1b[F", b"\x1bOP", b"\x1b[15~",
           b"\x1b", b"\x1b[200~", b"\x1b[201~", b"\x1b[<0;10;10M", b"\x1b[<64;30;12M", b"\x1b[M !!", b"\xe4\xbd\xa0", b"\xff", b"\t", b"\r"]
SIGNALS = b"\x03\x1a\x1c\x11\x13"


class Session:
    """pagewalk on a terminal of its own, with a home of its own."""

    def __init__(self, *words):
        self.home = tempfile.mkdtemp(prefix="pagewalk-storm.")
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(self.home)
            env = {"PATH": os.environ["PATH"], "HOME": self.home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
            env.update({name: os.environ[name] for name in os.environ if name.endswith("SAN_OPTIONS")})
            os.execve(PAGEWALK, [PAGEWALK, *words], env)
        os.set_blocking(self.terminal, False)
        self.tail, self.status = b"", None
        self.resize(120, 40)

    def resize(self, columns, rows):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """What is drawn meanwhile; only its end is kept. False when nothing came."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            self.tail = (self.tail + os.read(self.terminal, 1 << 16))[-20000:]
            return True
        except (OSError, BlockingIOError):
            return False

    def write(self, keys):
        """As many of the keys as the terminal takes now, reading meanwhile. How many."""
        self.read(0)
        try:
            return os.write(self.terminal, keys)
        except BlockingIOError:
            self.read(0.01)
            return 0
        except OSError:
            return len(keys)

    def alive(self):
        if self.status is None:
            pid, status = os.waitpid(self.child, os.WNOHANG)
            self.status = status if pid else None
        return self.status is None

    def megabytes(self):
        with open(f"/proc/{self.child}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

    def end(self):
        """Ask it to end, as a person would; its wait status, or None when it had to be killed."""
        deadline, asked = time.monotonic() + PATIENCE, 0.0
        while self.alive() and time.monotonic() < deadline:
            if time.monotonic() > asked + 0.5:
                self.write(b"\x1b\x1b")
                self.read(0.1)
                os.kill(self.child, signal.SIGTERM)
                asked = time.monotonic()
            self.read(0.02)
        if self.alive():
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
            return None
        while self.read(0.05):
            pass
        return self.status

    def close(self):
        if self.alive():
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.terminal)
        shutil.rmtree(self.home, ignore_errors=True)


def judge_end(session, status):
    """It was ended by SIGTERM, or had ended by itself; and the terminal is as it was."""
    if status is None:
        yield f"it does not end: {session.tail[-200:]!r}"
    elif os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGTERM:
        yield f"ended by signal {os.WTERMSIG(status)}: {session.tail[-500:]!r}"
    elif os.WIFEXITED(status) and os.WEXITSTATUS(status) not in (0, 130):
        yield f"status {os.WEXITSTATUS(status)}: {session.tail[-500:]!r}"
    elif session.tail.rfind(b"\x1b[?1049l") < session.tail.rfind(b"\x1b[?1049h"):
        yield "the terminal was not given back"


def resizes(words):
    dice = random.Random(20260101)
    session = Session(*words)
    try:
        for n in range(SIZES):
            session.resize(dice.randint(1, 300), dice.randint(1, 120))
            if n % 3 == 0:
                session.write(dice.choice([b" ", b"\t", b"\x1b[D", b"z", b"?", b"y", b"i", b":", b"/", b"\x1b", b"\x1b"]))
            session.read(0.002)
            if not session.alive():
                return [f"it ended after {n} sizes", *judge_end(session, session.end())]
        session.resize(80, 24)
        while session.read(0.3):
            pass
        return list(judge_end(session, session.end()))
    finally:
        session.close()


def random_keys(dice, count):
    out = bytearray()
    while len(out) < count:
        kind = dice.random()
        if kind < 0.02:  # a click, anywhere and a little beyond
            out += b"\x1b[<0;%d;%dM\x1b[<0;1;1m" % (dice.randint(1, 125), dice.randint(1, 42))
        else:
            out += dice.choice(ESCAPES) if kind < 0.2 else bytes([dice.randrange(1, 127)])
    return bytes(byte for byte in out if byte not in SIGNALS)


def keys(words):
    """A session that ends by one of the keys is a good one; then the storm goes on over a new one."""
    dice = random.Random(20260102)
    sent, sessions = 0, 0
    while sent < KEY_BYTES:
        session = Session(*words)
        sessions += 1
        try:
            session.read(2 * SLOW)
            before, waiting, stuck = session.megabytes(), b"", time.monotonic()
            while sent < KEY_BYTES and session.alive():
                waiting = waiting or random_keys(dice, 4096)
                n = session.write(waiting)
                sent, waiting = sent + n, waiting[n:]
                stuck = time.monotonic() if n else stuck
                if time.monotonic() > stuck + PATIENCE:
                    return [f"no key is taken for {PATIENCE:.0f} s after {sent} bytes"]
            if session.alive() and SLOW <= 1 and session.megabytes() > before + MEGABYTES_MORE:
                return [f"{before} MB before, {session.megabytes()} MB after {sent} bytes of keys"]
            found = list(judge_end(session, session.end()))
            if found:
                return [f"session {sessions}, after {sent} bytes", *found]
        finally:
            session.close()
    return []


TESTS = [
    ("all sizes, in a lesson", lambda: resizes(["learn", "four-level"])),
    ("all sizes, on a free machine", lambda: resizes(["play", "x86-64"])),
    ("random keys in a lesson", lambda: keys(["learn", "split"])),
    ("random keys on a free machine", lambda: keys(["play", "i386"])),
    ("random keys on the course map", lambda: keys([])),
]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, (name, test) in enumerate(TESTS, 1):
        begun = time.monotonic()
        complaints = test()
        failed += bool(complaints)
        print(f"{'not ' if complaints else ''}ok {number} - {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        for text in complaints:
            print(f"#   {text}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
