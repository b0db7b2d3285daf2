#!/usr/bin/env python3
"""The table of the curriculum says what is: its rows are those of the course, every event, pane and test it names exists, and its
verdicts follow from what the lessons do when they are run one by one. TAP on stdout."""
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGEWALK = os.path.join(ROOT, os.environ.get("PAGEWALK", "build/pagewalk"))
PARTS = {"A": 8, "B": 22, "C": 14, "D": 14, "E": 5, "F": 13, "G": 7}


def ask(*words):
    done = subprocess.run([PAGEWALK, *words, "--format", "json"], capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout)


def unknown(rows, member, known):
    return [f"{row['id']}: {name}" for row in rows for name in row[member] if name not in known]


def missing_tests(rows):
    return [f"{row['id']}: {test}" for row in rows for test in row["tests"] if not glob.glob(f"{ROOT}/tests/{glob.escape(test)}.*")]


def counted(rows, lessons):
    """What each row should have found, from the lessons' own reports."""
    events = {lesson["id"]: ask("run", lesson["id"])["events_by_kind"] for lesson in lessons}
    wrong = []
    for row in rows:
        owners = [lesson["id"] for lesson in lessons if row["id"] in lesson["rows"]]
        if row["lessons"] != owners:
            wrong.append(f"{row['id']}: taught by {row['lessons']}, claimed by {owners}")
        for name, found in row["events"].items():
            if found != sum(events[owner].get(name, 0) for owner in owners):
                wrong.append(f"{row['id']}: {name} {found} times")
    return wrong


def ungiven(lessons):
    """Of virtual memory's gifts, those that no lesson shows which claims to (the row is A7)."""
    given = {gift for lesson in lessons for gift in lesson["gifts"] if "A7" in lesson["rows"]}
    return sorted({"caching", "uniform", "protection"} - given)


def misjudged(rows):
    wrong = []
    for row in rows:
        runs, seen = (bool(row[column]) and all(row[column].values()) for column in ("events", "views"))
        verdicts = [runs, seen, bool(row["lessons"]), bool(row["tests"])]
        if [row[name] for name in ("runs", "seen", "taught", "checked")] != verdicts or row["done"] != all(verdicts):
            wrong.append(row["id"])
    return wrong


def main():
    if "asan" in PAGEWALK: # every lesson runs there anyway, and again for the table
        print("1..1\nok 1 - the table # SKIP under the sanitizers")
        return 0
    rows, lessons = ask("list", "rows")["rows"], ask("list")["lessons"]
    ids = [f"{part}{number}" for part, count in PARTS.items() for number in range(1, count + 1)]
    claimed = [f"{lesson['id']}: {row}" for lesson in lessons for row in lesson["rows"] if row not in ids]
    halves = [f"{row['id']} is taught, but not {name}" for row in rows if row["lessons"]
              for name in ("runs", "seen", "checked") if not row[name]]
    cases = [
        ("the rows are those of the course", [] if [row["id"] for row in rows] == ids else ["others"]),
        ("every event exists", unknown(rows, "events", {event["name"] for event in ask("list", "events")["events"]})),
        ("every view exists", unknown(rows, "views", {view["name"] for view in ask("list", "views")["views"]})),
        ("every test exists", missing_tests(rows)),
        ("lessons claim rows that exist", claimed),
        ("a lesson shows each gift", ungiven(lessons)),
        ("what is found is what the lessons do", counted(rows, lessons)),
        ("the verdicts follow", misjudged(rows)),
        ("what is taught also runs, is seen and is checked", halves),
    ]
    print(f"1..{len(cases)}")
    for number, (name, wrong) in enumerate(cases, 1):
        print(f"{'not ' if wrong else ''}ok {number} - {name}")
        for line in wrong:
            print(f"# {line}")
    print(f"COUNT rows_done {sum(row['done'] for row in rows)}")
    return any(wrong for _, wrong in cases)


if __name__ == "__main__":
    sys.exit(main())
