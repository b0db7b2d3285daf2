#!/usr/bin/env python3
"""The manual has everything: each command and option that --help names, in its own paragraph; each function, table and member of a lesson. TAP.

What is missing is named with what to write, so that whoever adds a command knows.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", "build")
PROGRAM = os.environ.get("PAGEWALK", os.path.join(BUILD, "pagewalk"))
PAGE = "assets/pagewalk.1"
LESSON_PAGE = os.path.join(BUILD, "pagewalk-lesson.5")


def run(*args):
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"Bail out! pagewalk {' '.join(args)}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def commands():
    """Words that may follow `pagewalk`, verbs as "lesson check"."""
    found = re.findall(r"^  ([a-z-]+) ", run("--help"), re.M)
    for command in list(found):
        text = run(command, "--help")
        usage = text.split("\n", 1)[0]
        for word in re.search(r"\[options\] ?\[?([^ \]]*)", usage)[1].split("|"):
            if re.fullmatch("[a-z-]+", word) and is_verb(command, word):
                found.append(f"{command} {word}")
    parents = {c.split(" ")[0] for c in found if " " in c}
    return [c for c in found if c not in parents]


def is_verb(command, word):
    """Has the word a usage of its own?"""
    done = subprocess.run([PROGRAM, command, word, "--help"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout.startswith(f"usage: pagewalk {command} {word} ")


def options(command):
    return re.findall(r"^  --([a-z-]+)", run(*command.split(), "--help"), re.M)


def section(page, title):
    found = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", page, re.M | re.S)
    return found[1] if found else ""


def paragraph(page, command):
    """From ".It Cm lesson check" to the next command, lists inside it included."""
    pattern = r"^\.It Cm %s(?![a-z-])(.*?)(?=^\.It (?:Cm|Nm)|^\.El\n\.Sh|\Z)" % re.escape(command)
    found = re.search(pattern, section(page, "COMMANDS"), re.M | re.S)
    return found[0] if found else None


def flags(text):
    """Options a piece of mdoc marks as such: .Fl -lang , -glyphs and Fl -help."""
    found = set()
    for line in re.findall(r"(?:^\.|\s)Fl (.*)$", text, re.M):
        found.update(re.findall(r"(?:^|\s)-([a-z-]+)", line))
    return found


def check_commands():
    page = read(PAGE)
    known = commands()
    for command in known:
        if paragraph(page, command) is None:
            yield f'{PAGE}, COMMANDS: the command "{command}" is missing; write a paragraph that begins ".It Cm {command}"'
    if len(known) < 14:
        yield f"only {len(known)} commands found: {known}"
    for name in re.findall(r"^\.It Cm ([a-z-]+(?: [a-z-]+)?)", section(page, "COMMANDS"), re.M):
        if name not in known:
            yield f'{PAGE}, COMMANDS: there is no command "{name}"'


def check_options():
    page, count = read(PAGE), 0
    for command in commands():
        text = paragraph(page, command)
        for option in options(command) if text else ():
            count += 1
            if option not in flags(text) and option != "help":
                yield f'{PAGE}, COMMANDS, {command}: the option "--{option}" is missing; write ".Fl -{option}" in that paragraph'
        for name in flags(text or ""):
            if name not in options(command):
                yield f'{PAGE}, COMMANDS, {command}: it has no option "--{name}"'
    if count < 50:
        yield f"only {count} options found"


def check_own_options():
    whole = flags(section(read(PAGE), "COMMANDS").split(".It Cm", 1)[0])
    for option in re.findall(r"^  --([a-z-]+)", subprocess.run([PROGRAM, "--plain", "--help"], capture_output=True, text=True,
                                                               check=False).stdout, re.M):
        if option not in whole | {"help"}:
            yield f'{PAGE}, COMMANDS, pagewalk alone: the option "--{option}" is missing'


def check_common_options():
    """What stands under COMMON OPTIONS is an option of several commands."""
    page = read(PAGE)
    taken = [option for command in commands() for option in options(command)]
    for name in flags(section(page, "COMMON OPTIONS")) - {"h"}:
        if taken.count(name) < 2:
            yield f'{PAGE}, COMMON OPTIONS: "--{name}" is taken by {taken.count(name)} commands'


def check_words():
    """What an option lets one choose from is the same in the page: --format text|json."""
    page = read(PAGE)
    for command in commands():
        text = run(*command.split(), "--help")
        for name, words in re.findall(r"^  --([a-z-]+) ([a-z0-9-]+(?:\|[a-z0-9-]+)+)", text, re.M):
            mine, common = paragraph(page, command) or "", section(page, "COMMON OPTIONS")
            if f"-{name} Ar {words}" not in mine and f"-{name} Ar {words}" not in common:
                yield f'{PAGE}, COMMANDS, {command}: write ".Fl -{name} Ar {words}"'


def check_reference():
    page = read(LESSON_PAGE)
    api = json.loads(run("lesson", "api", "--format", "json"))
    for function in api["functions"]:
        if not re.search(r'^\.It Ic "%s[("]' % re.escape(function["name"]), page, re.M):
            yield f'{LESSON_PAGE}: no function {function["name"]}'
    for cls in api["classes"]:
        text = re.search(r'^\.Ss "%s"\n(.*?)(?=^\.S[sh] )' % re.escape(cls["name"]), page, re.M | re.S)
        for member in cls["members"] if text else ():
            if f'.It Va "{member["name"]}"' not in text[1]:
                yield f'{LESSON_PAGE}: no member {cls["name"]}.{member["name"]}'
        if not text:
            yield f'{LESSON_PAGE}: no table {cls["name"]}'


def check_no_dangling_sections():
    """A reference to a section of the page leads to one."""
    for path in (PAGE, LESSON_PAGE):
        page = read(path)
        heads = {h.strip('"') for h in re.findall(r"^\.S[hs] (.*)$", page, re.M)}
        for name in re.findall(r"\bSx ([A-Za-z_ ]*[A-Za-z_])", page):
            if name not in heads:
                yield f'{path}: there is no section "{name}"'


def check_formats():
    """Formats of numbers in texts are the ones the page names."""
    texts = section(read(LESSON_PAGE), "TEXTS")
    for alias in re.findall(r"^---@alias format_name (.*)$", run("lesson", "api", "--format", "lua"), re.M):
        for name in re.findall(r'"([a-z]+)"', alias):
            if not re.search(rf"\b{name}\b", texts):
                yield f'assets/pagewalk-lesson.5.in, TEXTS: the format "{name}" is missing'


def check_lint():
    for path in (PAGE, LESSON_PAGE):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], capture_output=True, text=True, check=False)
        yield from done.stdout.splitlines()


CHECKS = [("every command has a paragraph, and no other has", check_commands),
          ("every option stands in its command's paragraph", check_options),
          ("the options of pagewalk alone", check_own_options),
          ("common options are common", check_common_options),
          ("the words of an option are the same", check_words),
          ("every function, table and member of a lesson", check_reference),
          ("references lead somewhere", check_no_dangling_sections),
          ("every format of numbers", check_formats),
          ("mandoc has nothing to say", check_lint)]


def main():
    os.chdir(ROOT)
    failed = 0
    print(f"1..{len(CHECKS)}")
    for number, (name, check) in enumerate(CHECKS, 1):
        found = list(check())
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {name}")
        for line in found:
            print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
