#!/usr/bin/env python3
"""What the pane of talks says of a hit and of a fault is what the books say of them: CS:APP 9.3.4's five steps of a hit, without the
kernel, and seven of a miss followed by a hit again; Silberschatz's and the short list's steps in their order. TAP on stdout."""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGEWALK = os.path.join(ROOT, os.environ.get("PAGEWALK", "build/pagewalk"))
# Eight frames: the kernel's, the zero page and the table leave five. Pages leave first in, first out, so the last read finds its page
# on the disk, and the page that leaves for it was written.
STORY = """spawn
set policy fifo
read 0x2000
fetch 0x1000
mmap 0x6000 24K rw
""" + "".join(f"write {page:#x} 1\n" for page in range(0x6000, 0xc000, 0x1000)) + "read 0x6000\nflush\nread 0x6004\nread 0x6008\nread 0xd000\n"


def ask(*words):
    done = subprocess.run([PAGEWALK, *words], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


def talks(path, operation):
    """The talks of an operation, at its last event."""
    events = [json.loads(line) for line in ask("exec", path, "--machine", "toy16", "--format", "json").splitlines()]
    last = max(event["n"] for event in events if event["op"] == operation)
    picture = json.loads(ask("show", f"--exec={path}", "--machine=toy16", f"--at={last}", "--view=talk", "--format=json"))
    return find(picture, "talks")


def find(value, name):
    if isinstance(value, dict):
        if name in value:
            return value[name]
        value = list(value.values())
    for part in value if isinstance(value, list) else []:
        found = find(part, name)
        if found is not None:
            return found
    return None


def steps(said, book):
    """The steps of a book, those in a row that are the same counted once."""
    numbers = [talk["steps"][book] for talk in said if talk["steps"][book]]
    return [n for i, n in enumerate(numbers) if i == 0 or numbers[i - 1] != n]


def actors(said):
    return {talk[end] for talk in said for end in ("from", "to")}


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".pw") as file:
        file.write(STORY)
        file.flush()
        fault, walk, hit, nobody = (talks(file.name, operation) for operation in (12, 14, 15, 16))
    disk = [(talk["from"], talk["to"]) for talk in fault if "disk" in (talk["from"], talk["to"])]
    arrows = [talk for talk in walk if talk["from"] != talk["to"]]
    cases = [
        ("a hit that needs its entry is five messages", [talk["steps"][0] for talk in arrows] == [1, 2, 3, 4, 5]),
        ("of CPU, MMU and memory", actors(walk) == {"cpu", "mmu", "memory"}),
        ("three when the TLB knows", steps(hit, 0) == [1, 4, 5] and actors(hit) == {"cpu", "mmu", "memory"}),
        ("a fault is seven steps, then a hit", steps(fault, 0) == [1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5]),
        ("the kernel's own seven, without those that are not taken", steps(fault, 1) == [1, 4, 5, 6, 7]),
        ("the short list's six, a free frame not being there", steps(fault, 2) == [1, 3, 4, 5, 6]),
        ("the old page goes before the wanted one comes", disk == [("kernel", "disk"), ("memory", "disk"), ("kernel", "disk"), ("disk", "memory")]),
        ("an address of nobody ends at the second step", steps(nobody, 1) == [2] and "disk" not in actors(nobody)),
    ]
    print(f"1..{len(cases)}")
    for number, (name, holds) in enumerate(cases, 1):
        print(f"{'' if holds else 'not '}ok {number} - {name}")
    return not all(holds for _, holds in cases)


if __name__ == "__main__":
    sys.exit(main())
