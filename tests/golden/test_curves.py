#!/usr/bin/env python3
"""Golden tables and curves of `pagewalk replay`, checked twice: against the file, and the rows of the
table against the JSON of the same run. The curve alone also as SVG.

    tests/golden/test_curves.py [NAME...]            compare
    tests/golden/test_curves.py --update [NAME...]   print what changed, and keep it

The runs stand in tests/golden/curves, what they print in tests/golden/replays/NAME.txt. Output is TAP.
"""
import difflib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
PATIENCE = 10 * float(os.environ.get("PW_SLOW", "1"))


def read_runs():
    with open(os.path.join(HERE, "curves"), encoding="utf-8") as file:
        rows = [line.split("#")[0].split() for line in file]
    return [(row[0], dict(word.split("=", 1) for word in row[1:])) for row in rows if row]


def replay(options, *more):
    """The output; a string of pages goes in through standard input."""
    is_file = os.path.exists(os.path.join(ROOT, options["trace"]))
    args = [f"--{key}={value}" for key, value in options.items() if key != "trace"]
    done = subprocess.run([PAGEWALK, "replay", options["trace"] if is_file else "-", *args, *more], cwd=ROOT,
                          input=options["trace"], capture_output=True, text=True, timeout=PATIENCE,
                          env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def path_of(name):
    return os.path.join(HERE, "replays", name + ".txt")


def kept(name):
    if not os.path.exists(path_of(name)):
        return ""
    with open(path_of(name), encoding="utf-8") as file:
        return file.read()


def difference(name, now):
    return list(difflib.unified_diff(kept(name).splitlines(), now.splitlines(), "kept", "now", lineterm=""))


def rows_are_of_the_json(options, text):
    """Every row of the table is a run or a point of the curve."""
    document = json.loads(replay(options, "--format=json"))
    known = {(r["policy"], r["frames"], r["faults"], r["hits"], str(r["writebacks"])) for r in document["runs"]}
    for frames, faults in enumerate(document.get("curve", {}).get("faults", []), 1):
        known.add(("lru", frames, faults, document["refs"] - faults, "-"))
    for r in document.get("machine", {}).get("runs", []):
        known.add((r["policy"], r["frames"], r["tlb_hits"], r["tlb_misses"], str(r["walks"])))
    rows = re.findall(r"^([a-z]+) +(\d+) +(\d+) +(\d+) +[\d.]+ % +(\d+|-)", text, re.M)
    wrong = [f"no such run: {row}" for row in rows
             if (row[0], int(row[1]), int(row[2]), int(row[3]), row[4]) not in known]
    return wrong + machine_rows_are_of_the_json(document, text) if rows else ["no rows"]


def machine_rows_are_of_the_json(document, text):
    """The last table, of a machine alone."""
    runs = document.get("machine", {}).get("runs", [])
    known = [tuple(str(r[name]) for name in ("policy", "frames", "minor_faults", "major_faults", "evictions",
                                             "swap_reads", "cycles")) for r in runs]
    rows = re.findall(r"^([a-z]+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$", text, re.M)
    return [] if rows == known else [f"the runs are {known}, the table has {rows}"]


def curve_of(options, text):
    """What comes after the tables, of which a machine has three."""
    parts = text.split("\n\n", 4 if "machine" in options else 2)
    return parts[-1] if len(parts) == (5 if "machine" in options else 3) else ""


def fits(options, text):
    wrong = [f"more than 80 columns: {line}" for line in text.splitlines() if len(line) > 80]
    if options.get("glyphs") == "ascii" and not curve_of(options, text).isascii():
        wrong.append("the curve is not ASCII")
    return wrong


def svg_has_the_words(options, text):
    """Well formed, and the letters of the curve are those of the text."""
    curve = curve_of(options, text)
    if not curve:
        return []
    root = ElementTree.fromstring(replay(options, "--format=svg"))
    drawn = "".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))
    letters = [sorted(re.sub(r"[\s│┌┐└┘├┤┬┴┼─|+-]", "", part)) for part in (drawn, curve)]
    return [] if letters[0] == letters[1] else ["the letters of the SVG are others"]


def check(name, options):
    text = replay(options)
    return (difference(name, text) + rows_are_of_the_json(options, text) + fits(options, text) +
            svg_has_the_words(options, text))


def update(runs):
    for name, options in runs:
        now = replay(options)
        print("\n".join(difference(name, now)))
        with open(path_of(name), "w", encoding="utf-8") as file:
            file.write(now)
    return 0


def main(words):
    wanted = [word for word in words if not word.startswith("-")]
    runs = [run for run in read_runs() if not wanted or run[0] in wanted]
    if "--update" in words:
        return update(runs)
    failed = 0
    for number, (name, options) in enumerate(runs, 1):
        try:
            wrong = check(name, options)
        except (RuntimeError, subprocess.TimeoutExpired, ValueError, ElementTree.ParseError) as error:
            wrong = [str(error)]
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in wrong[:40]:
            print("# " + line)
    print(f"1..{len(runs)}\nCOUNT golden_curves {len(runs)}")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
