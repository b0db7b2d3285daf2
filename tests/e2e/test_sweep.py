#!/usr/bin/env python3
"""`pagewalk sweep`: a price by the number of CPUs, every point a run. Output is TAP.

Expected by arithmetic from the model's prices, which are set here: an interrupt costs its sender `send`
cycles for each CPU, arrives after `way`; the handler takes `handler`, and `page` for each page that its TLB forgets.
All CPUs handle theirs at the same time, and CPU 0 waits for the last: the one it interrupted last.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
SLOW = float(os.environ.get("PW_SLOW", "1"))
SHOOTDOWN = os.path.join(ROOT, "assets/operations/shootdown.pw")
USAGE, DATA, OPEN = 2, 65, 66
PAGES, SEND, WAY, HANDLER, PAGE = 4, 7, 300, 50, 11
PRICES = [f"--set={key}={value}" for key, value in
          (("ipi_send_cycles", SEND), ("ipi_cycles", WAY), ("handler_cycles", HANDLER), ("invlpg_cycles", PAGE))]
FOLDER = tempfile.TemporaryDirectory(prefix="pagewalk-sweep.")


def run(*args, expect=0):
    done = subprocess.run([PAGEWALK, "sweep", *args], capture_output=True, timeout=60 * SLOW, check=False, cwd=ROOT)
    assert done.returncode == expect, f"{args}: status {done.returncode}, {done.stderr[:300]}"
    assert b"\x1b" not in done.stdout + done.stderr, f"{args}: an escape byte"
    assert done.stderr.count(b"\n") == (0 if expect == 0 else 1), done.stderr
    return (done.stdout if expect == 0 else done.stderr).decode()


def curves(*args):
    document = json.loads(run("--format", "json", *args))
    assert document["schema"] == "pagewalk.sweep/1"
    return {curve["with"]: {p["value"]: p["measured"] for p in curve["points"]} for curve in document["curves"]}


def file_with(*lines):
    path = os.path.join(FOLDER.name, "operations")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


def the_price_of_a_shootdown():
    found = curves(SHOOTDOWN, "--machine", "smp", "--over", "cpus=1..8", *PRICES, "--with", "shootdown=each",
                   "--with", "shootdown=batched")
    for n in range(1, 9):
        others = n - 1
        one_by_one = PAGES * (SEND * others + WAY + HANDLER + PAGE) if others else 0
        at_once = SEND * others + WAY + HANDLER + PAGES * PAGE if others else 0
        assert found["shootdown=each"][n] == one_by_one, (n, found["shootdown=each"][n], one_by_one)
        assert found["shootdown=batched"][n] == at_once, (n, found["shootdown=batched"][n], at_once)


def interrupts_are_counted():
    found = curves(SHOOTDOWN, "--machine", "smp", "--over", "cpus=2,4,8", "--with", "shootdown=each", "--with",
                   "shootdown=batched", "--with", "shootdown=deferred", "--measure", "ipi_sent")
    assert found == {"shootdown=each": {2: 4, 4: 12, 8: 28}, "shootdown=batched": {2: 1, 4: 3, 8: 7},
                     "shootdown=deferred": {2: 0, 4: 0, 8: 0}}, found


def a_tlb_of_one_to_four_ways():
    """Four pages of one set in turn, then the first again: it is still there only with four ways."""
    path = file_with("spawn", "mmap 0x10000000 64K rw", *(f"write {0x10000000 + 0x4000 * i:#x} 1" for i in range(4)),
                     "read 0x10000000")
    found = curves(path, "--over", "tlb.ways=1,2,4", "--measure", "tlb_miss")
    assert found == {None: {1: 1, 2: 1, 4: 0}}, found


def a_table_a_picture_or_svg():
    text = run(SHOOTDOWN, "--machine", "smp", "--over", "cpus=1..3", *PRICES, "--with", "shootdown=each")
    assert re.search(r"^ +2 +1472$", text, re.M), text  # 4 * (7 + 300 + 50 + 11)
    assert "cycles" in text and "cpus" in text and "┼" in text
    svg = run(SHOOTDOWN, "--machine", "smp", "--over", "cpus=1..3", "--format", "svg")
    assert svg.startswith("<?xml") and "<svg" in svg and svg.rstrip().endswith("</svg>")
    assert "操作" in run(SHOOTDOWN, "--machine", "smp", "--over", "cpus=1..3", "--lang", "zh")


def it_repeats_itself():
    asked = (SHOOTDOWN, "--machine", "smp", "--over", "cpus=1..8", "--format", "json")
    assert run(*asked) == run(*asked)


def what_is_wrong_is_said():
    run(SHOOTDOWN, expect=USAGE)
    for over in ("cpus", "cpus=", "=1..2", "cpus=4", "cpus=4..1", "cpus=2,1", "cpus=1..x", "cpus=1..1000"):
        said = run(SHOOTDOWN, "--over", over, expect=USAGE)
        assert "--over" in said, said
    assert "--measure" in run(SHOOTDOWN, "--over", "cpus=1..2", "--measure", "tlb_mis", expect=USAGE)
    assert "--with" in run(SHOOTDOWN, "--over", "cpus=1..2", *["--with=cpus=1"] * 7, expect=USAGE)
    assert "cpus" in run(SHOOTDOWN, "--over", "cpus=1..9", expect=USAGE)
    assert "sppeed" in run(SHOOTDOWN, "--over", "sppeed=1..9", expect=USAGE)
    run("-", "--over", "cpus=1..2", expect=USAGE)
    run(os.path.join(FOLDER.name, "none"), "--over", "cpus=1..2", expect=OPEN)
    assert ":2:" in run(file_with("spawn", "reed 1"), "--over", "cpus=1..2", expect=DATA)
    assert ":2:" in run(file_with("spawn", "switch 9"), "--over", "cpus=1..2", expect=DATA)


def main():
    cases = [the_price_of_a_shootdown, interrupts_are_counted, a_tlb_of_one_to_four_ways, a_table_a_picture_or_svg,
             it_repeats_itself, what_is_wrong_is_said]
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
