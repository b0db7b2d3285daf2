"""Every number on a text screen must be one of the JSON of the same moment.

A number on a screen is 0x1f, a frame label f1f, a decimal count, the binary digits of an address, a
range 401000-404000, a size 44 KiB. What is not a number of the JSON document is returned as a
complaint. A row that shows one record (an entry of the TLB, an event, an area, a row of bytes, a row
of the frame map ...) must show the numbers of that record. The sentences (`text` of an event) are not searched for
numbers: a number in a sentence must be a member of its event. The texts of the story are, since the
story is nothing but text.

The only things a screen may show that the JSON need not hold:
  - numbers of rows and columns: the set and way at which an empty TLB row stands, the frame at which
    a row of the frame map begins, 1/3 before the first of three hints. They are checked in themselves.
  - a percentage of TLB hits, which must follow from the hits and misses of the JSON.
  - names: of machines and levels (PML4); and how an operation is typed, [size=1|2|4|8].
"""
import re

NAMES = re.compile(r"x86-64|i386|toy16|la57|\bCR[023]\b|\bPML[45]\b")
UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
PID_LETTERS = "a123456789" + "abcdefghijklmnopqrstuvwxyz" + "+"  # a page without an owner, pid 1 .. 35, more
USAGE = "[size=1|2|4|8]"  # how an operation is typed
CUT = "…▴▾"  # what covers the rest of a number
STORY = ("lesson", "title", "text", "card_claim", "card_truth", "task", "after", "operation",
         "because",
         "hints", "choices")
# Between two panes; a title may stand on it. The branches of the tree are followed by an index.
BORDER = re.compile(r"[│|┤┬┴┼]|├(?!\[)|[─]+|\+[^|+]*-{4,}\+?")
DIGITS_BEFORE = r"(?<![0-9A-Za-z_.])"
TOKEN = re.compile(DIGITS_BEFORE + r"(?:"
                   r"(?P<range>[0-9a-f]{4,16}-[0-9a-f]{4,16})|"
                   r"(?P<hex>0x[0-9a-f]+)|"
                   r"(?P<label>f[0-9a-f]+)(?![0-9A-Za-z_])|"
                   r"(?P<size>\d+(?:\.\d)? (?:B|KiB|MiB|GiB|TiB|PiB)\b)|"
                   r"(?P<percent>\d+\.\d %)|"
                   r"(?P<grid>\d+[×x]\d+)(?![0-9A-Za-z_])|"
                   r"(?P<literal>\d+[KMG])(?![0-9A-Za-z_])|"
                   r"(?P<decimal>\d+)(?![A-Za-z_]))")


def size_text(count):
    """As a person writes it: 4096 is 4 KiB; below 100 one decimal, cut off."""
    whole, rest, unit = count, 0, 0
    while whole >= 1024 and unit < 5:
        whole, rest, unit = whole // 1024, whole % 1024, unit + 1
    if rest and whole < 100:
        return f"{whole}.{rest * 10 // 1024} {UNITS[unit]}"
    return f"{whole} {UNITS[unit]}"


def typed_size(count):
    """As one types it: 4096 is 4K, and only what comes out even."""
    units = iter("KMG")
    unit = ""
    while count and count % 1024 == 0 and unit != "G":
        count, unit = count // 1024, next(units)
    return f"{count}{unit}"


def value_of(field):
    """Of a piece of an address: decimal for an index, hexadecimal for the rest, None while it is asked for."""
    return None if field["value"] is None else int(str(field["value"]), 0)


class Numbers:
    """All numbers of one document, and the few things that need more than a look-up."""

    def __init__(self, document):
        self.document = document
        self.panes = document.get("panes", {})
        self.values = set()
        self.words = set()
        self.gather(document, "")
        self.bits = set(self.field_bits())
        for area in self.panes.get("layout", {}).get("areas", []) + self.panes.get("layout",
            {}).get("gaps", []):
            self.values.add(int(area["end"], 16) - int(area["start"], 16))
        hints = self.panes.get("story", {}).get("question", {}).get("hints", [])
        self.values |= set(range(1, len(hints) + 1))
        self.sizes = {size_text(value) for value in self.values}
        self.hexes = {f"{value:x}" for value in self.values}
        self.typed = {typed_size(value) for value in self.values}

    def gather(self, node, key):
        if isinstance(node, dict):
            for name, value in node.items():
                # A sentence repeats its event; only the story's texts are numbers of their own.
                if name != "text" or "event" not in node:
                    self.gather(value, name)
        elif isinstance(node, list):
            for value in node:
                self.gather(value, key)
        elif isinstance(node, bool):
            pass
        elif isinstance(node, int):
            self.values.add(node)
        elif isinstance(node, str):
            if re.fullmatch(r"0x[0-9a-f]+", node):
                self.values.add(int(node, 16))
            elif key in STORY:
                self.gather_text(node)

    def gather_text(self, text):
        self.words |= set(re.findall(r"[0-9a-z]+", text))
        for found in re.finditer(r"0x[0-9a-f]+|\b0b[01]+|(?<![0-9A-Za-z_])f?[0-9a-f]+|\d+", text):
            word = found[0]
            if word.startswith("f") and word != "f":
                self.values.add(int(word[1:], 16))
            if re.fullmatch(r"0x[0-9a-f]+", word):
                self.values.add(int(word, 16))
            elif word.isdigit():
                self.values.add(int(word))

    # --- tokens ------------------------------------------------------------------------------

    def has_cut(self, digits, base):
        """A number of which only the beginning can be seen."""
        if base == 16:
            return any(value.startswith(digits.lstrip("0") or "0") for value in self.hexes)
        return any(str(value).startswith(digits) for value in self.values)

    def known(self, kind, text, cut):
        if kind == "hex":
            return int(text, 16) in self.values or cut and self.has_cut(text[2:], 16)
        if kind == "label":
            return (int(text[1:], 16) in self.values or cut and self.has_cut(text[1:], 16) or
                    text.isalpha() and text in self.words)
        if kind == "range":
            return all(int(end, 16) in self.values for end in text.split("-"))
        if kind == "size":
            return text in self.sizes or text in self.story_text()
        if kind == "percent":
            return self.percent_is_right(text)
        if kind == "grid":
            tlb = self.panes.get("tlb", {})
            shapes = [[t.get("sets"), t.get("ways")] for t in [tlb, *tlb.get("more", [])]]
            return [int(n) for n in re.split("[×x]", text)] in shapes
        if kind == "literal":
            return (text in self.typed or text in self.words or text.lower() in self.words or
                    text in self.story_text())
        return self.decimal_is_known(text, cut)

    def decimal_is_known(self, text, cut):
        is_bits = set(text) <= {"0", "1"} and (len(text) > 9 or len(text) > 1 and text[0] == "0")
        if text in self.bits:
            return True
        if is_bits:
            return text in self.words
        return int(text) in self.values or cut and self.has_cut(text, 10)

    def story_text(self):
        story = self.panes.get("story", {})
        return " ".join(str(value) for value in [*story.values(), *story.get("question",
            {}).values()])

    def percent_is_right(self, text):
        for pane in (self.panes.get("cost", {}), self.panes.get("tlb", {})):
            lookups = pane.get("hits", 0) + pane.get("misses", 0)
            if lookups:
                permille = pane["hits"] * 1000 // lookups
                return text == f"{permille // 10}.{permille % 10} %"
        return False

    # --- rows that are more than a list of numbers ---------------------------------------------

    def byte_row(self, found):
        """`   7df8  27 80 00 00 00 00 00 00`: every byte as in the JSON."""
        rows = {int(row["pa"], 16): row["bytes"] for row in self.panes.get("hex", {}).get("rows",
            [])}
        at = int(found[1], 16)
        if at % 4:
            return [f"a row of bytes at 0x{at:x}"]
        for byte in found[2].split():
            bytes_there = rows.get(at // 16 * 16, "")
            if bytes_there[at % 16 * 2:at % 16 * 2 + 2] != byte:
                return [f"byte {byte} at 0x{at:x}"]
            at += 1
        return []

    def frame_letters(self):
        letters = {}
        for frame in self.panes["frames"]["used"]:
            use, shared = frame["use"], frame["maps"] > 1
            letters[frame["frame"]] = {"the zero page": "Z", "a page table": "T", "a block of the kernel": "K",
                                       "part of a block of the kernel": "K"}.get(use) or (
                "S" if shared else "F" if use == "a page of a file" else
                PID_LETTERS[min(frame["owner"], len(PID_LETTERS) - 1)])
        return letters

    def map_row(self, found):
        """`f0   KZTTTTTT T·······`: each letter says what the JSON says of that frame."""
        letters, first, wrong = self.frame_letters(), int(found[1], 16), []
        cells = found[2].replace(" ", "")
        for offset, cell in enumerate(cells):
            want = letters.get(first + offset, "K" if cell == "K" and first + offset == 0 else "·")
            if cell not in (want, "." if want == "·" else want):
                wrong.append(f"frame f{first + offset:x} is drawn {cell}, the JSON says {want}")
        return wrong

    def map_gap(self, found):
        """`f40  … 4032 free`: so many frames from there on, none of them used, and inside memory."""
        first, count = int(found[1], 16), int(found[2])
        used = [frame for frame in self.frame_letters() if first <= frame < first + count]
        over = first + count > self.panes["frames"]["frames"]
        return [f"{count} free frames from f{first:x}"] if used or over else []

    def empty_way(self, found):
        tlb = self.panes.get("tlb", {})
        good = int(found[1] or 0) < tlb.get("sets", 0) and int(found[2]) < tlb.get("ways", 0)
        return [] if good else [f"TLB set {found[1]} way {found[2]}"]

    def flag_row(self, found):
        """` 5 A 1 accessed`: the bit, its name, and whether it is set."""
        for bit in self.panes["entry"]["bits"]:
            if bit["bit"] == int(found[1]) and bit["name"].startswith(found[4]):
                return [] if bit["set"] is (found[3] == "1") and found[3] in "01" else [f"bit {found[1]} is {found[3]}"]
        return [f"bit {found[1]} {found[4]}"]

    # A row that belongs to one record of the JSON: its numbers must be those of that record, not of any.

    def in_record(self, record, text, what):
        own = Numbers({"panes": {"address": self.panes.get("address", {})}, "record": record})
        return [f"{number} ({what})" for number in own.check_tokens(text)]

    def log_row(self, found):
        """`  138 ✗ MMU    Page fault #PF: error code 7`: the event of that number."""
        for event in self.panes["log"]["events"]:
            if event["n"] == int(found[1]):
                return self.in_record(event, found[2], f"event {found[1]}")
        return [f"event {found[1]}"]

    def tlb_row(self, found):
        """`  0  0  0x000000404000 fb    WUD- 1    0`"""
        for entry in self.panes["tlb"]["entries"]:
            if int(found[3], 16) == int(entry["page"], 16) and int(found[2]) == entry["way"]:
                wrong = [] if found[1] in (None, str(entry["set"])) else [f"set {found[1]}"]
                wrong += [] if int(found[4], 16) == entry["frame"] else [f"frame f{found[4]}"]
                shown = [int(found[group]) for group in (5, 6) if found[group]]
                known = [entry[name] for name in ("age", "asid") if name in entry]  # no age while asked
                return wrong + ([] if shown == known[:len(shown)] else [f"age, asid {shown}"])
        return [f"TLB entry {found[3]} in way {found[2]}"]

    def cache_row(self, found):
        """`  5  0x0d 1  36 72 f0 1d`: the line of that set (and way) with that tag, and its bytes."""
        for line in self.panes["cache"]["lines"]:
            if line["set"] == int(found[1]) and line["way"] == int(found[2] or 0):
                good = int(found[3], 16) == int(line["tag"], 16) and line["valid"] is (found[4] == "1")
                shown = (found[5] or "").replace(" ", "")
                return [] if good and line.get("bytes", "").startswith(shown) else [f"line {found[0]}"]
        return [f"line of set {found[1]}"]

    def empty_line(self, found):
        cache = self.panes["cache"]
        good = int(found[1]) < cache["sets"] and int(found[2] or 0) < cache["ways"]
        return [] if good else [f"set {found[1]}"]

    def cache_head(self, found):
        pane = self.panes["cache"]
        names = ("cpu", "sets", "ways", "line", "hits", "misses")
        return [] if [int(number) for number in found.groups()] == [pane[name] for name in names] else [found[0]]

    def tagged_row(self, found):
        """`  3  1  0x03c0 0x3  fd    1`: a TLB entry with its tag; an invalid one has no frame."""
        for entry in self.panes["tlb"]["entries"]:
            if int(found[3], 16) == int(entry["page"], 16) and int(found[2]) == entry["way"]:
                wrong = [] if int(found[4], 16) == int(entry["tag"], 16) else [f"tag {found[4]}"]
                valid = found[6] == "1" and entry["valid"] and int(found[5] or "0", 16) == entry["frame"]
                wrong += [] if valid or found[6] == "0" and not entry["valid"] and not found[5] else [found[0]]
                shown = [int(found[group]) for group in (7, 8) if found[group]]
                known = [entry[name] for name in ("age", "asid") if name in entry]
                return wrong + ([] if shown == known[:len(shown)] else [f"age, asid {shown}"])
        return [f"TLB entry {found[3]} in way {found[2]}"]

    def part_bits_row(self, found):
        """`000010 01   111100 → 010111 1111 00`: the bits of each part; dashes while they are unknown."""
        pane, shown = self.panes["address"], re.split(" +", found[0].strip())
        address = [int(pane["va"], 16)] * 3 + [int(pane.get("pa", "0x0"), 16)] * 3
        want = [f"{address[i] >> part['shift'] & (1 << part['bits']) - 1:0{part['bits']}b}"
                if i < 3 or "pa" in pane else "-" * part["bits"] for i, part in enumerate(pane["parts"])]
        shown.pop(3)
        return [] if shown == want else [f"bits {found[0]}"]

    def pages_row(self, found):
        """`VPN 0x9 → PPN 0x17 + 0x3c = 0x5fc`: as much as is known."""
        pane = self.panes["address"]
        good = found[1] in ("?", pane.get("vpn"))
        if found[2]:
            shown = [int(number, 16) for number in found.groups()[1:]]
            offset = int(pane["va"], 16) & (1 << pane["parts"][2]["bits"]) - 1
            good = good and shown == [pane["frame"], offset, int(pane["pa"], 16)]
        return [] if good else [found[0]]

    def part_row(self, found):
        """`0x2    0x1  0x3c   │ 0x17   0xf  0x0`: the first of the two halves is a segment of its own."""
        shown = [int(number, 16) for number in found[0].split()]
        parts = [part["value"] and int(part["value"], 16) for part in self.panes["address"].get("parts", [])]
        return [] if shown in (parts[:3], parts[3:]) else None

    def buddy_row(self, found):
        """` 9 2M     1 f200`: order, size, count, the first blocks of the list; or, beside a tree, no list."""
        for order in self.panes["buddy"]["orders"]:
            if order["order"] == int(found[1]):
                blocks = [int(label, 16) for label in re.findall(r"f([0-9a-f]+) ", found[4] + " ")]
                good = (typed_size(order["bytes"]) == found[2] and
                        order["count"] == int(found[3]) and
                        order["blocks"][:len(blocks)] == blocks)
                return [] if good else [f"order {found[1]}"]
        return [f"order {found[1]}"]

    def tree_foot(self, found):
        """`■ in use 640K  ░ wasted 140K`"""
        tree = self.panes["buddy"]["tree"]
        shown = (found[1], found[2])
        return [] if shown == (typed_size(tree["in_use"]), typed_size(tree["wasted"])) else [found[0]]

    def tree_row(self, found):
        """`├[4] PWUAD--X → f10  0x404000`: an entry with that index, frame and address."""
        for entry in self.panes["tree"]["entries"]:
            label, address = found[2], found[3]
            if (entry.get("index") == int(found[1]) and (label is None or
                                                         entry.get("frame") == int(label, 16)) and
                    (address is None or int(entry["va"], 16) == int(address, 16))):
                return []
        return [f"entry {found[0].strip()}"]

    def area_row(self, found):
        """` heap  0804d000-08051000 rw-p 1/4`"""
        for area in self.panes["layout"]["areas"]:
            if int(area["start"], 16) == int(found[1], 16):
                shown = [int(found[2], 16), int(found[3]), int(found[4])]
                good = shown == [int(area["end"], 16), area["resident"], area["pages"]]
                return [] if good else [f"area {found[1]}"]
        return [f"area {found[1]}"]

    def kernel_row(self, found):
        area = self.panes["layout"]["kernel"]
        start, end = int(area["start"], 16), int(area["end"], 16)
        right = int(found[1], 16) == start and found[2] == size_text(end - start)
        return [] if right else [f"a kernel at {found[1]} of {found[2]}"]

    def gap_row(self, found):
        gaps = {size_text(int(gap["end"], 16) - int(gap["start"],
                                                    16)) for gap in self.panes["layout"]["gaps"]}
        return [] if found[1] in gaps else [f"a gap of {found[1]}"]

    def field_bits(self):
        """The binary digits of each piece, cut out of the address: an index may be asked for, its bits are shown."""
        address = self.panes.get("address", {})
        return [f"{int(address['va'], 16) >> field['shift'] & (1 << field['bits']) - 1:0{field['bits']}b}"
                for field in address.get("fields", [])]

    def field_values(self):
        return [value_of(field) for field in self.panes["address"]["fields"]]

    def index_row(self, found):
        """`0x0   255   511   447   504   0x10`, in the order of the address."""
        shown = [int(number, 0) for number in found[0].split()]
        return [] if shown == self.field_values() else [f"indices {found[0]}"]

    def bits_row(self, found):
        shown, fields = found[0].split(), self.field_bits()
        if [len(bits) for bits in shown] != [len(bits) for bits in fields]:
            return None  # bits in a text
        return [] if shown == fields else [f"bits {found[0]}"]

    def found_row(self, found):
        """`→f6   →f7   →f8◂`: what the entries that have been read say, from the root on."""
        frames = [field["frame"] for field in self.panes["address"]["fields"] if "frame" in field]
        shown = [int(label, 16) for label in re.findall(r"f([0-9a-f]+)", found[0])]
        return [] if shown == frames[:len(shown)] else [f"frames {found[0]}"]

    def field_row(self, found):
        """`PML4     0 →f6`, one field a row."""
        for field in self.panes["address"]["fields"]:
            if field["name"] == found[1]:
                good = value_of(field) == int(found[2], 0)
                label = found[3] and int(found[3], 16)
                return [] if good and label in (None, field.get("frame")) else [f"field {found[0]}"]
        return [f"field {found[1]}"]

    def entry_head(self, found):
        entry = self.panes["entry"]
        shown = (found[1], int(found[2]), int(found[4], 16))
        return [] if shown == (entry["table"], entry["index"], int(entry["pa"], 16)) else [found[0]]

    def layout_head(self, found):
        pane = self.panes["layout"]
        names = ("pid", "rss_anon", "rss_file", "tables", "minor_faults", "major_faults")
        shown = [int(number) for number in found.groups() if number]
        return [] if shown == [pane[name] for name in names][:len(shown)] else [found[0]]

    def tlb_head(self, found):
        pane = self.panes["tlb"]
        names = ("cpu", "sets", "ways", "hits", "misses")
        return [] if [int(number) for number in found.groups()] == [pane[name] for name in names] else [found[0]]

    def tree_head(self, found):
        pane = self.panes["tree"]
        good = int(found[1], 16) == pane["root"] and found[2] in (None, str(pane["pid"]))
        return [] if good else [found[0]]

    def free_head(self, found):
        pane = self.panes.get("frames") or self.panes["buddy"]
        return [] if (int(found[1]), int(found[2])) == (pane["free"],
                                                        pane["frames"]) else [found[0]]

    def frame_detail(self, found):
        """`owners 2  mapped 1`, below the map: some frame that is used so."""
        return [] if any((frame["refs"], frame["maps"]) == (int(found[1]), int(found[2]))
                         for frame in self.panes["frames"]["used"]) else [found[0]]

    def address_head(self, found):
        pane = self.panes["address"]
        good = int(found[1], 16) == int(pane["va"], 16) and found[2] in (None, str(pane["pid"]))
        return [] if good and found[3] in (None, str(pane["cpu"])) else [found[0]]

    def ring_row(self, found):
        """`▸✗ 3     fb     - D  6      6      1      10`: the page in that frame."""
        pane = self.panes["replace"]
        for page in pane["pages"]:
            if page["frame"] != int(found[4], 16):
                continue
            name = page["page"] if found[3].isdigit() else int(page["va"], 16)
            good = (name == int(found[3], 0) and (found[5] == "R") is page["referenced"] and
                    (found[6] == "D") is page["dirty"] and found[7] in (None, str(page["loaded"])) and
                    found[8] in (None, str(page["used"])) and found[9] in (None, str(page["uses"])) and
                    found[10] in (None, str(page.get("next_use"))) and
                    bool(found[1].strip()) is (pane.get("hand") == page["frame"]) and
                    bool(found[2].strip()) is (pane.get("victim") == page["frame"]))
            return [] if good else [found[0]]
        return [f"frame f{found[4]} on the ring"]

    def ring_head(self, found):
        pane = self.panes["replace"]
        shown = [found[1], found[2]] + [int(number) for number in found.groups()[2:] if number]
        known = [str(pane["pid"]), pane["policy"], pane["resident"], pane["limit"], pane["evictions"]]
        return [] if shown == known[:len(shown)] else [found[0]]

    def string_head(self, found):
        string = self.panes["replace"].get("string", {})
        shown = [int(number) for number in found.groups()]
        return [] if shown == [string.get(name) for name in ("at", "length", "hits", "faults")] else [found[0]]

    def string_row(self, found):
        """` 7w 0w 1w[2] 3 0`: a stretch of the string, the reference made last in brackets."""
        string = self.panes["replace"].get("string")
        if not string:
            return None
        pages = [int(number) for number in re.findall(r"\d+", found[0])]
        begins = [at for at in range(len(string["pages"])) if string["pages"][at:at + len(pages)] == pages]
        if "[" in found[0]:
            here = len(re.findall(r"\d+", found[0].split("]")[0]))
            begins = [at for at in begins if at + here == string["at"]]
        return [] if begins else [found[0]]

    def swap_head(self, found):
        pane = self.panes["swap"]
        shown = [int(number) for number in found.groups()]
        return [] if shown == [pane[name] for name in ("used", "slots", "writes", "reads")] else [found[0]]

    def slot_row(self, found):
        """`4     2     fa      pid 1 0x10000000 +1`"""
        for slot in self.panes["swap"]["in_use"]:
            if slot["slot"] != int(found[1]):
                continue
            places = slot["named_by"] or slot.get("mapped_by", [])
            good = (slot["refs"] == int(found[2]) and slot.get("frame") == (found[3] and int(found[3], 16)) and
                    {"pid": int(found[4]), "va": found[5]} in places and
                    found[6] in (None, str(slot.get("more"))))
            return [] if good else [found[0]]
        return [f"slot {found[1]}"]

    def beside_row(self, found):
        """`· TLB miss: set 0 has ...   · TLB miss: set 0 has no entry`: the nth event of each machine."""
        for side, said in zip(self.panes["beside"].get("sides", []), found.groups()):
            begins = (said or "").rstrip().rstrip(CUT + "~")
            texts = [event["text"] for event in side["events"]] + [side.get("end", "")]
            if side["events"] and not any(text.startswith(begins) for text in texts):
                return [f"{said.strip()} happened on no such machine"]
        return []

    def inverted_row(self, found):
        """`  4     1   0x406      f4   P-UADX`: the entry of that number."""
        shown = [int(found[1]), int(found[2]), int(found[3], 16), int(found[4], 16)]
        rows = [[e["entry"], e["pid"], int(e["page"], 16), e["frame"]] for e in self.panes["entries"]["in_use"]]
        return [] if shown in rows else [found[0].strip()]

    def memory_type_row(self, found):
        """`WB  UC UC  WC WT WP WB WB     1     1     0`: what becomes of each PAT type, and what was done with the row's."""
        pane = self.panes["memory-types"]
        table = pane["table"][found[1]]
        done = pane["data" if pane.get("reads") == "page" else "tables"][found[1]]
        shown = found[2].replace("▸", " ").replace(">", " ").split()
        good = shown[:6] == [table[name] for name in ("UC", "UC-", "WC", "WT", "WP", "WB")]
        if found[3]:
            good = good and shown[6:] == [found[1]]
            good = good and [int(n) for n in found[3].split()] == [done[name] for name in ("reads", "fills", "stores")]
        return [] if good else [found[0].strip()]

    # Memory before paging.

    def piece_bar(self, found):
        """`111122222·····`: each cell stands for the piece its middle lies in."""
        pane, cells, wrong = self.panes["partitions"], found[0].strip(), []
        begin, total = int(pane["pieces"][0]["start"], 16), sum(piece["size"] for piece in pane["pieces"])
        for at, cell in enumerate(cells):
            middle = begin + total * (2 * at + 1) // (2 * len(cells))
            piece = [piece for piece in pane["pieces"] if int(piece["start"], 16) <= middle][-1]
            want = PID_LETTERS[piece["pid"]] if "pid" in piece else "·"
            if cell not in (want, "." if want == "·" else want):
                wrong.append(f"cell {at} of the bar is {cell}, the JSON says {want}")
        return wrong

    def piece_row(self, found):
        """`0x046c00    212 KiB   process 1  asked 212000`, or a hole."""
        for piece in self.panes["partitions"]["pieces"]:
            if int(piece["start"], 16) == int(found[1], 16):
                asked = piece.get("asked") if piece.get("asked") != piece["size"] else None
                shown = [found[3] and int(found[3]), found[4] and int(found[4])]
                good = found[2] == size_text(piece["size"]) and shown == [piece.get("pid"), asked]
                return [] if good else [found[0]]
        return [f"a piece at 0x{found[1]}"]

    def descriptor_row(self, found):
        """`> 2   0x110   4300      400     r-x`"""
        for row in self.panes["segments"]["segments"]:
            if row["segment"] == int(found[1]):
                good = (int(row["at"], 16), row["base"], row["limit"]) == (int(found[2], 16), int(found[3]), int(found[4]))
                return [] if good and found[5] in (row["rights"], "abs") else [found[0]]
        return [f"segment {found[1]}"]

    ROWS = [  # pattern, the method that checks it, the pane without which it does not apply
        (re.compile(r"^ ?[1-9a-z·.]{20,}$"), piece_bar, "partitions"),
        (re.compile(r"^ *([0-9a-f]{1,7}) ((?: {1,2}[0-9a-f?]{2}){4,16})(?=  |$)"), byte_row, "hex"),
        (re.compile(r"^ ?f([0-9a-f]+) {1,6}((?:[KZTFS0-9a-z+·.]{8} ?){1,16})$"), map_row, "frames"),
        (re.compile(r"^ ?f([0-9a-f]+) +[…~] (\d+) \S+"), map_gap, "frames"),
        (re.compile(r"^ *(?:free) (\d+)/(\d+)"), free_head, "frames"),
        (re.compile(r"^ *(?:owners) (\d+)  (?:mapped) (\d+)"), frame_detail, "frames"),
        (re.compile(r"^ *(?:(\d+) )? *(\d+)  [·.](?:\s|$)"), empty_way, "tlb"),
        (re.compile(r"^ *(?:(\d+) )? *(\d+)  0x([0-9a-f]+) +f([0-9a-f]+) +[-WUDx]{4}(?: (\d+)(?: +(\d+)G?)?)?"),
         tlb_row, "tlb"),
        (re.compile(r"^ *(\d+) +(?:(\d+) +)?0x([0-9a-f]+) +([01])(?:  ((?: ?[0-9a-f?]{2}(?![0-9a-z]))+))?(?= |$)"), cache_row, "cache"),
        (re.compile(r"^ *(\d+) +(?:(\d+) +)?[·.](?: {3,}|$)"), empty_line, "cache"),
        (re.compile(r"^ *cpu (\d+)  (\d+)[×x](\d+)[×x](\d+)  \S+ (\d+)  \S+ (\d+)"), cache_head, "cache"),
        (re.compile(r"^ *(?:(\d+) )? *(\d+)  0x([0-9a-f]{4}) +0x([0-9a-f]+) +(?:f([0-9a-f]+)|[·.]) +([01])(?: +(\d+)(?: +(\d+))?)?(?= |$)"),
         tagged_row, "tlb"),
        (re.compile(r"^ *[01]+ +[01]+ +[01]+ +[→>] +[01-]+ +[01-]+ +[01-]+$"), part_bits_row, "address"),
        (re.compile(r"^ *0x[0-9a-f]+ +0x[0-9a-f]+ +0x[0-9a-f]+$"), part_row, "address"),
        (re.compile(r"^ *VPN (\S+) [→>] PPN (?:(0x[0-9a-f]+) \+ (0x[0-9a-f]+) = (0x[0-9a-f]+))?"), pages_row, "address"),
        (re.compile(r"^ *cpu (\d+)  (\d+)[×x](\d+)  hits (\d+)  misses (\d+)"), tlb_head, "tlb"),
        (re.compile(r"^ *(\d+) ([A-Za-z]) (\d) ([a-zA-Z]*)"), flag_row, "entry"),
        (re.compile(r"^ *([A-Z0-9]+)\[(\d+)\] at f([0-9a-f]+) 0x([0-9a-f]+)"), entry_head, "entry"),
        (re.compile(r"^ *(\d+) [◂·■✗✓×<.#x+] ([^0-9 ].*)$"), log_row, "log"),
        (re.compile(r"^ *(\d+) (\d+[KMG]) +(\d+)((?: f[0-9a-f]+)*)"), buddy_row, "buddy"),
        (re.compile(r"^[■#] in use (\w+)  \S wasted (\w+)"), tree_foot, "buddy"),
        (re.compile(r"^free frames (\d+)/(\d+)"), free_head, "buddy"),
        (re.compile(r"^ ?([▸> ])([✗x ]) (\d+|0x[0-9a-f]+) +f([0-9a-f]+) +([R-]) ([D-])"
                    r"(?: +(\d+)(?: +(\d+)(?: +(\d+)(?: +(\d+))?)?)?)?"), ring_row, "replace"),
        (re.compile(r"^ ?\S+ (\d+)  \S+ ([a-z]+)  \S+ (\d+)/(\d+)(?:  \S+ (\d+))?$"), ring_head, "replace"),
        (re.compile(r"^ ?\S+ (\d+)/(\d+)  \S+ (\d+)  \S+ (\d+)$"), string_head, "replace"),
        (re.compile(r"^ ?\D+ (\d+)/(\d+)  \S+ (\d+)  \S+ (\d+)$"), swap_head, "swap"),
        (re.compile(r"^ ?(\d+) +(\d+) +(?:f([0-9a-f]+)|[·.]) +\S+ (\d+) (0x[0-9a-f]+)(?: \+(\d+))?"), slot_row, "swap"),
        (re.compile(r"^ *(\d+) +(\d+) +0x([0-9a-f]+) +f([0-9a-f]+) +[-PWUADSGX]{4,}"), inverted_row, "entries"),
        (re.compile(r"^(UC|WC|WT|WP|WB) ((?:[ ▸>]*(?:UC-?|WC|WT|WP|WB)){6,7})((?: +\d+){3})?$"), memory_type_row, "memory-types"),
        (re.compile(r"^[◂·■✗✓×<.#x+] (\D.*?)(?: {3,}(?:[◂·■✗✓×<.#x+] )?(\D.*)?)?$"), beside_row, "beside"),
        (re.compile(r"^CR3 f([0-9a-f]+) \S+(?:   pid (\d+))?"), tree_head, "tree"),
        (re.compile(r"^[ ├└`]*\[(\d+)\] [-PWUADSGX?]+(?: \S f([0-9a-f]+)[^0]*(?:0x([0-9a-f]+))?)?"),
         tree_row, "tree"),
        (re.compile(r"^[ ▸>]\S+ +([0-9a-f]+)-([0-9a-f]+) \S{4} (\d+)/(\d+)"), area_row, "layout"),
        (re.compile(r"^ ?[ ▸>]\S+ ([0-9a-f]{8,16}) ([0-9.]+ [KMGTP]?i?B)"), kernel_row, "layout"),
        (re.compile(r"^ ([0-9.]+ [KMGTP]?i?B) nobody's"), gap_row, "layout"),
        (re.compile(r"^pid (\d+)  resident (\d+) \+ file (\d+)  tables (\d+)(?:  faults (\d+)\+(\d+))?"),
         layout_head, "layout"),
        (re.compile(r"^ ?(?:0x[0-9a-f]+ +)?(?:\d+ +)+0x[0-9a-f]+$"), index_row, "address"),
        (re.compile(r"^ ?[01]{4,}(?: +[01]{4,})*$"), bits_row, "address"),
        (re.compile(r"^ *[→>]f[0-9a-f]+[◂<]?(?: +[→>]f[0-9a-f]+[◂<]?)*$"), found_row, "address"),
        (re.compile(r"^ ?(sign ext|[A-Z][A-Z0-9]+|offset) +(0x[0-9a-f]+|\d+)(?: [→>]f([0-9a-f]+))?"),
         field_row, "address"),
        (re.compile(r"^ ?(?:read |write |fetch |(?=0x[0-9a-f]+   pid))0x([0-9a-f]+)(?:   pid (\d+)   cpu (\d+))?"), address_head, "address"),
        (re.compile(r"^ ?[…~ ](?:[\[ ]?\d+w?\]?)+[…~]?$"), string_row, "replace"),
        (re.compile(r"^ ?0x([0-9a-f]{6}) +([0-9.]+ [KM]?i?B) +(?:hole|process (\d+)(?:  asked (\d+))?)$"), piece_row, "partitions"),
        (re.compile(r"^ ?[▸> ] (\d+) +0x([0-9a-f]+) +(\d+) +(\d+) +([-rwx]{3}|abs)"), descriptor_row, "segments"),
    ]

    def check_segment(self, segment):
        for pattern, method, pane in self.ROWS:
            found = pattern.match(segment.rstrip()) if pane in self.panes else None
            wrong = method(self, found) if found else None
            if wrong is not None:
                return wrong or self.check_tokens(segment.rstrip()[found.end():])
        return self.check_tokens(segment)

    def check_tokens(self, segment):
        wrong = []
        for found in TOKEN.finditer(NAMES.sub(lambda word: "_" * len(word[0]), segment)):
            kind, text = found.lastgroup, found[0]
            after = segment[found.end():found.end() + 1]
            # In ASCII the sign for a cut is ~; at the right edge an arrow may cover the last digit.
            cut = bool(after) and after in CUT + "~^v"
            if not self.known(kind, text, cut):
                wrong.append(text)
        return wrong


def unknown_numbers(screen, document):
    """(line number, what) of every number on the screen that the document does not hold."""
    numbers, wrong = Numbers(document), []
    for number, line in enumerate(screen.splitlines(), 1):
        line = line.replace(USAGE, "")
        # Panes stand side by side: each segment between two borders is a line of its own.
        for segment in BORDER.split(line):
            wrong += [(number, what) for what in numbers.check_segment(segment)]
    return wrong
