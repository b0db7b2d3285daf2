#!/usr/bin/env python3
"""Hold every lesson to truths from outside the program.

tests/lessons/ID.json says what the lesson's questions must be answered with and how often the
machine does what, derived from manuals or by hand; its notes say how. Here each lesson is checked
(`pagewalk lesson check`: both ways, both languages), run in both languages, and compared. A
question without a truth is a failure too, so that a lesson cannot outgrow its truths.
"""
import copy
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGEWALK = os.environ.get("PAGEWALK") or os.path.join(os.environ.get("BUILD", "build"), "pagewalk")
LANGS = ("en", "zh")


def pagewalk(*words):
    return subprocess.run([PAGEWALK, *words], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def tell(lesson, lang):
    """The document of a run, and what went wrong with the run itself."""
    ran = pagewalk("run", lesson, "--format", "json", "--lang", lang)
    if ran.returncode != 0:
        return None, [f"status {ran.returncode}: {ran.stdout.strip()[-300:]}"]
    return json.loads(ran.stdout), []


def compare(truth, told):
    """The differences between what must be and what the program said."""
    wrong = []
    answers = {q["id"]: q["answer"] for q in told["questions"]}
    for name, right in truth["questions"].items():
        if answers.get(name) != right:
            wrong.append(f"question {name}: {answers.get(name)!r}, must be {right!r}")
    wrong += [f"question {name} has no truth" for name in answers if name not in truth["questions"]]
    for kind, times in truth["events"].items():
        if (have := told["events_by_kind"].get(kind, 0)) != times:
            wrong.append(f"event {kind}: {have} times, must be {times}")
    if told["lesson"] != truth["lesson"]:
        wrong.append(f"lesson {told['lesson']!r}, must be {truth['lesson']!r}")
    if told["expectations"]["failed"] or told["invariants"]["violations"]:
        wrong.append("an expectation failed or an invariant is broken")
    if told["invariants"]["checked"] == 0:
        wrong.append("no invariant was checked")
    return wrong


def malformed(truth):
    if truth.get("schema") != "pagewalk.truths/1":
        return ["schema: pagewalk.truths/1 is expected"]
    return [f"no {name}" for name in ("source", "questions", "events", "notes") if not truth.get(name)]


def unnoticed(truth, told):
    """Change one truth after the other: each change must be found."""
    missed = []
    for part in ("questions", "events"):
        for name, value in truth[part].items():
            changed = copy.deepcopy(truth)
            changed[part][name] = value + 1 if part == "events" else value + "?"
            if len(compare(changed, told)) != 1:
                missed.append(f"{part} {name}: a changed truth is not noticed")
    return missed


def check_lesson(lesson):
    checked = pagewalk("lesson", "check", lesson)
    return [] if checked.returncode == 0 else [checked.stdout.strip()[-600:]]


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def case(self, name, wrong):
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.count} - {name}")
        for line in wrong:
            print("# " + line.replace("\n", "\n# "))
        return not wrong


def hold(tap, path):
    """All cases of one lesson; True when it kept every truth."""
    with open(path, encoding="utf-8") as file:
        truth = json.load(file)
    lesson = truth.get("lesson", os.path.basename(path)[:-5])
    told = {}
    good = tap.case(f"{lesson}: its truths are well-formed", malformed(truth))
    file = glob.glob(os.path.join(ROOT, "lessons", "*", lesson + ".lua"))
    wrong = check_lesson(file[0]) if file else ["there is no such lesson"]
    good &= tap.case(f"{lesson}: forwards, backwards, right and wrong", wrong)
    for lang in LANGS:
        told[lang], wrong = tell(lesson, lang)
        if told[lang]:
            wrong += compare(truth, told[lang])
        good &= tap.case(f"{lesson}: as the truths say ({lang})", wrong)
    if not all(told.values()):
        return False
    same = told["en"]["state"] == told["zh"]["state"]
    good &= tap.case(f"{lesson}: the same state in both languages", [] if same else ["states differ"])
    return good & tap.case(f"{lesson}: a wrong answer would be noticed", unnoticed(truth, told["en"]) if good else [])


def untrue(paths):
    """Every lesson in the tree has truths."""
    have = {os.path.basename(path)[:-5] for path in paths}
    lessons = glob.glob(os.path.join(ROOT, "lessons", "*", "*.lua"))
    names = {os.path.basename(path)[:-4] for path in lessons if os.path.basename(os.path.dirname(path)) != "lib"}
    return [f"lesson {name} has no tests/lessons/{name}.json" for name in sorted(names - have)]


def main():
    tap = Tap()
    paths = sorted(glob.glob(os.path.join(HERE, "*.json")))
    kept = sum(hold(tap, path) for path in paths)
    tap.case("every lesson has truths", untrue(paths))
    print(f"1..{tap.count}")
    print(f"COUNT lessons {kept}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
