#!/usr/bin/env python3
"""Every shipped lesson once under valgrind: no error, nothing lost, and the lesson itself passes."""
import json
import os
import subprocess
import sys

VALGRIND = os.environ["VALGRIND"].split()  # tests/run sets it
PAGEWALK = os.environ.get("PAGEWALK", "build/pagewalk")


def main():
    listing = subprocess.run([PAGEWALK, "list", "--format", "json"], capture_output=True, check=True)
    lessons = [lesson["id"] for lesson in json.loads(listing.stdout)["lessons"]]
    failed = 0
    for number, lesson in enumerate(lessons, 1):
        done = subprocess.run(VALGRIND + [PAGEWALK, "run", lesson], capture_output=True, text=True,
                              check=False)
        failed += done.returncode != 0
        print(f"{'not ok' if done.returncode else 'ok'} {number} - {lesson} under valgrind")
        if done.returncode:
            print("\n".join("# " + line for line in done.stderr.splitlines()[:60]))
    print(f"1..{len(lessons)}")
    return 1 if failed or not lessons else 0


if __name__ == "__main__":
    sys.exit(main())
