#!/usr/bin/env python3
"""`pagewalk replay`: the counts of textbooks, of a recorded trace and of a model that does it the slow
way; every form a trace can have; and that bad, cut, endless or interrupted input never gives a result
that only looks right. Output is TAP.

Outside truths: L. A. Belady et al., CACM 12(6), 1969 (his string, FIFO 9 faults with 3 frames, 10 with
4); A. Silberschatz, P. B. Galvin and G. Gagne, "Operating System Concepts", 10.4 (the string of 20
with 3 frames: FIFO 15, OPT 9, LRU 12); for tests/traces/ls_head300k.lackey.zst what libCacheSim and a
prototype counted (its clock loads with R = 0).
"""
import gzip
import json
import os
import pty
import random
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
SLOW = float(os.environ.get("PW_SLOW", "1"))
LS = os.path.join(ROOT, "tests/traces/ls_head300k.lackey.zst")
USAGE, DATA, OPEN, LIMIT, INTERRUPTED = 2, 65, 66, 75, 130
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
SILBERSCHATZ = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
FOLDER = tempfile.TemporaryDirectory(prefix="pagewalk-replay.")
ENV = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")


def run(*args, stdin=b"", expect=0):
    done = subprocess.run([PAGEWALK, "replay", *args], input=stdin, capture_output=True, env=ENV,
                          timeout=30 * SLOW, check=False)
    assert done.returncode == expect, f"{args}: status {done.returncode}, {done.stderr[:300]}"
    assert b"\x1b" not in done.stdout + done.stderr, f"{args}: an escape byte"
    done.stderr.decode("utf-8")
    return done


def refused(code, text, *args, **more):
    """Nothing on stdout, the reason on the last line of stderr."""
    done = run(*args, expect=code, **more)
    assert done.stdout == b"", f"{args}: something on stdout"
    last = done.stderr.decode().splitlines()[-1]
    assert text in last, f"{args}: says {last!r}, not {text!r}"
    return done


def answer(*args, **more):
    document = json.loads(run(*args, "--format", "json", **more).stdout)
    assert document["schema"] == "pagewalk.replay/1"
    for one in document["runs"]:
        assert one["faults"] + one["hits"] == document["refs"], one
    return document


def faults(document, policy):
    return {r["frames"]: r["faults"] for r in document["runs"] if r["policy"] == policy}


def string(pages):
    return ",".join(map(str, pages)).encode()


def file_with(name, content):
    path = os.path.join(FOLDER.name, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


# --- the model: as slow and as plain as possible -------------------------------------------------


def victim(policy, frames, used, future):
    if policy == "fifo":
        return min(frames, key=lambda p: used[p][0])
    if policy == "lru":
        return min(frames, key=lambda p: used[p][1])
    if policy == "lfu":
        return min(frames, key=lambda p: (used[p][2], used[p][1]))
    never = len(future) + 1
    return min(frames, key=lambda p: (-(future.index(p) if p in future else never), p))


def clock_victim(frames, state, hand):
    while state[frames[hand]]:
        state[frames[hand]] = False
        hand = (hand + 1) % len(frames)
    return hand


def model(refs, policy, size, load_r=True):
    """(faults, writebacks)"""
    frames, used, dirty, r, hand, count, back = [], {}, set(), {}, 0, 0, 0
    for now, (page, write) in enumerate(refs):
        if page in frames:
            used[page] = (used[page][0], now, used[page][2] + 1)
            r[page] = True
        else:
            count += 1
            if len(frames) == size:
                at = hand = clock_victim(frames, r, hand) if policy == "clock" else frames.index(
                    victim(policy, frames, used, [p for p, _ in refs[now + 1:]]))
                back += frames[at] in dirty
                dirty.discard(frames[at])
                frames[at] = page
                hand = (hand + 1) % size
            else:
                frames.append(page)
            used[page], r[page] = (now, now, 1), load_r
        if write:
            dirty.add(page)
    return count, back


def counts_are_those_of_the_model():
    rng = random.Random(7)
    for case in range(30):
        refs = [(int(rng.paretovariate(0.8)) % 12, rng.random() < 0.3) for _ in range(120)]
        text = " ".join(f"{p}{'w' if w else ''}" for p, w in refs).encode()
        quirk = ["--quirk", "load-leaves-r-0"] if case % 2 else []
        document = answer("-", "--policy", "fifo,lru,clock,lfu,opt", "--frames", "1..13", *quirk,
                          stdin=text)
        assert document.get("dialect") == ("load-leaves-r-0" if quirk else None)
        for one in document["runs"]:
            want = model(refs, one["policy"], one["frames"], not quirk)
            assert (one["faults"], one["writebacks"]) == want, (text, one, want)


# --- outside truths ------------------------------------------------------------------------------


def textbook_strings():
    document = answer("-", "--policy", "fifo,lru,opt", "--frames", "3,4", stdin=string(BELADY))
    assert document["refs"] == 12 and document["pages"] == 5
    assert faults(document, "fifo") == {3: 9, 4: 10}
    assert faults(document, "lru") == {3: 10, 4: 8}
    assert faults(document, "opt") == {3: 7, 4: 6}
    document = answer("-", "--policy", "fifo,lru,opt", "--frames", "3", stdin=string(SILBERSCHATZ))
    assert [r["faults"] for r in document["runs"]] == [15, 12, 9]


def a_recorded_trace():
    document = answer(LS, "--policy", "lru,fifo,opt", "--frames", "8,32,128")
    assert (document["refs"], document["pages"], document["input"]) == (300000, 129, "lackey")
    assert faults(document, "lru") == {8: 9909, 32: 850, 128: 129}
    assert faults(document, "fifo") == {8: 12197, 32: 2064, 128: 129}
    assert faults(document, "opt") == {8: 6718, 32: 464, 128: 129}
    document = answer(LS, "--policy", "clock", "--frames", "8,32,128", "--quirk", "load-leaves-r-0")
    assert faults(document, "clock") == {8: 10609, 32: 1123, 128: 129}


def every_size():
    """One pass gives what a run for each size gives; the other policies, what their runs give."""
    text = string(BELADY)
    document = answer("-", "--policy", "lru,fifo", stdin=text)
    assert document["curve"]["faults"] == [12, 12, 10, 8, 5] and document["curve"]["policy"] == "lru"
    assert faults(document, "fifo") == {1: 12, 2: 12, 3: 9, 4: 10, 5: 5}
    curve = answer(LS)["curve"]["faults"]
    assert len(curve) == 129 and curve == sorted(curve, reverse=True)
    assert faults(answer(LS, "--frames", "1..129"), "lru") == dict(enumerate(curve, 1))
    fifo = faults(answer(LS, "--policy", "fifo", "--frames", "all"), "fifo")
    assert fifo == faults(answer(LS, "--policy", "fifo", "--frames", "1..129"), "fifo")


def limits_and_pages():
    assert answer("-", "--limit", "7", "--frames", "3", stdin=string(BELADY))["refs"] == 7
    assert answer(LS, "--limit", "100000", "--frames", "3")["refs"] == 100000
    small, large = (answer(LS, "--page", size, "--frames", "8")["pages"] for size in ("1K", "2M"))
    assert small > 129 > large
    seeds = {json.dumps(answer(LS, "--policy", "random", "--frames", "8", "--seed", seed)["runs"])
             for seed in ("1", "1", "2", "3")}
    assert len(seeds) == 3


# --- a whole machine -----------------------------------------------------------------------------


def machine_runs(document):
    """By policy and frames, with the run of the same place."""
    pairs = zip(document["runs"], document["machine"]["runs"], strict=True)
    return {(a["policy"], a["frames"]): {**a, **b} for a, b in pairs
            if (a["policy"], a["frames"]) == (b["policy"], b["frames"])}


def a_machine_faults_as_counted():
    """Every policy that needs no future, with writes; the model says how often."""
    rng = random.Random(11)
    refs = [(int(rng.paretovariate(0.8)) % 12, rng.random() < 0.3) for _ in range(300)]
    text = " ".join(f"{p}{'w' if w else ''}" for p, w in refs).encode()
    for quirk in ([], ["--quirk", "load-leaves-r-0"]):
        document = answer("-", "--machine", "x86-64", "--policy", "fifo,lru,clock,lfu", "--frames",
                          "2,5,9", *quirk, stdin=text)
        assert document["machine"]["name"] == "x86-64" and document["refs"] == 300
        assert len(machine_runs(document)) == 12
        for (policy, frames), one in machine_runs(document).items():
            assert (one["faults"], one["writebacks"]) == model(refs, policy, frames, not quirk), one
            assert one["swap_writes"] == one["writebacks"] and one["evictions"] == one["faults"] - frames
            assert re.fullmatch("[0-9a-f]{32}", one["state"])
    counting, machine = (answer("-", "--policy", "random", "--frames", "3", "--seed", "77", *more,
                                stdin=text)["runs"] for more in ((), ("--machine", "x86-64")))
    assert counting == machine


def a_machine_splits_what_crosses_a_page():
    lines = subprocess.run(["zstd", "-dc", LS], capture_output=True, check=True).stdout.decode()
    found = [(int(at, 16), int(size)) for at, size in re.findall(r"^(?:I | )[ILSM]? ?\s*([0-9a-f]+),(\d+)$", lines, re.M)]
    crossing = sum(at // 4096 != (at + size - 1) // 4096 for at, size in found)
    assert len(found) == 300000 and crossing > 0
    if SLOW > 1:  # a build that checks the whole machine again and again
        short = ["--policy", "lru,fifo", "--frames", "8,32", "--limit", "2000"]
        counted, document = answer(LS, *short), answer(LS, "--machine", "x86-64", *short)
        assert [r["faults"] for r in counted["runs"]] == [r["faults"] for r in document["runs"]]
        return
    document = answer(LS, "--machine", "x86-64", "--policy", "lru,fifo", "--frames", "8,32,128")
    assert (document["refs"], document["pages"]) == (300000 + crossing, 129)
    assert faults(document, "lru") == {8: 9909, 32: 850, 128: 129}
    assert faults(document, "fifo") == {8: 12197, 32: 2064, 128: 129}
    one = answer(LS, "--machine", "x86-64", "--limit", "100000")
    assert 100000 <= one["refs"] <= 100000 + crossing


def a_machine_has_a_tlb():
    """Sets of 4 ways, the least recently used goes; a fault looks a second time. A prototype counted 4439
    and 346 misses of direct-mapped ones."""
    rng = random.Random(5)
    refs = [int(rng.paretovariate(0.7)) % 60 for _ in range(3000)]
    sets, misses = {s: [] for s in range(4)}, 0
    for page in refs:
        way = sets[(page + 1) % 4]
        misses += page not in way
        sets[(page + 1) % 4] = [p for p in way if p != page][-3:] + [page]
    one = answer("-", "--machine", "x86-64", stdin=string(refs))["machine"]["runs"][0]
    pages = len(set(refs))
    assert (one["policy"], one["tlb_misses"], one["walks"]) == ("clock", misses + pages, misses + pages)
    assert one["tlb_hits"] == len(refs) - misses and one["major_faults"] == pages
    lines = subprocess.run(["zstd", "-dc", LS], capture_output=True, check=True).stdout.decode()
    words = b"".join((int(at, 16) >> 12).to_bytes(8, "little") for at in re.findall(r"([0-9a-f]+),\d+$", lines, re.M))
    for entries, misses in (("64", 4439), ("1024", 346)):
        one = answer("-", "--machine", "x86-64", "--set", "tlb.sets=" + entries, "--set", "tlb.ways=1",
                     stdin=words)["machine"]["runs"][0]
        assert one["tlb_misses"] == misses + 129, one


def a_machine_repeats_itself():
    first, again, other = (answer("-", "--machine", "x86-64", "--frames", "3", *more,
                                  stdin=string(SILBERSCHATZ)) for more in ((), (), ("--policy", "fifo")))
    assert first == again and first["machine"] != other["machine"]
    assert first["runs"][0]["policy"] == "clock" and other["runs"][0]["faults"] == 15
    text = run("-", "--machine", "x86-64", "--frames", "3", stdin=string(SILBERSCHATZ)).stdout.decode()
    assert "Machine x86-64" in text and "TLB misses" in text and max(map(len, text.splitlines())) <= 80


def what_a_machine_cannot_do():
    path = file_with("silberschatz", string(SILBERSCHATZ))
    for code, text, args in (
            (USAGE, "opt must know", ["--policy", "lru,opt"]), (USAGE, "opt must know", ["--policy", "all"]),
            (USAGE, "name sizes", ["--frames", "all"]), (USAGE, "64 machines", ["--frames", "1..65"]),
            (USAGE, "has 4096 bytes", ["--page", "8K"])):
        refused(code, text, path, "--machine", "x86-64", *args)
    refused(USAGE, "--set changes a machine", path, "--set", "cpus=1")
    refused(OPEN, "no machine", path, "--machine", "x86-65")
    refused(DATA, "no kernel", path, "--machine", "csapp")
    refused(DATA, "can have", path, "--machine", "toy16", "--frames", "100")
    high = b" L 1000,8\n L ffff888000000000,8\n"
    refused(DATA, "reference 2: machine x86-64 has no place for address 0xffff888000000000", "-",
            "--machine", "x86-64", stdin=high)
    refused(DATA, "reference 1: machine x86-64 has no place for address 0x800", "-", "--machine", "x86-64",
            stdin=b" L 800,8\n")
    refused(DATA, "reference 3: machine toy16 has no place for page 0xf", "-", "--machine", "toy16",
            stdin=b"0,14,15")


# --- forms ---------------------------------------------------------------------------------------


def forms_are_equal():
    """The same trace in every form, plain, packed and through a pipe."""
    rng = random.Random(3)
    refs = [rng.randrange(0x400, 0x440) for _ in range(40000)]
    words = b"".join(p.to_bytes(8, "little") for p in refs)
    forms = {
        "lackey": "".join(f" L {p << 12 | 8:08x},8\n" for p in refs).encode(),
        "pages": "\n".join(map(str, refs)).encode(),
        "addresses": "".join(f"0x{p << 12 | 0xff0:x}\n" for p in refs).encode(),
        "u64": words,
    }
    want = answer("-", "--frames", "16", "--input", "u64", stdin=words)["runs"]
    for form, content in forms.items():
        zstd = subprocess.run(["zstd", "-qc"], input=content, capture_output=True, check=True).stdout
        for packed in (content, gzip.compress(content), zstd):
            path = file_with("trace", packed)
            for document in (answer(path, "--frames", "16"),
                             answer("-", "--frames", "16", stdin=packed),
                             answer(path, "--frames", "16", "--input", form)):
                assert document["input"] == form and document["runs"] == want, form


def what_was_assumed_is_said():
    assert b"" == run("-", "--frames", "3", stdin=b"7,0,1,2").stderr
    said = run("-", "--frames", "3", stdin=b"5000,6000").stderr.decode()
    assert "read as page numbers" in said and "--input addresses" in said
    said = run("-", "--frames", "3", stdin=b"0x7fff1000 0x7fff2000").stderr.decode()
    assert "read as addresses" in said and "--input pages" in said


# --- bad input -----------------------------------------------------------------------------------


def bad_lines_are_told():
    good = b" L 1000,8\n" * 1000
    done = run("-", "--frames", "3", "--format", "json", stdin=good + b"who\x1b[31m\n" * 7)
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 6 and lines[0].startswith("standard input:1001: ")
    assert "7 of 1007 lines" in lines[5]
    assert json.loads(done.stdout)["bad_lines"] == 7
    noise = b"==12== Lackey\n--12-- x\n\n" + good + b"==12== done\n"
    assert run("-", "--frames", "3", stdin=noise).stderr == b""
    done = refused(DATA, "more than 1 %", "-", "--frames", "3", stdin=good + b"who?\n" * 11)
    assert len(done.stderr.splitlines()) == 7
    done = refused(DATA, "1 of 4 words", "-", stdin=b"1 2 3\nx")
    assert done.stderr.startswith(b'standard input:2: "x" is no page number')
    run("-", "--frames", "3", stdin=good[:990 * 10] + b"x\n" * 10)  # 10 of 1000 are not more
    refused(DATA, "more than 1 %", "-", "--frames", "3", stdin=good[:989 * 10] + b"x\n" * 10)


def what_is_no_trace_is_refused():
    packed = gzip.compress(b" L 1000,8\n" * 500)
    cases = {
        "empty": (b"", "no memory reference"), "lines": (b"\n\n\n", "no trace"),
        "noise": (b"==1== Lackey\n" * 9, "no trace"), "text": (b"Once upon a time\n" * 99, "no trace"),
        "cut.gz": (packed[:-12], "cut short"), "damaged.gz": (packed[:12] + b"\xff" * 9, "damaged"),
        "tail.gz": (packed + b"garbage", "damaged"),
        "odd.u64": ((5).to_bytes(8, "little") * 9 + b"\0", "cut short"),
        "program": (open(PAGEWALK, "rb").read(300000), "no trace"),
        "zeros.gz": (gzip.compress(b"\0" * 4097), "cut short"),
        "line": (b"a" * (5 << 20), "no trace"), "latin": (b"\xff\xfe" * 5000, "no trace"),
    }
    for name, (content, text) in cases.items():
        done = refused(DATA, text, file_with(name, content))
        assert done.stderr.startswith(os.path.join(FOLDER.name, name).encode()), done.stderr
        assert done.stderr.count(b"\n") == 1, done.stderr
        refused(DATA, text, "-", stdin=content)
    for form in ("lackey", "pages", "addresses"):
        refused(DATA, "more than 1 %", "-", "--input", form, stdin=b"Once upon a time\n" * 99)


def what_cannot_be_opened_is_66():
    refused(OPEN, "cannot open", os.path.join(FOLDER.name, "missing"))
    refused(OPEN, "not a regular file", FOLDER.name)
    refused(OPEN, "not a regular file", "/dev/zero")
    fifo = os.path.join(FOLDER.name, "fifo")
    os.mkfifo(fifo)
    refused(OPEN, "not a regular file", fifo)


def wrong_usage_is_2():
    path = file_with("belady", string(BELADY))
    for text, args in (
            ('did you mean "lru"?', ["--policy", "lur"]), ("twice", ["--policy", "lru,fifo,lru"]),
            ("see pagewalk list policies", ["--policy", "xyzzy"]), ("no \"\"", ["--policy", ""]),
            ("within 1..", ["--frames", "0"]), ("not a number", ["--frames", "-1"]),
            ("not a number", ["--frames", "1,,2"]), ("not a number", ["--frames", "1.."]),
            ("is empty", ["--frames", "4..3"]), ("sizes", ["--frames", "1..5000"]),
            ("64 bits", ["--frames", "99999999999999999999"]), ("runs", ["--frames", "1..3000", "--policy", "all"]),
            ("no power of two", ["--page", "3000"]), ("--limit", ["--limit", "0"]),
            ("not one of lackey, pages, addresses, u64", ["--input", "csv"]),
            ("several --frames", ["--format", "svg", "--frames", "3"])):
        refused(USAGE, text, path, *args)


def every_size_is_for_small_traces():
    many = "\n".join(str(n % 5000) for n in range(6000)).encode()
    done = refused(LIMIT, "--frames all runs fifo", "-", "--policy", "lru,fifo", "--frames", "all",
                   stdin=many)
    assert b"name sizes" in done.stderr
    assert len(answer("-", "--frames", "all", stdin=many)["curve"]["faults"]) == 5000
    refused(DATA, "one page", "-", "--format", "svg", stdin=b"1,1,1")
    assert "lru" in run("-", stdin=b"1,1,1").stdout.decode()


# --- somebody at the keyboard --------------------------------------------------------------------


def an_interrupt_gives_what_came_before():
    for args in ((), ("--format", "json"), ("--machine", "x86-64", "--format", "json")):
        child = subprocess.Popen([PAGEWALK, "replay", "-", "--frames", "8", *args], env=ENV,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdin.write(b" L 1000,8\n L 2000,8\n" * 20000 + b" L 3000")
        child.stdin.flush()
        time.sleep(0.3 * SLOW)
        child.send_signal(signal.SIGINT)
        out = child.stdout.read().decode()
        assert child.wait(10 * SLOW) == INTERRUPTED, child.returncode
        assert child.stderr.read() == b""
        if args:
            document = json.loads(out)
            assert document["interrupted"] is True and document["refs"] == 40000
        else:
            assert "40000 references to 2 pages" in out and "Interrupted" in out
    assert answer("-", stdin=string(BELADY))["interrupted"] is False


def on_a_terminal(*args, **variables):
    """What a terminal gets from stdout and stderr."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(PAGEWALK, [PAGEWALK, "replay", *args], dict(ENV, **variables))
    seen, end = b"", time.monotonic() + 20 * SLOW
    while time.monotonic() < end:
        if not select.select([fd], [], [], 0.02)[0]:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen[-300:]
    return seen


def progress_is_for_terminals_and_long_runs():
    short = on_a_terminal(file_with("belady", string(BELADY)), "--frames", "3")
    assert b"M/s" not in short and b"\x1b" not in short
    rng = random.Random(1)
    path = file_with("long", b"".join(rng.randrange(1 << 20).to_bytes(8, "little")
                                      for _ in range(1 << 16)) * 120)
    sizes = ("--policy", "all", "--frames", "1K" if SLOW > 1 else "1K,2K,3K,4K,5K,6K")
    long = on_a_terminal(path, *sizes)
    told = re.findall(rb"\r *(\d+) %  ([\d.]+) M references, ([\d.]+) M/s", long)
    assert told and [int(t[0]) for t in told] == sorted(int(t[0]) for t in told), long[:300]
    assert b"\x1b" not in long[:long.index(b"references to")]  # a curve after it has colours
    assert b"M/s" not in run(path, *sizes).stderr


def curves_have_colours_on_a_terminal():
    shown = on_a_terminal(file_with("belady", string(BELADY)), "--policy", "fifo,lru", "--frames", "1..5")
    assert b"\x1b[" in shown and "●".encode() in shown
    codes = set(re.findall(rb"\x1b\[[0-9;]*(.)", shown))
    assert codes == {b"m"}, codes
    path = file_with("belady", string(BELADY))
    assert b"\x1b" not in on_a_terminal(path, TERM="dumb") + on_a_terminal(path, TERM="")
    assert not re.search(rb"\x1b\[[0-9;]*[34]\d", on_a_terminal(path, NO_COLOR="1"))


def main():
    cases = [counts_are_those_of_the_model, textbook_strings, a_recorded_trace, every_size,
             limits_and_pages, forms_are_equal, what_was_assumed_is_said, bad_lines_are_told,
             what_is_no_trace_is_refused, what_cannot_be_opened_is_66, wrong_usage_is_2,
             a_machine_faults_as_counted, a_machine_splits_what_crosses_a_page, a_machine_has_a_tlb,
             a_machine_repeats_itself, what_a_machine_cannot_do, every_size_is_for_small_traces, an_interrupt_gives_what_came_before,
             progress_is_for_terminals_and_long_runs, curves_have_colours_on_a_terminal]
    failed = 0
    for number, case in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} - {case.__name__.replace('_', ' ')}", flush=True)
        except (AssertionError, subprocess.TimeoutExpired, ValueError, KeyError) as wrong:
            failed += 1
            print(f"not ok {number} - {case.__name__.replace('_', ' ')}")
            print("# " + str(wrong)[:600].replace("\n", "\n# "), flush=True)
    print(f"1..{len(cases)}")
    FOLDER.cleanup()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
