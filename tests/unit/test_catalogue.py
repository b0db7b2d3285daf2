#!/usr/bin/env python3
"""The Chinese catalogue is complete: every text that goes through tr() has its row, no row is left over, and a translation has the same
{members} and printf conversions as the English. TAP on stdout; the exit code is 0 when all hold.

Texts are found where they stand: as literals inside tr(...), in the rows of .def tables, and in the arrays that a tr(name[i]) reads. A tr()
of something this file does not know is a failure, so that a new table cannot be forgotten. `--list` prints the texts, `--missing` those
that have no row, both as JSON."""
import glob
import json
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CATALOGUE = os.path.join(ROOT, "assets", "lang", "zh.json")
STRING = r'"(?:[^"\\]|\\.)*"'


# --- where texts stand: each function gives a list of strings ---------------------------------------------------

def source(path):
    """The file without comments."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return re.sub(r"(%s|'(?:[^'\\]|\\.)')|/\*.*?\*/|//[^\n]*" % STRING, lambda m: m.group(1) or " ", f.read(), flags=re.S)


def literals(code):
    """The string literals of a piece of C, neighbours joined, escapes resolved."""
    joined = re.sub(r'(?<!\\)"\s+"(?=(?:[^"\\]|\\.)*")', "", code) if re.search(r'"\s*\n\s*"', code) else code
    return [json.loads(s.replace("\\'", "'")) for s in re.findall(STRING, joined)]


def closing(code, at):
    """The index after the bracket that closes the one before `at`."""
    depth = 1
    while depth:
        m = re.compile(STRING + r"|'(?:[^'\\]|\\.)'").match(code, at)
        if m:
            at = m.end()
            continue
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[at], 0)
        at += 1
    return at


def table(path, macro, *columns):
    """Some string columns of MACRO(...) rows."""
    code = source(path)
    rows = [code[m.end():closing(code, m.end()) - 1] for m in re.finditer(r"^%s\(" % macro, code, re.M)]
    return [literals(row)[column] for row in rows for column in columns]


def macro(path, name):
    """All strings of an X-macro's definition."""
    return literals(re.search(r"#define %s\(X\)((?:.*\\\n)*.*)" % name, source(path)).group(1))


def block(path, name):
    code = source(path)
    m = re.search(r"\b%s\[\w*\] = \{" % name, code)
    return code[m.end():closing(code, m.end()) - 1]


def array(path, name):
    """All strings of an array but single letters, which are glyphs."""
    return [s for s in literals(block(path, name)) if len(s) > 1]


def rows(path, name, column):
    return [literals(row)[column] for row in re.findall(r"\{([^{}]*)\}", block(path, name))]


# --- what a tr() without a literal shows ------------------------------------------------------------------------

EVENTS = table("src/base/events.def", "EVENT", 1)
QUIRKS = table("src/base/quirks.def", "QUIRK", 1)
OPERATIONS = table("src/machine/operations.def", "OPERATION", 2)
FIELDS = rows("src/machine/field.c", "fixed", 1) + rows("src/machine/field.c", "riscv", 1) + rows("src/machine/field.c", "arm", 1) + table("src/base/tunables.def", "TUNABLE", 1) + QUIRKS
HELP = table("src/app/actions.def", "ACTION", 3)
ACTION_NAMES = table("src/app/actions.def", "ACTION", 0)
USES = macro("src/os/frame.h", "FRAME_USES")
AREAS = macro("src/os/space.h", "AREA_KINDS")

TERM_TEXTS = table("src/view/glossary.def", "TERM", 1)
TERM_PLACES = table("src/view/glossary.def", "TERM", 2)
CONCEPTS = table("src/app/rows.def", "ROW", 1)
TITLES = table("src/view/panes.def", "PANE", 1)

INDIRECT = {
    ("src/app/card.c", "term_row[].text"): TERM_TEXTS,
    ("src/app/card.c", "term_row[].where"): TERM_PLACES,
    ("src/app/card.c", "row->text"): TERM_TEXTS,
    ("src/app/cmd_list.c", "r->concept"): CONCEPTS,
    ("src/app/rows.c", "r->concept"): CONCEPTS,
    ("src/view/pane_talk.c", "book_name[]"): array("src/view/pane_talk.c", "book_name"),
    ("src/view/pane_talk.c", "lane_title[]"): array("src/view/pane_talk.c", "lane_title"),
    ("src/app/map.c", "gift_row[].text"): table("src/lesson/gifts.def", "GIFT", 1),
    ("src/app/cmd_list.c", "term_row[].text"): TERM_TEXTS,
    ("src/app/cmd_list.c", "term_row[].where"): TERM_PLACES,
    ("src/app/loop_copy.c", "pane_row[].title"): TITLES,
    ("src/app/loop_menu.c", "term_row[].text"): TERM_TEXTS,
    ("src/app/plain.c", "term_row[].text"): TERM_TEXTS,
    ("src/app/plain.c", "term_row[].where"): TERM_PLACES,
    ("src/app/session_search.c", "pane_row[].title"): TITLES,
    ("src/app/actions.c", "action_row[].label"): table("src/app/actions.def", "ACTION", 2),
    ("src/app/cmd_list.c", "f->help"): FIELDS,
    ("src/app/cmd_list.c", "pane_row[].help"): table("src/view/panes.def", "PANE", 2),
    ("src/app/cmd_list.c", "policy_row[].text"): table("src/os/policies.def", "POLICY", 1),
    ("src/app/cmd_list.c", "quirk_row[].text"): QUIRKS,
    ("src/app/cmd_list.c", "row->help"): OPERATIONS,
    ("src/app/cmd_list.c", "row->text"): EVENTS,
    ("src/app/launch.c", "state[]"): array("src/app/launch.c", "state"),
    ("src/app/palette.c", "item_help()"): HELP + OPERATIONS,
    ("src/app/cmd_keys.c", "action_row[].help"): HELP,
    ("src/app/cmd_keys.c", "group_title[]"): array("src/app/cmd_keys.c", "group_title"),
    ("src/app/cmd_list.c", "theme_help((enum theme)i)"): table("src/view/themes.def", "THEME", 1),
    ("src/app/loop_draw.c", "theme_help()"): table("src/view/themes.def", "THEME", 1),
    ("src/app/plain.c", "action_row[].help"): HELP,
    ("src/app/plain.c", "pane_row[].help"): table("src/view/panes.def", "PANE", 2),
    ("src/app/plain.c", "pane_row[].title"): table("src/view/panes.def", "PANE", 1),
    ("src/app/plain_say.c", "actor_name[]"): array("src/base/event.c", "actor_name"),
    ("src/app/session_act.c", "invariant_row[].text"): table("src/machine/invariants.def", "INVARIANT", 1),
    ("src/lesson/choice.c", "quirk_row[].text"): QUIRKS,
    ("src/lesson/lesson.c", "part[].title"): rows("src/lesson/lesson.c", "part", 1),
    ("src/machine/narrate.c", "other ? other : event_row[].text"): EVENTS + array("src/machine/words.c", "sentence"),
    ("src/machine/words.c", "arm_kind[]"): array("src/machine/words.c", "arm_kind"),
    ("src/machine/words.c", "riscv_cause[]"): array("src/machine/words.c", "riscv_cause"),
    ("src/machine/narrate.c", "reason[]"): array("src/machine/narrate.c", "reason"),
    ("src/machine/narrate.c", "chosen[]"): array("src/machine/narrate.c", "chosen"),
    # A call's, a field's and a file's name go through as well, and stay what one types.
    ("src/machine/narrate.c", "word"): array("src/machine/narrate.c", "access_word") + array("src/machine/narrate.c", "mode_word") + array("src/machine/narrate.c", "use_word") +
                                       array("src/hw/tlb_parts.c", "tlb_part_name") +
                                       USES + AREAS + array("src/hw/mode.c", "paging_mode_name") + macro("src/hw/control.h", "CONTROL_REASONS"),
    ("src/view/draw.c", "title[]"): array("src/view/draw.c", "title"),
    ("src/view/pane_address.c", "kind[]"): array("src/view/pane_address.c", "kind"),
    ("src/view/pane_cost.c", "cost_text[]"): macro("src/view/scene.h", "SCENE_COSTS"),
    ("src/view/pane_cpus.c", "sign[].text"): rows("src/view/pane_cpus.c", "sign", 0),
    ("src/view/pane_entry.c", "row->name"): array("src/view/pane_entry.c", "all") + array("src/machine/words.c", "all") + array("src/machine/words.c", "pointer") +
                                            array("src/machine/words.c", "page") + array("src/machine/words.c", "table"),
    ("src/view/pane_entry.c", "on ? row->set : row->clear"): [],
    ("src/view/pane_buddy.c", "frame_use_name[]"): USES,
    ("src/view/pane_frames.c", "frame_use_name[]"): USES,
    ("src/view/pane_frames.c", "row[].text"): array("src/view/pane_frames.c", "row"),
    ("src/view/pane_hex.c", "frame_use_name[]"): USES,
    ("src/view/pane_layout.c", "area_kind_name[]"): AREAS,
    ("src/view/pane_mode.c", "on ? question[].set : question[].clear"):
        rows("src/view/pane_mode.c", "question", 1) + rows("src/view/pane_mode.c", "question", 2),
    ("src/view/pane_memtype.c", "type_text[]"): array("src/view/pane_memtype.c", "type_text"),
    ("src/view/pane_mode.c", "paging_mode_name[]"): array("src/hw/mode.c", "paging_mode_name"),
    ("src/view/draw.c", "end[]"): array("src/view/draw.c", "end"),
    ("src/view/pane_story.c", "verdict[]"): array("src/view/pane_story.c", "verdict"),
    ("src/view/screen.c", "pane_row[].title"): table("src/view/panes.def", "PANE", 1),
}

# Words that are the same in every language: abbreviations of the manuals, and area kinds named after a call.
SAME = {"", "mmap", "CPU", "MMU", "cpu", "mmu", "TLB", "PAT", "CR0", "CR4", "EFER", "SCTLR", "TCR", "sstatus", "menvcfg", "AP[1]", "AP[2]", "AF", "nG", "PXN", "UXN", "PXNTable", "UXNTable", "APTable[0]",
        "APTable[1]"}


def shape(expression):
    """item[a + 1].help becomes item[].help, f(x) becomes f()."""
    expression = re.sub(r"^\(enum \w+\)\s*\w+,\s*|^LANG_ZH,\s*", "", " ".join(expression.split()))
    while True:
        shorter = re.sub(r"\[[^\[\]]+\]", "[]", re.sub(r"(\w)\([^()]+\)", r"\1()", expression))
        shorter = re.sub(r"\[[^\[\]]*\[\][^\[\]]*\]", "[]", shorter)
        if shorter == expression:
            return expression
        expression = shorter


def spoken():
    """Every text that goes through tr(), with a place where it does; and the tr() calls that nobody knows."""
    texts, unknown = {}, []
    for path in sorted(glob.glob(os.path.join(ROOT, "src/*/*.[ch]"))):
        name = os.path.relpath(path, ROOT)
        if name.startswith("src/base/lang."):
            continue
        code = source(name)
        for m in re.finditer(r"\btr(_in)?\(", code):
            inside = code[m.end():closing(code, m.end()) - 1]
            found = literals(inside)
            if not found:
                key = (name, shape(inside))
                found = INDIRECT.get(key)
                if found is None:
                    unknown.append("%s: tr(%s)" % key)
                    continue
            for text in found:
                texts.setdefault(text, name)
    for text in SAME:
        texts.pop(text, None)
    return texts, unknown


# --- what a translation must keep -------------------------------------------------------------------------------

def members(text):
    return sorted(re.findall(r"\{\w+\}", text))


def conversions(text):
    return re.findall(r"%[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]", text.replace("%%", ""))


def main():
    texts, unknown = spoken()
    with open(CATALOGUE, encoding="utf-8") as f:
        document = json.load(f)
    known = document["texts"]
    if "--list" in sys.argv or "--missing" in sys.argv:
        print(json.dumps([t for t in texts if "--list" in sys.argv or t not in known], ensure_ascii=False, indent=1))
        return 0
    checks = [
        ("the catalogue is a pagewalk.lang/1", [] if document["schema"] == "pagewalk.lang/1" else [document["schema"]]),
        ("this test knows what every tr() shows", unknown),
        ("tables were found", [] if len(texts) > 200 and len(EVENTS) > 40 else ["%d texts" % len(texts)]),
        ("every text has a translation", ["%s: %s" % (place, json.dumps(t)) for t, place in texts.items() if t not in known]),
        ("no translation is left over", [json.dumps(t) for t in known if t not in texts]),
        ("members are the same", [t for t, zh in known.items() if members(t) != members(zh)]),
        ("conversions are the same", [t for t, zh in known.items() if conversions(t) != conversions(zh)]),
        ("keys in texts are actions", [t for t, place in texts.items() if place.startswith("src/app/session") or place == "src/app/actions.c"
                                       if set(m.strip("{}") for m in members(t)) - set(ACTION_NAMES)]),
        ("no translation is empty or English", [t for t, zh in known.items() if not re.search("[\u4e00-\u9fff]", zh)]),
    ]
    print("1..%d" % len(checks))
    for number, (what, wrong) in enumerate(checks, 1):
        print("%s %d - %s" % ("not ok" if wrong else "ok", number, what))
        for line in wrong:
            print("# " + line)
    return 1 if any(wrong for _, wrong in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
