#!/usr/bin/env python3
"""Machines that are nothing but a preset: pages of 8, 32 and 512 bytes. Output is TAP.

Outside truths for toy32: R. H. and A. C. Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", homework
of chapter 20 (paging-multilevel-translate.py): memory is made here from the rules the homework states,
with Python's Mersenne Twister as there, and the answers are those it prints for seeds 0 to 2. Seed 1 is also
exercise 03-2 of Tsinghua's operating-systems course. The bytes of quiz 3 of Wisconsin's CS 537 come from
the quiz. Where no answer is printed, a walk of six lines in Python stands against ours.
toy8 and toy512 are arithmetic: an address is so many index bits and an offset.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
SLOW = float(os.environ.get("PW_SLOW", "1"))
FOLDER = tempfile.TemporaryDirectory(prefix="pagewalk-toys.")
PDE, PTE = "no directory entry", "no table entry"
PRINTED = {  # seed: the directory's frame; address: physical address and byte, or what is missing
    0: (108, {0x611c: (0x6bc, 0x08), 0x3da8: PTE, 0x17f5: (0x9d5, 0x1c), 0x7f6c: PTE, 0x0bad: PTE,
              0x6d60: PTE, 0x2a5b: PTE, 0x4c5e: PTE, 0x2592: (0x7b2, 0x1b), 0x3e99: (0x959, 0x1e)}),
    1: (17, {0x6c74: (0xc34, 0x06), 0x6b22: (0x8e2, 0x1a), 0x03df: (0x0bf, 0x0f), 0x69dc: PTE,
             0x317a: (0x6ba, 0x1e), 0x4546: PTE, 0x2c03: (0xae3, 0x16), 0x7fd7: PTE, 0x390e: PDE,
             0x748b: PTE}),
    2: (122, {0x7570: PTE, 0x7268: (0xca8, 0x16), 0x1f9f: PTE, 0x0325: (0xba5, 0x0b), 0x64c4: PTE,
              0x0cdf: (0x2ff, 0x00), 0x2906: PDE, 0x7a36: (0xcd6, 0x09), 0x21e1: PDE,
              0x5149: (0x029, 0x1b)}),
}


def preset(name):
    with open(os.path.join(ROOT, "assets/machines", name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def events(machine, operations, *more):
    """What happened, an operation's events in a list."""
    done = subprocess.run([PAGEWALK, "exec", "--format", "json", "--machine", machine, *more, "-"],
                          input="\n".join(operations).encode(), capture_output=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr[:300]}"
    said = {}
    for line in done.stdout.splitlines():
        event = json.loads(line)
        said.setdefault(event["op"], []).append(event)
    return [said[op] for op in sorted(said)]


# --- toy32 ---------------------------------------------------------------------------------------


def homework(seed):
    """The directory's frame, and the bytes of every frame in use."""
    source, memory, free, pages = random.Random(seed), {}, list(range(128)), set()

    def draw(below, fits):
        while not fits(chosen := int(source.random() * below)):
            pass
        return chosen

    def frame(content):
        chosen = draw(128, free.__contains__)
        free.remove(chosen)
        memory[chosen] = bytearray(content)
        return chosen

    root = frame([0x7f] * 32)
    for _ in range(64):
        page = draw(1024, lambda p: p not in pages)
        pages.add(page)
        data = frame([])
        if memory[root][page >> 5] == 0x7f:
            memory[root][page >> 5] = 0x80 | frame([0x7f] * 32)
        memory[memory[root][page >> 5] & 0x7f][page & 31] = 0x80 | data
        memory[data] = bytearray(int(source.random() * 31) for _ in range(32))
    return root, memory


def image(root, memory):
    rows = [{"at": hex(f * 32), "bytes": bytes(memory[f]).hex()} for f in sorted(memory)]
    return {"cr3": hex(root * 32), "memory": rows}


def machine_with(root, memory):
    path = os.path.join(FOLDER.name, "toy32.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dict(preset("toy32"), image=image(root, memory)), file)
    return path


def walk(root, memory, address):
    directory = memory.get(root, bytes(32))[address >> 10]
    if not directory & 0x80:
        return PDE
    table = memory.get(directory & 0x7f, bytes(32))[address >> 5 & 31]
    if not table & 0x80:
        return PTE
    frame = table & 0x7f
    return frame << 5 | address & 31, memory.get(frame, bytes(32))[address & 31]


def ours(happened):
    """The same from our events: what memory answered, or how many entries were read before the fault."""
    reads = [e for e in happened if e["event"] == "walk_read"]
    if any(e["event"] == "page_fault" for e in happened):
        return {1: PDE, 2: PTE}[len(reads)]
    last = [e for e in happened if e["event"] == "data_read"][-1]
    return int(last["pa"], 16), int(last["value"], 16)


def answers_that_are_printed():
    for seed, (root, answers) in PRINTED.items():
        made_root, memory = homework(seed)
        assert made_root == root, f"seed {seed}: directory in frame {made_root}"
        happened = events(machine_with(made_root, memory), [f"read {a:#x}" for a in answers])
        for (address, expected), one in zip(answers.items(), happened, strict=True):
            assert ours(one) == expected, f"seed {seed}, {address:#x}: {ours(one)}, printed {expected}"


def the_shipped_one_is_seed_1():
    assert preset("toy32")["image"] == image(*homework(1))


def every_address():
    root, memory = homework(7)
    happened = events(machine_with(root, memory), [f"read {a:#x}" for a in range(0, 1 << 15, 5)])
    missing = 0
    for address, one in zip(range(0, 1 << 15, 5), happened, strict=True):
        expected = walk(root, memory, address)
        assert ours(one) == expected, f"{address:#x}: {ours(one)}, walked by hand {expected}"
        missing += isinstance(expected, str)
    assert 5000 < missing < 6553  # 64 of 1024 pages are mapped


def three_references_or_one():
    for one, reads in zip(events("toy32", ["read 0x6c74", "read 0x6c75"]), (2, 0), strict=True):
        assert sum(e["event"] == "walk_read" for e in one) == reads, one
        assert sum(e["event"] == "data_read" for e in one) == 1


def a_quiz():
    memory = {73: bytearray([0x7f] * 32), 0x72: bytearray([0x7f] * 32), 6: bytearray(32)}
    memory[73][9], memory[0x72][19], memory[6][5] = 0xf2, 0x86, 0x1a
    fault, read = events(machine_with(73, memory), ["read 0x1787", "read 0x2665"])
    assert ours(fault) == PDE and ours(read) == (0xc5, 0x1a), (ours(fault), ours(read))


# --- toy8, toy512 --------------------------------------------------------------------------------


def indices(happened):
    return [e["index"] for e in happened if e["event"] == "walk_read"]


def a_page_of_eight_bytes():
    """0x1a is 0 0000 0011 010 in 3|3|3 bits: PD[0], PT[3], byte 2; a table of 8 entries fills a page."""
    last = events("toy8", ["spawn", "write 0x1a 0x55", "flush", "read 0x1a", "read 0x1fd"], "--check")
    assert indices(last[3]) == [0, 3]
    done = [e for e in last[3] if e["event"] == "data_read"][-1]
    assert int(done["value"], 16) == 0x55 and int(done["pa"], 16) % 8 == 2
    assert indices(last[4])[:1] == [7] and indices(last[4])[-2:] == [7, 7]  # the stack: 0x1fd is 7, 7, 5


def sixteen_bits_and_pages_of_512():
    """0x0734 is page 3 and offset 0x134; eight pages are what the TLB holds."""
    pages = [f"read {0x600 + (n % 9) * 2:#x}" for n in range(9)]
    happened = events("toy512", ["spawn", "write 0x734 9", "read 0x735", *pages], "--check")
    assert indices(happened[1])[-1:] == [3] and indices(happened[2]) == []
    done = [e for e in happened[1] if e["event"] == "data_write"][-1]
    assert int(done["pa"], 16) % 512 == 0x134


def main():
    cases = [answers_that_are_printed, the_shipped_one_is_seed_1, every_address, three_references_or_one, a_quiz,
             a_page_of_eight_bytes, sixteen_bits_and_pages_of_512]
    failed = 0
    for number, case in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} - {case.__name__.replace('_', ' ')}", flush=True)
        except (AssertionError, subprocess.TimeoutExpired, ValueError, KeyError, IndexError) as wrong:
            failed += 1
            print(f"not ok {number} - {case.__name__.replace('_', ' ')}")
            print("# " + str(wrong)[:600].replace("\n", "\n# "), flush=True)
    print(f"1..{len(cases)}")
    FOLDER.cleanup()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
