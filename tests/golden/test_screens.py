#!/usr/bin/env python3
"""Golden screens, checked twice: against the file, and every number on them against the JSON of the
same moment (numbers_on_screen.py). Each also as ANSI without colours and as SVG.

    tests/golden/test_screens.py [NAME...]            compare
    tests/golden/test_screens.py --update [NAME...]   print what changed, and keep it

The moments stand in tests/golden/moments, the pictures in tests/golden/screens/NAME.txt. Output is TAP.
"""
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as ElementTree

import numbers_on_screen

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
PATIENCE = 10 * float(os.environ.get("PW_SLOW", "1"))
NOTICED = 0.8  # of changed numbers; a changed one may be another number of the same document: small ones often are
KEYS = {"lesson", "exec", "machine", "at", "view", "size", "glyphs", "lang", "seed", "beside", "beside-set", "by"}


def read_moments():
    """[(name, options)], in the order of the file."""
    moments = []
    with open(os.path.join(HERE, "moments"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            options = dict(word.split("=", 1) for word in words[1:])
            if set(options) - KEYS or words[0] in (name for name, _ in moments):
                sys.exit(f"tests/golden/moments:{number}: unknown option, or a name twice")
            moments.append((words[0], options))
    return moments


def show(options, *more):
    """What `pagewalk show` prints for a moment. Anything but status 0 and silence on stderr is an error."""
    options = dict(options)
    command = [PAGEWALK, "show", *more]
    lesson = options.pop("lesson", None)
    if lesson:
        command.append(lesson)
    command += [f"--{key}={value}" for key, value in options.items()]
    with tempfile.TemporaryDirectory(prefix="pagewalk-golden.") as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}
        env.update((key, value) for key, value in os.environ.items() if key.endswith("SAN_OPTIONS"))
        done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True,
                              timeout=PATIENCE, check=False)
    if done.returncode != 0 or done.stderr:
        raise RuntimeError(f"{' '.join(command[1:])}: status {done.returncode}, "
                           f"stderr: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout.decode("utf-8")


def width(text):
    """Cells. East Asian wide and fullwidth characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
               for char in text)


# --- the checks: each returns a list of complaints ---------------------------------------------------


def changed_numbers(screen):
    """The screen with one number changed, in every possible way: its last digit is one more."""
    for found in re.finditer(r"[0-9a-f]*[0-9]+(?![0-9A-Za-z])", screen):
        last = screen[found.end() - 1]
        yield screen[:found.end() - 1] + ("0" if last == "9" else chr(ord(last) +
            1)) + screen[found.end():]


def notices_changes(options, screen):
    """The check of the numbers can fail: of the screens with one number changed it must refuse most."""
    document = json.loads(show(options, "--format=json"))
    found = [bool(numbers_on_screen.unknown_numbers(other,
                                                    document)) for other in changed_numbers(screen)]
    return sum(found), len(found)


def against_file(name, screen):
    path = os.path.join(HERE, "screens", name + ".txt")
    try:
        with open(path, encoding="utf-8", newline="") as file:
            want = file.read()
    except FileNotFoundError:
        return ["there is no golden screen yet; --update makes it"]
    return list(difflib.unified_diff(want.splitlines(), screen.splitlines(), "golden", "now",
                                     lineterm=""))


def fits(options, screen):
    columns, rows = (int(number) for number in options["size"].split("x"))
    lines = screen.splitlines()
    wrong = [f"line {number} is {width(line)} cells wide: {line}"
             for number, line in enumerate(lines, 1) if width(line) > columns]
    if len(lines) > rows:
        wrong.append(f"{len(lines)} lines, the size is {rows}")
    if options.get("glyphs") == "ascii" and options.get("lang",
                                                        "en") == "en" and not screen.isascii():
        wrong.append("ASCII was asked for: " +
                     repr(sorted(set(char for char in screen if not char.isascii()))))
    wrong += [f"a control character {char!r}" for char in sorted(set(screen))
              if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]
    return wrong


def numbers_are_known(options, screen):
    document = json.loads(show(options, "--format=json"))
    return [f"line {line}: {what} is not a number of the JSON"
            for line, what in numbers_on_screen.unknown_numbers(screen, document)]


def hides_what_comes(options, screen):
    """While a question is open neither the picture nor the JSON knows the answer or how much is to come."""
    document = json.loads(show(options, "--format=json"))
    question = document["panes"].get("story", {}).get("question", {})
    told = [key for key in ("right", "because") if key in question]
    told += [key for key in ("numbers",) if key in document["panes"].get("timeline", {})]
    told += [key for key in ("events",) if key in document["position"]]
    wrong = [f"the JSON tells {key}" for key in told]
    if options["view"] == "screen" and "/?" not in screen:
        wrong.append("the picture does not leave open how many events there are")
    return wrong


def ansi_is_the_text(options, screen):
    """Monochrome ANSI: the same text, and not one colour among its attributes."""
    ansi = show(options, "--format=ansi", "--theme=mono")
    wrong = []
    for codes in re.findall(r"\x1b\[([0-9;]*)m", ansi):
        colours = [code for code in codes.split(";") if code and int(code) >= 30]
        if colours:
            wrong.append(f"a colour in ESC[{codes}m")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ansi)
    if "\x1b" in plain:
        wrong.append("another escape sequence than SGR")
    if [line.rstrip() for line in plain.splitlines()] != [line.rstrip() for line in screen.splitlines()]:
        wrong.append("the text is not that of --format text")
    return wrong


def svg_is_the_text(options, screen):
    """Well formed, and row by row the letters of the text; box lines are drawn as paths."""
    root = ElementTree.fromstring(show(options, "--format=svg"))
    rows = {}
    for node in root.iter("{http://www.w3.org/2000/svg}text"):
        rows.setdefault(float(node.get("y")), []).append((float(node.get("x")),
                                                          "".join(node.itertext())))
    drawn = ["".join(text for _, text in sorted(rows[y])) for y in sorted(rows)]
    lines_drawn = "─│┌┐└┘├┤┬┴┼" if options.get("glyphs") != "ascii" else "-|+"
    strip = str.maketrans("", "", lines_drawn + " ")
    have = [line.translate(strip) for line in drawn]
    want = [line.translate(strip) for line in screen.splitlines()]
    if [line for line in have if line] != [line for line in want if line]:
        return list(difflib.unified_diff([line for line in want if line],
                                         [line for line in have if line],
                                         "text", "svg", lineterm=""))
    return []


def update_all(chosen):
    changed = missing = 0
    for name, options in chosen:
        try:
            changed += update(name, show(options))
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            missing += 1
            print(f"# {name}: {error}")
    print(f"{changed} of {len(chosen)} changed, {missing} cannot be shown")
    return 1 if missing else 0


def update(name, screen):
    path = os.path.join(HERE, "screens", name + ".txt")
    changes = against_file(name, screen)
    if changes:
        print(f"# {name}", *changes, sep="\n")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(screen)
    return bool(changes)


def check(name, options):
    screen = show(options)
    yield "is the golden screen", against_file(name, screen)
    yield "fits", fits(options, screen)
    yield "shows only numbers of the JSON", numbers_are_known(options, screen)
    if "asked" in name:
        yield "hides what comes", hides_what_comes(options, screen)
    yield "is the same in ANSI, without colour", ansi_is_the_text(options, screen)
    yield "is the same in SVG", svg_is_the_text(options, screen)


def stale_files(moments):
    names = {name + ".txt" for name, _ in moments}
    return sorted(set(os.listdir(os.path.join(HERE, "screens"))) - names)


def main(words):
    renew = "--update" in words
    wanted = [word for word in words if not word.startswith("--")]
    moments = read_moments()
    chosen = [(name, options) for name, options in moments if not wanted or name in wanted]
    if renew:
        return update_all(chosen)
    cases = failed = 0
    for name, options in chosen:
        try:
            results = list(check(name, options))
        except (RuntimeError, ValueError, ElementTree.ParseError,
                subprocess.TimeoutExpired) as error:
            results = [("can be shown", [str(error)])]
        for what, wrong in results:
            cases += 1
            failed += bool(wrong)
            for line in wrong:
                print("# " + line)
            print(f"{'not ' if wrong else ''}ok {cases} - {name} {what}", flush=True)
    if not wanted:
        cases += 1
        noticed, tried = (sum(column) for column in zip(*(
            notices_changes(options, show(options)) for _,
            options in moments if options["view"] != "screen")))
        failed += noticed < tried * NOTICED
        print(f"{'not ' if noticed < tried * NOTICED else ''}ok {cases} - of {tried} changed numbers "
              f"{noticed} are noticed")
        cases += 1
        stale = stale_files(moments)
        failed += bool(stale)
        print(f"{'not ' if stale else ''}ok {cases} - every file belongs to a moment {' '.join(stale)}".rstrip())
        print(f"COUNT golden {len(chosen)}")
    print(f"1..{cases}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
