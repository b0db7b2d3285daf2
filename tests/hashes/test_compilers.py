#!/usr/bin/env python3
"""gcc and clang, -O0 and -O2 give the same machines.

Each of the four builds (gcc -O2 is BUILD itself) runs every program tests/hashes/hash_*.c, which print lines `HASH name value`,
and every shipped lesson, whose final state `run --format json` hashes. A value that differs between
builds is a difference in arithmetic, padding or evaluation order that a saved session would trip on.
"""
import glob
import json
import os
import re
import subprocess
import sys

BUILD = os.environ.get("BUILD", "build")
VARIANTS = [(cc, level) for cc in ("gcc", "clang") for level in ("-O0", "-O2")]
OURS = ("gcc", "-O2")  # MODE=release


def build(cc, level):
    """make's own flags come first, so the level given last is the one that counts."""
    ours = (cc, level) == OURS
    folder = BUILD if ours else f"{BUILD}/hashes/{cc}{level}"
    flags = [] if ours else [f"CC={cc}", f"CFLAGS={level} -g0"]
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "BUILD", "PAGEWALK")}
    subprocess.run(["make", "-s", "-j2", f"BUILD={folder}", *flags, "all", "hashes"], check=True,
                   env=environment)
    return folder


def output_of(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def hashes_of(folder):
    found = {}
    for source in sorted(glob.glob("tests/hashes/hash_*.c")):
        program = f"{folder}/{source[:-2]}"
        for name, value in re.findall(r"^HASH (\S+) (\S+)$", output_of([program]), re.M):
            found[f"{os.path.basename(program)} {name}"] = value
    pagewalk = f"{folder}/pagewalk"
    for lesson in json.loads(output_of([pagewalk, "list", "--format", "json"]))["lessons"]:
        report = json.loads(output_of([pagewalk, "run", lesson["id"], "--format", "json"]))
        found[f"lesson {lesson['id']}"] = report["state"]
    return found


def main():
    tables = [(f"{cc} {level}", hashes_of(build(cc, level))) for cc, level in VARIANTS]
    names = sorted(set().union(*(table for _, table in tables)))
    failed = 0
    for number, name in enumerate(names, 1):
        values = [(variant, table.get(name)) for variant, table in tables]
        same = len({value for _, value in values}) == 1
        failed += not same
        print(f"{'ok' if same else 'not ok'} {number} - {name} is the same in all builds")
        if not same:
            print("\n".join(f"# {variant}: {value}" for variant, value in values))
    print(f"1..{len(names)}")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
