#!/usr/bin/env python3
"""Exports hold what the screen holds. The web page of a lesson is opened in headless Chromium and scrubbed as a
person would, with keys, buttons, slider and chapters; a recording is played into a real terminal (tmux). What
stands there is compared, cell by cell, with the pages of text that the same lesson gives. TAP.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGEWALK = os.path.abspath(os.environ.get("PAGEWALK", os.path.join(ROOT, "build", "pagewalk")))
SLOW = float(os.environ.get("PW_SLOW", "1"))
LESSONS = [("split", "en"), ("four-level", "en"), ("cow", "zh")]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver names a reference to an element
KEYS = {"right": "\ue014", "left": "\ue012", "home": "\ue011", "end": "\ue010", "page down": "\ue00f"}

# The text of each row, cell by cell, from where its letters were put. Borders are strokes, not letters.
READ = """
return [...document.querySelectorAll('#screen > g')].map((g) => {
  const out = [];
  for (const t of g.querySelectorAll('text')) {
    let x = (Number(t.getAttribute('x')) - 8) / 8;
    for (const node of t.childNodes) {
      if (node.nodeType === 1) x = (Number(node.getAttribute('x')) - 8) / 8;
      out.push([x, node.textContent]);
    }
  }
  return out;
});
"""


def run(*words):
    done = subprocess.run([PAGEWALK, *words], capture_output=True, check=False, timeout=60 * SLOW)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr[-300:]!r}")
    return done.stdout.decode()


def pages_of(lesson, lang, size="120x40"):
    """The pictures of a lesson as text: lists of rows."""
    text = run("export", lesson, "--format", "text", "--lang", lang, "--size", size)
    return [page.split("\n")[:-1] for page in text.split("\f\n")[:-1]]


def cells(text):
    """A string as one character a cell; the right half of a wide one is empty."""
    out = []
    for c in text:
        out += [c, ""] if unicodedata.east_asian_width(c) in "WF" else [c]
    return out


def without_lines(rows):
    """What letters there are: box drawing becomes blank."""
    return ["".join(" " if 0x2500 <= ord(c) < 0x2580 else c for c in row).rstrip() for row in rows]


# --- the browser -------------------------------------------------------------------------------------

class Browser:
    """Headless Chromium through its WebDriver (w3.org/TR/webdriver2)."""

    def __init__(self, folder):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                break
        else:
            raise RuntimeError("chromedriver does not start")
        self.base = f"http://127.0.0.1:{found[1]}"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                   "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
                   f"--user-data-dir={folder}/profile", "--window-size=1400,1000"]
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": options},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += f"/session/{made['sessionId']}"

    def call(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, path, picture=None):
        self.call("POST", "/url", {"url": "about:blank"})
        self.call("POST", "/url", {"url": f"file://{path}" + (f"#{picture}" if picture else "")})

    def script(self, text, *args):
        return self.call("POST", "/execute/sync", {"script": text, "args": list(args)})

    def find(self, css):
        return self.call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        self.call("POST", f"/element/{self.find(css)}/click")

    def press(self, *keys):
        actions = [step for key in keys for step in ({"type": "keyDown", "value": KEYS.get(key, key)},
                                                     {"type": "keyUp", "value": KEYS.get(key, key)})]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def rows(self):
        """The letters of each row at their cells."""
        out = []
        for runs in self.script(READ):
            row = [" "] * 200
            for x, text in runs:
                for i, c in enumerate(cells(text)):
                    row[int(x) + i] = c
            out.append("".join(row).rstrip())
        return out

    def picture(self):
        return int(self.script("return document.getElementById('place').textContent").split("/")[0])

    def errors(self):
        try:
            log = self.call("POST", "/se/log", {"type": "browser"})
        except urllib.error.HTTPError:
            return []
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    def close(self):
        try:
            self.call("DELETE", "")
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait()


def compare(browser, pages, number, how):
    """Is picture `number` (from 1) shown, and as the text has it?"""
    if browser.picture() != number:
        return [f"{how}: picture {browser.picture()} instead of {number}"]
    want, have = without_lines(pages[number - 1]), without_lines(browser.rows())
    return [f"{how}, picture {number}, row {y}: {h!r} instead of {w!r}"
            for y, (w, h) in enumerate(zip(want, have, strict=True)) if w != h][:2]


def await_true(what, seconds=2):
    deadline = time.monotonic() + seconds * SLOW
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def scrub(browser, folder, lesson, lang):
    path = os.path.join(folder, f"{lesson}-{lang}.html")
    run("export", lesson, "--lang", lang, "--pace", "20", "--output", path)
    pages, dice, bad = pages_of(lesson, lang), random.Random(20260104), []
    browser.open(path)
    last = int(browser.script("return document.getElementById('time').max")) + 1
    if last != len(pages):
        return [f"{last} pictures in the page, {len(pages)} in the text"]
    bad += compare(browser, pages, 1, "at first")
    browser.press("right", "right", " ", "left")
    bad += compare(browser, pages, 3, "right right space left")
    browser.press("end")
    bad += compare(browser, pages, last, "End")
    browser.press("right", "home")
    bad += compare(browser, pages, 1, "Home")
    browser.click("#next")
    bad += compare(browser, pages, 2, "the next button")
    chapters = browser.script("return film.chapters.map((c) => c[0] + 1)")
    browser.press("page down")
    bad += compare(browser, pages, chapters[1], "PageDown")
    for number in dice.sample(range(1, last + 1), min(last, 25)):
        browser.script("const t = document.getElementById('time'); t.value = arguments[0];"
                       "t.dispatchEvent(new Event('input'))", number - 1)
        bad += compare(browser, pages, number, "the slider")
    browser.open(path, 7)
    bad += compare(browser, pages, 7, "a link to a picture")
    browser.script("play(true)")
    if not await_true(lambda: browser.picture() >= 10):
        bad.append(f"at a picture in 20 ms it plays to {browser.picture()}")
    if browser.script("return document.documentElement.lang") != lang:
        bad.append("another language is declared")
    return bad + browser.errors()


def one_moment(browser, folder):
    path = os.path.join(folder, "moment.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(run("show", "four-level", "--at", "3.7", "--size", "100x30", "--format", "html"))
    want = run("show", "four-level", "--at", "3.7", "--size", "100x30").split("\n")[:-1]
    browser.open(path)
    bad = compare(browser, [want], 1, "one moment")
    if browser.script("return getComputedStyle(document.querySelector('nav')).display") != "none":
        bad.append("one moment needs no buttons")
    return bad + browser.errors()


def needs_nothing_else(folder):
    with open(os.path.join(folder, "split-en.html"), encoding="utf-8") as file:
        page = file.read()
    links = set(re.findall(r"https?://[^\s\"'<\\]+", page)) - {"http://www.w3.org/2000/svg"}
    return [f"it names {link}" for link in sorted(links)] + \
        [f"it loads: {found}" for found in re.findall(r"<(?:link|img|script src|iframe)[^>]*>", page)]


# A page is made of text that others wrote: none of it may become script, or end the page's own.
HOSTILE = "<!--<script>hit=1</script>\"'&amp;</title>\u2028"
HOSTILE_LESSON = """return lesson { id = "hostile", part = "tlb", machine = "toy16", title = { en = [[%s]], zh = "z" },
  steps = { function(m)
    m.title { en = [[%s]], zh = "z" }
    m.say { en = [[</script><img src=x onerror=hit=1> %s ]].."]]>", zh = "z" }
  end } }
""" % (HOSTILE, HOSTILE, HOSTILE)


def is_only_text(browser, folder):
    lesson, path = os.path.join(folder, "hostile.lua"), os.path.join(folder, "hostile.html")
    with open(lesson, "w", encoding="utf-8") as file:
        file.write(HOSTILE_LESSON)
    run("export", lesson, "--output", path)
    browser.open(path)
    shown = HOSTILE.replace("\u2028", "\ufffd")
    bad = [f"{what} is {text!r}" for what, text in (
        ("the title", browser.script("return document.title")),
        ("the chapter", browser.script("return document.getElementById('chapter').textContent"))) if text != shown]
    if browser.script("return 'hit' in window || document.images.length > 0"):
        bad.append("a text became part of the page")
    return bad + browser.errors()


# --- a recording in a real terminal ---------------------------------------------------------------------

class Terminal:
    """A real terminal of 100 x 30, by tmux; its own server, for one that ends takes a while to be gone."""

    count = 0

    def __init__(self, command):
        Terminal.count += 1
        self.socket = f"pagewalk-export-{os.getpid()}-{Terminal.count}"
        self.do("new-session", "-d", "-x", "100", "-y", "30", f"{command}; sleep 600")

    def do(self, *words):
        return subprocess.run(["tmux", "-L", self.socket, "-f", "tests/e2e/tmux.conf", *words], cwd=ROOT,
                              capture_output=True, check=False).stdout.decode()

    def shows(self):
        return self.do("capture-pane", "-p")

    def wait_for(self, text):
        deadline = time.monotonic() + 10 * SLOW
        while text not in self.shows():
            if time.monotonic() > deadline:
                return [f"no {text!r} on the terminal: {self.shows()[:500]!r}"]
            time.sleep(0.05)
        return []

    def close(self):
        self.do("kill-server")


def play(folder, lesson, lang):
    """Feed the recording to a terminal, and look at it after some of the pictures."""
    lines = run("export", lesson, "--lang", lang, "--format", "cast", "--size", "100x30").splitlines()
    pages, bad = pages_of(lesson, lang, "100x30"), []
    head, events = json.loads(lines[0]), [json.loads(line) for line in lines[1:]]
    if (head["version"], head["width"], head["height"]) != (2, 100, 30):
        bad.append(f"header {head}")
    if any(a[0] > b[0] for a, b in zip(events, events[1:])):
        bad.append("time goes back")
    if not {code for _, code, _ in events} <= {"o"}:
        bad.append("only output was expected")
    sink = os.path.join(folder, "sink")
    os.mkfifo(sink)
    pane = Terminal(f"stty raw -echo; cat {sink}")
    with open(sink, "w", encoding="utf-8") as terminal:
        fed = 0
        for upto in (1, len(events) // 3, len(events)):
            for event in events[fed:upto]:
                terminal.write(event[2])
            terminal.flush()
            fed = upto
            bad += await_page(pane, pages, events, upto)
    pane.close()
    os.remove(sink)
    return bad


def await_page(pane, pages, events, upto):
    """Some picture looks like this, at the end the last: a picture that looks like the one before it has no event of its own."""
    wanted = [[row.rstrip() for row in page] for page in (pages if upto < len(events) else pages[-1:])]
    shown = []

    def is_there():
        shown[:] = [row.rstrip() for row in pane.shows().split("\n")[:30]]
        return shown in wanted

    if await_true(is_there, 5):
        return []
    return [f"after event {upto} of {len(events)} the terminal does not show what it should", *shown[:6]]


def recorded(folder):
    """A sitting: each line is JSON as it is drawn, an old file stays, and plain mode says no."""
    path = os.path.join(folder, "sitting.cast")
    pane = Terminal(f"{PAGEWALK} play toy16 --record {path}; echo status $?")
    bad = pane.wait_for("quit")
    pane.do("send-keys", "z")
    pane.do("resize-window", "-x", "90", "-y", "25")
    time.sleep(0.5 * SLOW)
    pane.do("send-keys", "q")
    bad += pane.wait_for("status 0")
    pane.close()
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    if len(events) < 4 or "r" not in [event[1] for event in events[1:]]:
        bad.append(f"{len(events)} lines, no change of size: {events[:1]}")
    plain = subprocess.run([PAGEWALK, "play", "toy16", "--plain", "--record", path], input=b"quit\n",
                           capture_output=True, check=False)
    if plain.returncode != 2 or b"plain mode" not in plain.stderr:
        bad.append(f"plain mode: {plain.returncode} {plain.stderr!r}")
    before = os.path.getsize(path)
    pane = Terminal(f"{PAGEWALK} play toy16 --record {path}; echo status $?")
    bad += pane.wait_for("status 74")
    pane.close()
    if os.path.getsize(path) != before:
        bad.append("a file that was there is not left alone")
    return bad


def main():
    folder = tempfile.mkdtemp(prefix="pagewalk-export.")
    browser = Browser(folder)
    tests = [(f"{lesson} ({lang}) scrubs in a browser", lambda le=lesson, la=lang: scrub(browser, folder, le, la))
             for lesson, lang in LESSONS]
    tests += [("one moment as a page", lambda: one_moment(browser, folder)),
              ("a page needs nothing else", lambda: needs_nothing_else(folder)),
              ("what a lesson says stays text", lambda: is_only_text(browser, folder)),
              ("a recording plays in a terminal", lambda: play(folder, "split", "en")),
              ("a recording in Chinese", lambda: play(folder, "cow", "zh")),
              ("a sitting is recorded", lambda: recorded(folder))]
    print(f"1..{len(tests)}")
    failed = 0
    try:
        for number, (name, test) in enumerate(tests, 1):
            bad = test()
            failed += bool(bad)
            print(f"{'not ' if bad else ''}ok {number} - {name}", flush=True)
            for text in bad[:8]:
                print(f"#   {text}")
    finally:
        browser.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
