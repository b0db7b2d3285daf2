#!/usr/bin/env python3
"""Hostile input: files that are empty, cut off, damaged, huge, binary or no files at all, and command
lines that make no sense. Whatever comes, the program ends within five seconds and 300 MB, with the
exit code that fits and one clean line that names the file. Output is TAP; `# ` lines say what went
wrong. PW_SLOW stretches the time; the memory is judged only in a release build.

Exit codes: 2 usage, 65 bad input, 66 cannot open, 74 cannot write, 75 a limit.
"""
import gzip
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
SLOW = float(os.environ.get("PW_SLOW", "1"))
STRIDE = 1 if SLOW <= 1 else 3  # where things are slow, fewer of them
SECONDS, BYTES = 5 * SLOW, 300 << 20
SEED = 20240229
USAGE, DATA, OPEN, WRITE, LIMIT = 2, 65, 66, 74, 75

LESSON = b"""-- A lesson of four lines.
return lesson {
  id = "small", title = { en = "Small", zh = "\xe5\xb0\x8f" }, part = "tlb", machine = "toy16",
  steps = {
    { title = { en = "One", zh = "\xe4\xb8\x80" }, text = { en = "Look.", zh = "\xe7\x9c\x8b\xe3\x80\x82" } },
  },
}
"""
VECTOR = (b'{"id":"a","mode":"x86_32","maxpa":36,"cr0":"0x80000011","cr3":"0x1000","cr4":"0x0","efer":"0x0",'
          b'"mem":[["0x1000","0x2007"],["0x2004","0x3007"]],"acc":{"va":"0x1234","op":"r","user":1,"ac":0},'
          b'"exp":{"ok":1,"pa":"0x3234"},"ad":[["0x1000","0x2007","0x2027"],["0x2004","0x3007","0x3027"]]}\n')
OPERATIONS = b"spawn\nread 0x1000\nwrite 0x2000 7\n"


class Result:
    """What one run did."""

    def __init__(self, args, status, out, err, seconds, memory):
        self.args, self.status, self.out, self.err = args, status, out, err
        self.seconds, self.memory = seconds, memory

    def __str__(self):
        return (f"{' '.join(printable(arg) for arg in self.args)}: status {self.status}, "
                f"{self.seconds:.1f} s, {self.memory >> 20} MB, stderr {self.err[:300]!r}")


def printable(arg):
    text = arg if isinstance(arg, str) else os.fsdecode(arg)
    return repr(text) if len(text) < 60 else repr(text[:60]) + "..."


class Case:
    """A folder, a home, and the complaints of one test."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pagewalk-hostile.")
        self.home = os.path.join(self.folder, "home")
        os.mkdir(self.home)
        self.complaints = []
        self.runs = 0

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def complain(self, text):
        self.complaints.append(text)

    def expect(self, truth, text):
        if not truth:
            self.complain(text)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def env(self, extra=None):
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8", "TERM": "dumb",
               "XDG_STATE_HOME": os.path.join(self.home, "state")}
        env.update((key, value) for key, value in os.environ.items() if key.endswith("SAN_OPTIONS"))
        env.update(extra or {})
        return {key: value for key, value in env.items() if value is not None}

    def run(self, *args, stdin=b"", env=None, **more):
        """Runs it to its end, or kills it after the time it may take."""
        self.runs += 1
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            begun = time.monotonic()
            options = dict({"stdin": given, "stdout": out, "stderr": err, "cwd": self.folder},
                           **more)
            child = subprocess.Popen([PAGEWALK, *args], env=self.env(env), **options)
            status, usage = self.wait(child, begun + SECONDS)
            seconds = time.monotonic() - begun
            out.seek(0)
            err.seek(0)
            return Result(args, status, out.read(), err.read(), seconds, usage.ru_maxrss * 1024)

    def wait(self, child, end):
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                return child.returncode, usage
            if time.monotonic() > end:
                child.kill()
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
                return "killed: too slow", usage
            time.sleep(0.0005)

    # --- what every run must be ---

    def check_bounds(self, result):
        self.expect(result.seconds < SECONDS, f"too slow: {result}")
        self.expect(SLOW > 1 or result.memory < BYTES, f"too much memory: {result}")
        self.expect(isinstance(result.status, int) and result.status >= 0,
                    f"did not end by itself: {result}")
        self.expect(result.status != 70, f"a bug of its own: {result}")
        self.check_clean(result, result.err, "stderr")

    def check_clean(self, result, data, where):
        """Not one byte that a terminal would obey."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            self.complain(f"{where} is not UTF-8: {result}")
            return
        bad = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", text)
        self.expect(not bad, f"{where} holds {bad and hex(ord(bad[0]))}: {result}")

    def refused(self, codes, *args, names=None, line=None, **more):
        """One line on stderr, with the file's name and, where it makes sense, the line."""
        result = self.run(*args, **more)
        self.check_bounds(result)
        codes = codes if isinstance(codes, tuple) else (codes,)
        self.expect(result.status in codes, f"expected {' or '.join(map(str, codes))}: {result}")
        text = result.err.decode("utf-8", "replace")
        self.expect(text.endswith("\n") and text.count("\n") == 1,
                    f"not exactly one line: {result}")
        if names:
            self.expect(names in text, f"{names} is not named: {result}")
        if line:
            self.expect(re.search(rf":{line}\b", text), f"line {line} is not named: {result}")
        return result

    def works(self, *args, **more):
        result = self.run(*args, **more)
        self.check_bounds(result)
        self.expect(result.status == 0, f"expected 0: {result}")
        return result

    def ends(self, *args, **more):
        """Anything but a crash, a hang or a bug."""
        result = self.run(*args, **more)
        self.check_bounds(result)
        return result


# --- the commands that read a file --------------------------------------------------------------------


def readers():
    """(kind, arguments that come before the file, and after it) of every way a file comes in."""
    return [
        ("lesson", ["run"], []), ("lesson", ["show"], []), ("lesson", ["lesson", "check"], []),
        ("lesson", ["learn", "--plain"], []),
        ("machine", ["exec", "--machine"], ["-"]), ("machine", ["show", "--machine"], []),
        ("machine", ["play", "--plain"], []),
        ("vectors", ["walk"], []), ("vectors", ["walk", "--check"], []),
        ("operations", ["exec", "--machine", "toy16"], []),
        ("operations", ["show", "--machine", "toy16", "--exec"], []),
    ]


SUFFIX = {"lesson": ".lua", "machine": ".json", "vectors": ".jsonl", "operations": ".pw"}


def machine_text(name="x86-64"):
    with open(os.path.join(ROOT, "assets", "machines", name + ".json"), "rb") as file:
        return file.read()


def good_text(kind):
    return {"lesson": LESSON, "machine": machine_text(), "vectors": VECTOR,
            "operations": OPERATIONS}[kind]


def good_files_are_accepted(case):
    """Otherwise every refusal below would prove nothing."""
    for kind, before, after in readers():
        path = case.write("good" + SUFFIX[kind], good_text(kind))
        case.works(*before, path, *after)


def marks_and_crlf_are_accepted(case):
    """A byte-order mark and CRLF come from editors and mean nothing (JSON forbids the mark: 65)."""
    for kind, before, after in readers():
        text = good_text(kind)
        path = case.write("crlf" + SUFFIX[kind], text.replace(b"\n", b"\r\n"))
        case.works(*before, path, *after)
        path = case.write("mark" + SUFFIX[kind], b"\xef\xbb\xbf" + text)
        result = case.ends(*before, path, *after)
        case.expect(result.status == 0 or kind in ("machine", "vectors") and result.status == DATA,
                    f"{result}")


def what_is_no_file_is_66(case):
    names = {"missing": None, "folder": None, "/dev/zero": None, "fifo": None, "circle": None}
    os.mkdir(os.path.join(case.folder, "folder"))
    os.mkfifo(os.path.join(case.folder, "fifo"))
    os.symlink("circle", os.path.join(case.folder, "circle"))
    for kind, before, after in readers():
        for name in names:
            path = name
            if not name.startswith("/"):
                path = os.path.join(case.folder, name + SUFFIX[kind])
                if name != "missing" and not os.path.lexists(path):
                    os.symlink(name if name != "circle" else os.path.basename(path), path)
            case.refused(OPEN, *before, path, *after, names=os.path.basename(path))


def unreadable_is_66(case):
    os.chmod(case.folder, 0o755)
    for kind, before, after in readers():
        path = case.write("secret" + SUFFIX[kind], good_text(kind))
        os.chmod(path, 0)
        more = {"user": 65534} if os.geteuid() == 0 else {}
        try:
            case.refused(OPEN, *before, path, *after, names="secret", **more)
        except PermissionError:
            return  # root's own folder: nobody else can even start the program there


def names_with_escapes_are_shown_safely(case):
    """A file's own name is text from outside."""
    for name in (b"a\x1b[2Jb", b"a\nb", b"\xff\xfe", "a\u202eb".encode(), b"x" * 250):
        for kind, before, after in readers():
            path = os.fsencode(case.folder) + b"/" + name + SUFFIX[kind].encode()
            result = case.refused((OPEN, DATA), *before, path[:4000], *after)
            case.expect(b"\x1b" not in result.err + result.out, f"an escape passed: {result}")


# --- contents ------------------------------------------------------------------------------------------


def contents():
    """(name, bytes) that are neither lesson, machine, vector nor operation."""
    rng = random.Random(SEED)
    return [
        ("zeros", bytes(4096)),
        ("random", rng.randbytes(4096)),
        ("elf", b"\x7fELF\x02\x01\x01" + bytes(100)),
        ("bytecode", b"\x1bLuaT\x00\x19\x93\r\n\x1a\n\x04\x08\x08xV" + bytes(40)),
        ("latin-1", "Gr\xfc\xdfe".encode("latin-1")),
        ("utf-16", "return lesson {}".encode("utf-16")),
        ("overlong", b"\xc0\xaf\xe0\x80\xaf"),
        ("lone surrogate", b"\xed\xa0\x80"),
        ("escape", b"\x1b]0;owned\x07\x1b[2J"),
        ("bell", b"{\x07}"),
        ("brackets", b"[" * 100000),
        ("braces", b'{"a":' * 50000),
        ("nested", b"[" * 5000 + b"]" * 5000),
        ("numbers", b"[" + b"0," * 500000 + b"0]"),
        ("1e999", b'{"schema":1e999}'),
        ("quote", b'"' + b"a" * 100000),
        ("word", b"hello"),
        ("garbage behind", b"{} {}"),
        ("number", b"12345678901234567890123456789012345678901234567890"),
        ("control", b'{"a":"\x01"}'),
        ("nul escape", b'{"a\\u0000b":1}'),
        ("half a pair", b'{"a":"\\ud800"}'),
        ("twice", b'{"schema":"pagewalk.machine/1","schema":"pagewalk.machine/1"}'),
    ]


def nonsense_is_65(case):
    for name, content in contents():
        for kind, before, after in readers():
            path = case.write("bad" + SUFFIX[kind], content)
            case.refused(DATA, *before, path, *after, names="bad" + SUFFIX[kind])


def empty_is_told(case):
    """No lesson and no machine; no vector to check; but no operations are none."""
    for kind, before, after in readers():
        for content in (b"", b"\n\n\n"):
            path = case.write("empty" + SUFFIX[kind], content)
            if kind == "operations" or before == ["walk"]:
                case.works(*before, path, *after)
            else:
                case.refused(DATA, *before, path, *after, names="empty")


def a_nul_is_refused_where_it_stands(case):
    for kind, before, after in readers():
        text = good_text(kind)
        at = text.index(b"\n", len(text) // 2 - 1) if kind != "vectors" else len(text) // 2
        path = case.write("nul" + SUFFIX[kind], text[:at] + b"\0" + text[at:])
        case.refused(DATA, *before, path, *after, names="nul", line=text[:at].count(b"\n") + 1)


def huge_files_are_refused_at_once(case):
    """100 MB in one line, in short lines, and a gigabyte that is only a hole."""
    long_line, lines = case.write("long", b""), case.write("lines", b"")
    for path, piece in ((long_line, b"a" * (1 << 20)), (lines, b"hello\n" * (1 << 17))):
        with open(path, "ab") as file:
            for _ in range(100):
                file.write(piece)
    hole = case.write("hole", b"")
    os.truncate(hole, 1 << 30)
    for kind, before, after in readers():
        for path in (long_line, lines, hole):
            link = path + SUFFIX[kind]
            if not os.path.lexists(link):
                os.symlink(os.path.basename(path), link)
            case.refused(DATA, *before, link, *after, names=os.path.basename(link))


def gzip_that_lies_is_refused(case):
    whole = gzip.compress(VECTOR * 50)
    for name, content in (("cut.gz", whole[:len(whole) // 2]),
                          ("damaged.gz", whole[:40] + b"\xff" * 8 + whole[48:]),
                          ("bomb.gz", gzip.compress(bytes(8 << 20))), ("head.gz", whole[:12])):
        for command in (["walk"], ["walk", "--check"]):
            case.refused(DATA, *command, case.write(name, content), names=name)


# --- cut off, damaged --------------------------------------------------------------------------------


def cut_off(case, kind, before, after, text, step, least=0):
    """Cut off after each `step`-th byte: 65, with the file's name."""
    for length in range(least, len(text.rstrip()), step * STRIDE):
        path = case.write("cut" + SUFFIX[kind], text[:length])
        case.refused(DATA, *before, path, *after, names="cut" + SUFFIX[kind])


def cut_off_machines_are_65(case):
    """Each preset; test_preset.c does so at every byte."""
    for name in sorted(os.listdir(os.path.join(ROOT, "assets", "machines"))):
        cut_off(case, "machine", ["exec", "--machine"], ["-"], machine_text(name[:-5]), 17)


def cut_off_lessons_are_65(case):
    cut_off(case, "lesson", ["run"], [], LESSON, 1)
    cut_off(case, "lesson", ["lesson", "check"], [], LESSON, 5)
    for folder, _, files in os.walk(os.path.join(ROOT, "lessons")):
        for name in sorted(files):
            if name.endswith(".lua") and "/lib" not in folder:
                with open(os.path.join(folder, name), "rb") as file:
                    cut_off(case, "lesson", ["run"], [], file.read(), 311)


def cut_off_vectors_are_65(case):
    cut_off(case, "vectors", ["walk"], [], VECTOR, 1, 1)
    path = case.write("second.jsonl", VECTOR + VECTOR[:200])
    case.refused(DATA, "walk", path, names="second.jsonl", line=2)


def cut_off_operations_end_cleanly(case):
    """The beginning of a line may be a line too; then it runs."""
    for length in range(len(OPERATIONS)):
        result = case.ends("exec", "--machine", "toy16", case.write("cut.pw", OPERATIONS[:length]))
        case.expect(result.status in (0, DATA), f"expected 0 or 65: {result}")


def damaged_files_end_cleanly(case):
    """One byte wrong. A machine or vectors that are still well formed may run; nothing may crash."""
    rng = random.Random(SEED)
    for kind, before, after in readers():
        if before[0] in ("show", "play", "learn"):
            continue
        text = good_text(kind)
        for _ in range(60):
            at, byte = rng.randrange(len(text)), rng.randrange(256)
            path = case.write("damaged" + SUFFIX[kind], text[:at] + bytes([byte]) + text[at + 1:])
            result = case.ends(*before, path, *after)
            case.expect(result.status in (0, 1, DATA), f"byte {at} made {byte}: {result}")
            if result.status == DATA:
                text_of_error = result.err + result.out
                case.expect(b"damaged" in text_of_error,
                            f"byte {at} made {byte}, the file is not named: {result}")


# --- each format's own nonsense --------------------------------------------------------------------------


def wrong_operations_name_their_line(case):
    for bad in ("reed 0x1000", "read", "read 0x1000 0x2000 0x3000", "read 0x", "read 0xg",
                "read -1", "read 1e9",
                "read 0x10000000000000000", "read 0x1000 size=3", "read 0x1000 size=",
                "read 0x1000 size",
                "read 0x1000 cpu=99", "read 0x1000 colour=1", "mmap - 4096 rwq", "set nothing 1",
                "set cr0.pg", "poke 0x1000", "poke 0x1000 zz", "poke 0xffffffffffffffff 00",
                "switch 99", "tick 1e99",
                "spawn now", "invlpg", "\u202eread 0x1000", "read\x1b[2J 0x1000", "x" * 4090,
                "read " + "0x1 " * 900):
        path = case.write("bad.pw", b"spawn\n# a comment\n" + bad.encode() + b"\nread 0x1000\n")
        case.refused(DATA, "exec", "--machine", "toy16", path, names="bad.pw", line=3)


def wrong_operations_on_stdin_are_named(case):
    case.refused(DATA, "exec", "--machine", "toy16", "-", stdin=b"spawn\nreed 1\n",
                 names="standard input", line=2)
    case.refused(DATA, "walk", "-", stdin=b"{}\n", line=1)


def wrong_vectors_name_their_line(case):
    for old, new in ((b'"mode":"x86_32"', b'"mode":"x86_33"'), (b'"va":"0x1234"', b'"va":"0x123g"'),
                     (b'"va":"0x1234"', b'"va":4660'),
                     (b'"va":"0x1234"', b'"va":"0x12345678901234567"'),
                     (b'"maxpa":36', b'"maxpa":99'), (b'"maxpa":36', b'"maxpa":1.5'),
                     (b'"maxpa":36', b'"maxpa":01'),
                     (b'"maxpa":36', b'"maxpa":-1'), (b'"maxpa":36', b'"maxpa":9007199254740993'),
                     (b'"op":"r"', b'"op":"q"'), (b'"mem":[[', b'"mem":[[['),
                     (b'"cr3":"0x1000",', b''),
                     (b'"acc":{', b'"acc":{"op":"r",'), (b'"id":"a"', b'"ID":"a"'),
                     (b'}\n', b'}}\n'),
                     (b'"mem":[["0x1000"', b'"mem":[["0xffffffffffffffff"')):
        case.expect(old in VECTOR, f"{old} does not stand in the vector")
        path = case.write("bad.jsonl", VECTOR + VECTOR.replace(old, new, 1))
        case.refused(DATA, "walk", path, names="bad.jsonl", line=2)


def wrong_lessons_name_their_line(case):
    for old, new, line in ((b'id = "small"', b'id = "../../x"', None),
                           (b'id = "small"', b'id = "\\27[2J"', None),
                           (b'id = "small"', b'id = "' + b"a" * 65 + b'"', None),
                           (b'machine = "toy16"', b'machine = "toy15"', None),
                           (b'en = "Small"', b'en = 7', None), (b"steps = {", b"steps = {{", 8),
                           (b"return lesson {", b"while true do end\nreturn lesson {", None),
                           (b"return lesson {", b"error('\\27[2J')\nreturn lesson {", 2),
                           (b"return lesson {", b"os.exit(0)\nreturn lesson {", 2),
                           (b"return lesson {",
                            b"local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end\nreturn lesson {", None)):
        case.expect(old in LESSON, f"{old} does not stand in the lesson")
        path = case.write("bad.lua", LESSON.replace(old, new, 1))
        case.refused((DATA, OPEN, LIMIT), "run", path, names="bad.lua", line=line)


# --- what is kept between runs, and what is shipped ---------------------------------------------------------


def damaged_progress_is_moved_aside(case):
    """Never deleted, never fatal."""
    lesson = case.write("small.lua", LESSON)
    state = os.path.join(case.home, "state", "pagewalk")
    for number, content in enumerate((b"{", b"", b"\0" * 100, b"[" * 100000,
                                      b'{"schema":"pagewalk.progress/1","lessons":7}'), 1):
        os.makedirs(state, exist_ok=True)
        with open(os.path.join(state, "progress.json"), "wb") as file:
            file.write(content)
        result = case.works("learn", "--plain", lesson, stdin=b"quit\n")
        kept = os.path.join(state, f"progress.json.bad-{number}")
        case.expect(b"bad-" in result.err and result.err.count(b"\n") == 1,
                    f"it is not said: {result}")
        case.expect(os.path.exists(kept) and open(kept, "rb").read() == content,
                    f"{kept} does not hold {content[:20]!r}")


def newer_progress_is_left_alone(case):
    lesson = case.write("small.lua", LESSON)
    state = os.path.join(case.home, "state", "pagewalk")
    os.makedirs(state)
    path = os.path.join(state, "progress.json")
    content = b'{"schema":"pagewalk.progress/2","lessons":{}}'
    with open(path, "wb") as file:
        file.write(content)
    case.works("learn", "--plain", lesson, stdin=b"quit\n")
    case.expect(open(path, "rb").read() == content, "a newer version's file was changed")


def progress_that_is_no_file_stops_nobody(case):
    lesson = case.write("small.lua", LESSON)
    state = os.path.join(case.home, "state", "pagewalk")
    for make in (os.mkdir, os.mkfifo, lambda path: os.symlink("progress.json", path),
                 lambda path: os.symlink("/dev/zero", path)):
        shutil.rmtree(state, ignore_errors=True)
        os.makedirs(state)
        make(os.path.join(state, "progress.json"))
        case.works("learn", "--plain", lesson, stdin=b"quit\n")


def odd_keys_stop_nobody(case):
    """A file of keys is a person's own: what is wrong in it is told with its name, and the program starts all the same."""
    folder = os.path.join(case.folder, "pagewalk")
    path = os.path.join(folder, "keys")
    env = {"XDG_CONFIG_HOME": case.folder}
    os.mkdir(folder)
    case.expect(case.works("keys", env=env).err == b"", "a complaint without a file")
    for name, content in contents() + [("many lines", b"z zooom\n" * 8000), ("too large", b"# " * 40000)]:
        case.write("pagewalk/keys", content)
        result = case.ends("keys", env=env)
        case.expect(result.status == DATA and b"pagewalk/keys" in result.err, f"{name}: {result}")
        case.works("play", "toy16", "--plain", stdin=b"quit\n", env=env)
    os.unlink(path)
    for make in (lambda: os.mkfifo(path), lambda: os.symlink("keys", path), lambda: os.symlink("/dev/zero", path), lambda: os.mkdir(path)):
        make()
        case.refused(OPEN, "keys", env=env, names="pagewalk/keys")
        case.works("play", "toy16", "--plain", stdin=b"quit\n", env=env)
        if not os.path.isdir(path):
            os.unlink(path)


def no_home_stops_nobody(case):
    lesson = case.write("small.lua", LESSON)
    for env in ({"HOME": None, "XDG_STATE_HOME": None}, {"HOME": "", "XDG_STATE_HOME": ""},
                {"XDG_STATE_HOME": "relative"},
                {"HOME": "/nonexistent", "XDG_STATE_HOME": None},
                {"XDG_STATE_HOME": "/proc/1/nothing"}):
        case.works("learn", "--plain", lesson, stdin=b"quit\n", env=env)
        case.expect(not os.path.exists(os.path.join(case.folder, "relative")),
                    "a relative folder was used")


def a_damaged_language_is_told(case):
    """The catalogue is data: broken, the program speaks English."""
    data = os.path.join(case.folder, "data")
    os.makedirs(os.path.join(data, "lang"))
    shutil.copytree(os.path.join(ROOT, "assets", "machines"), os.path.join(data, "machines"))
    for content in (b"{", b"\0", b'{"schema":"pagewalk.lang/1","texts":7}', b"[" * 100000,
                    b'{"schema":"pagewalk.lang/1","texts":{"%u of %u: %s":"%s%n"}}'):
        with open(os.path.join(data, "lang", "zh.json"), "wb") as file:
            file.write(content)
        result = case.ends("list", "machines", "--lang", "zh", env={"PAGEWALK_DATA": data})
        case.expect(result.status in (0, DATA), f"expected 0 or 65: {result}")
        case.expect(b"zh.json" in result.err and result.err.count(b"\n") == 1,
                    f"it is not said: {result}")


STEERING = "\x1b[31m\x9b7m\u202e\x07\r\x85"


def steered(node, member=""):
    """The document with STEERING behind every text, names of formats and dialects excepted."""
    if isinstance(node, dict):
        return {key: steered(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [steered(value, member) for value in node]
    return node + STEERING if isinstance(node, str) and member in ("en", "zh", "title") else node


def data_that_steers_is_cleaned(case):
    """Titles and level names of a machine, every text of a catalogue: nothing of them is obeyed."""
    data = os.path.join(case.folder, "data")
    shutil.copytree(os.path.join(ROOT, "assets"), data)
    machine = steered(json.loads(machine_text("toy16")))
    machine["format"]["levels"][0]["name"] = "P\x1b[7m"
    with open(os.path.join(data, "machines", "toy16.json"), "w", encoding="utf-8") as file:
        json.dump(machine, file, ensure_ascii=False)
    path = os.path.join(data, "lang", "zh.json")
    with open(path, encoding="utf-8") as file:
        catalogue = json.load(file)
    catalogue["texts"] = {key: value + STEERING for key, value in catalogue["texts"].items()}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(catalogue, file, ensure_ascii=False)
    lists = [["list", kind] for kind in ("machines", "operations", "events", "views", "fields", "quirks")]
    for args in (*lists, ["exec", "--machine", "toy16", "-"], ["exec", "--format", "json", "--machine", "toy16", "-"],
                 ["play", "--plain", "toy16"], ["show", "--machine", "toy16"],
                 ["show", "--machine", "toy16", "--format", "svg"], ["show", "--machine", "toy16", "--format", "json"]):
        for lang in ("en", "zh"):
            stdin = b"quit\n" if args[0] == "play" else OPERATIONS
            result = case.works(*args, "--lang", lang, stdin=stdin, env={"PAGEWALK_DATA": data})
            case.check_clean(result, result.out, "stdout")


def missing_data_is_told(case):
    empty = os.path.join(case.folder, "nothing")
    os.mkdir(empty)
    for args in (["exec", "-"], ["play", "--plain"], ["show", "--machine", "toy16"], ["list"], ["list", "machines"]):
        case.refused(OPEN, *args, env={"PAGEWALK_DATA": empty})
    case.ends("doctor", env={"PAGEWALK_DATA": empty})


# --- the command line -------------------------------------------------------------------------------------


def wrong_numbers_are_usage(case):
    for value in ("-1", "0", "1e9", "99999999999999999999", " 8", "8 ", "8x", "0x", "", "0x1g",
                  "\u0668", "8\x1b[2J"):
        case.refused(USAGE, "exec", "--set", "frames=" + value, "-")
        case.refused(USAGE, "show", "--machine", "toy16", "--at", "x" + value)
        if value != "0":
            case.refused(USAGE, "exec", "--seed", value, "-") if value != "1e9" else None
        case.refused(USAGE, "show", "--machine", "toy16", "--size", value + "x24")
    for size in ("80", "x", "80x", "x24", "80x24x2", "80X24", "501x24", "80x201", "0x0", "-80x24",
                 "99999999999x24"):
        case.refused(USAGE, "show", "--machine", "toy16", "--size", size)


def wrong_words_are_usage(case):
    for args in (["--nope"], ["nope"], ["exec", "--nope", "x"], ["exec", "--machine"], ["run"],
                 ["run", "a", "b"], ["walk"],
                 ["list", "nothing"], ["list", "--format", "xml"], ["show", "--view", "nothing",
                     "--machine", "toy16"],
                 ["show"], ["show", "split", "--machine", "toy16"], ["lesson"], ["lesson",
                     "nothing"], ["lesson", "check"],
                 ["show", "--machine", "toy16", "--theme", "pink"], ["show", "--machine", "toy16",
                     "--lang", "xx"],
                 ["exec", "--set", "frames", "-"], ["exec", "--set", "colour=1", "-"],
                 ["\x1b[2J"], ["exec", "--machine", "toy16", "--\x1b[2J", "x"], ["play", "--plain",
                     "--set", "tlb.sets=3"]):
        case.refused(USAGE, *args)


def odd_arguments_do_not_crash(case):
    for args in ([b"\xff\xfe"], ["run", b"\xff\xfe"], ["x" * 100000], ["run", "x" * 100000],
                 ["exec", "--machine", "x" * 100000, "-"],
                 ["exec", "--set", "x" * 100000, "-"], ["", ""], ["--"], ["exec", "--", "-"],
                 ["exec", "--seed", "1", "--seed", "2", "-"], ["show", "--machine", "toy16",
                     "--size", "1x1"],
                 ["exec", "--help", "--nope"], ["-"], ["--version", "x"]):
        case.ends(*args)
    result = case.ends(executable=PAGEWALK)
    case.expect(result.status in (0, USAGE), f"{result}")


def closed_descriptors_are_survived(case):
    """A file opened later must not land on 0, 1 or 2 and be written over."""
    path = case.write("good.pw", OPERATIONS)
    for closed in (0, 1, 2, (0, 1, 2)):
        every = closed if isinstance(closed, tuple) else (closed,)
        result = case.ends("exec", "--machine", "toy16", path,
                           preexec_fn=lambda: [os.close(fd) for fd in every])
        case.expect(1 in every or result.status == 0, f"without {closed}: {result}")
        case.expect(open(path, "rb").read() == OPERATIONS,
                    f"without {closed} the input was written over")


def what_cannot_be_written_is_74(case):
    path = case.write("good.pw", OPERATIONS)
    lesson = case.write("small.lua", LESSON)
    for args in (["exec", "--machine", "toy16", path], ["list"], ["list", "machines", "--format",
        "json"], ["run", lesson],
                 ["show", "--machine", "toy16"], ["show", "--machine", "toy16", "--format", "json"],
                 ["--help"], ["keys"],
                 ["exec", "--help"], ["--version"], ["doctor"], ["walk", case.write("good.jsonl",
                     VECTOR)],
                 ["lesson", "api"], ["lesson", "check", lesson]):
        with open("/dev/full", "wb") as full:
            result = case.run(*args, stdout=full)
        case.check_bounds(result)
        case.expect(result.status == WRITE and result.err.count(b"\n") == 1,
                    f"expected 74 and one line: {result}")


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))


def a_file_size_limit_is_74(case):
    with open(os.path.join(case.folder, "small"), "wb") as file:
        result = case.run("list", "operations", stdout=file, preexec_fn=limit_file_size)
    case.expect(result.status == WRITE, f"expected 74: {result}")


def a_reader_that_leaves_is_no_error_message(case):
    path = case.write("many.pw", b"spawn\n" + b"read 0x1000\n" * 20000)
    child = subprocess.Popen([PAGEWALK, "exec", "--machine", "toy16", path], env=case.env(),
                             stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    err = child.stderr.read()
    status = child.wait(timeout=SECONDS)
    case.expect(status in (WRITE, -signal.SIGPIPE) and err == b"",
                f"status {status}, stderr {err[:200]!r}")


def no_escape_reaches_a_pipe(case):
    """Also not what a lesson or a file's name brings along."""
    evil = LESSON.replace(b'en = "Look."', b'en = "A\\27[2JB\\7\\u{202e}"').replace(b'en = "One"',
        b'en = "\\27]0;x\\7"')
    path = case.write("evil.lua", evil)
    for args in (["run", path], ["run", "--format", "json", path], ["show", path], ["show",
        "--format", "json", path],
                 ["show", "--format", "svg", path], ["lesson", "check", path], ["learn", "--plain",
                     path]):
        result = case.ends(*args, stdin=b"next\nquit\n")
        case.check_clean(result, result.out, "stdout")


def locales_change_no_number(case):
    path = case.write("good.pw", OPERATIONS)
    want = case.works("exec", "--machine", "toy16", "--format", "json", path).out
    for name in ("C", "POSIX", "xx_YY", "de_DE.UTF-8", "zh_CN.GBK", "\x1b[2J"):
        result = case.works("exec", "--machine", "toy16", "--format", "json", path,
                            env={"LC_ALL": name})
        case.expect(result.out == want, f"another answer with LC_ALL={name!r}")


TESTS = [
    good_files_are_accepted, marks_and_crlf_are_accepted, what_is_no_file_is_66, unreadable_is_66,
    names_with_escapes_are_shown_safely, nonsense_is_65, empty_is_told,
    a_nul_is_refused_where_it_stands,
    huge_files_are_refused_at_once, gzip_that_lies_is_refused, cut_off_machines_are_65,
    cut_off_lessons_are_65,
    cut_off_vectors_are_65, cut_off_operations_end_cleanly, damaged_files_end_cleanly,
    wrong_operations_name_their_line, wrong_operations_on_stdin_are_named,
    wrong_vectors_name_their_line,
    wrong_lessons_name_their_line, damaged_progress_is_moved_aside, newer_progress_is_left_alone,
    progress_that_is_no_file_stops_nobody, odd_keys_stop_nobody, no_home_stops_nobody,
    a_damaged_language_is_told,
    data_that_steers_is_cleaned,
    missing_data_is_told,
    wrong_numbers_are_usage, wrong_words_are_usage, odd_arguments_do_not_crash,
    closed_descriptors_are_survived,
    what_cannot_be_written_is_74, a_file_size_limit_is_74, a_reader_that_leaves_is_no_error_message,
    no_escape_reaches_a_pipe, locales_change_no_number,
]


def main(wanted):
    failed = number = runs = 0
    for test in TESTS:
        if wanted and test.__name__ not in wanted:
            continue
        number += 1
        case = Case()
        try:
            test(case)
        finally:
            case.close()
        runs += case.runs
        failed += bool(case.complaints)
        for complaint in case.complaints[:12]:
            print("# " + complaint)
        if len(case.complaints) > 12:
            print(f"# and {len(case.complaints) - 12} more")
        name = test.__name__.replace("_", " ")
        print(f"{'not ' if case.complaints else ''}ok {number} - {name} ({case.runs} runs)",
              flush=True)
    print(f"1..{number}")
    if not wanted:
        print(f"COUNT hostile {runs}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
