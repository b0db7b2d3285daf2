#!/usr/bin/env bash
# What an author is given: a cookbook whose recipes work, the table of what can be called in every shape, a linter's file that fits.
# shellcheck source=tests/e2e/lib.sh
# shellcheck disable=SC2317 # cases are called by name
. "${0%/*}/lib.sh"

pw() { "$PAGEWALK" "$@" 2>"$SCRATCH/err" </dev/null; }
status_is() {
    local expected=$1 status=0
    shift
    "$@" >"$SCRATCH/out" || status=$?
    [ "$status" = "$expected" ] || fail "$*: status $status: $(head -1 "$SCRATCH/err")"
}

# --- the cookbook --------------------------------------------------------------------------------

every_recipe_works() {
    local n=0 name
    pw lesson test assets/cookbook >"$SCRATCH/out" || fail "$(grep -v '(advice)' "$SCRATCH/out")"
    pw lesson cookbook >"$SCRATCH/list" || fail "no list"
    while read -r name _; do
        pw run "assets/cookbook/$name.lua" >"$SCRATCH/out" || fail "$name does not run: $(cat "$SCRATCH/err")"
        n=$((n + 1))
    done <"$SCRATCH/list"
    [ "$n" -ge 12 ] || fail "$n recipes"
    [ "$n" = "$(find assets/cookbook -name '*.lua' | wc -l)" ] || fail "$n of them are listed"
}

# Its id is its file's name, and it says in its first line what it shows.
every_recipe_says_what_it_shows() {
    local file
    for file in assets/cookbook/*.lua; do
        grep -q "id = \"$(basename "$file" .lua)\"," "$file" || fail "$file: its id is not its name"
        head -1 "$file" | grep -q '^-- [A-Z]' || fail "$file: no word about it"
    done
}

lists_prints_and_searches() {
    status_is 0 pw lesson cookbook ask
    cmp -s "$SCRATCH/out" assets/cookbook/ask.lua || fail "not the file"
    status_is 0 pw lesson cookbook --search 'M.TASK'
    grep -q '^task ' "$SCRATCH/out" || fail "$(cat "$SCRATCH/out")"
    ! grep -q '^page ' "$SCRATCH/out" || fail "$(cat "$SCRATCH/out")"
    status_is 0 pw lesson cookbook --lang zh
    grep -q '提问' "$SCRATCH/out" || fail "no Chinese titles"
    status_is 1 pw lesson cookbook --search 'no such word'
    [ ! -s "$SCRATCH/out" ] || fail "$(cat "$SCRATCH/out")"
    status_is 66 pw lesson cookbook tassk
    grep -q 'did you mean "task"' "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
    status_is 2 pw lesson cookbook ask --search x
    # A copy under another name is a lesson like any other.
    pw lesson cookbook ask >"$SCRATCH/mine.lua"
    status_is 0 pw lesson check "$SCRATCH/mine.lua"
}

# --- the table -----------------------------------------------------------------------------------

every_shape_is_made() {
    local shape
    for shape in text lua luacheckrc json markdown mdoc; do
        status_is 0 pw lesson api --format "$shape"
        for name in 'm.read' 'index' 'm.ask'; do
            grep -q "${name#*.}" "$SCRATCH/out" || fail "$shape lacks $name"
        done
    done
    status_is 0 pw lesson api --format json
    python3 - "$SCRATCH/out" <<'EOF' || fail "the JSON"
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
assert d["schema"] == "pagewalk.api/1"
f = {x["name"]: x for x in d["functions"]}
assert [p["name"] for p in f["m.mmap"]["parameters"]] == ["va", "length", "prot", "options"]
assert f["m.walk"]["returns"] == "walk" and f["math.huge"]["kind"] == "value"
c = {x["name"]: x for x in d["classes"]}
assert c["question"]["given"] and not c["walk"]["given"]
assert {"size", "as", "wait", "seg", "cpu"} == {m["name"] for m in c["read_options"]["members"]}
EOF
}

# Names that higher floors know stand in the annotations too.
annotations_know_panes_and_machines() {
    local name
    pw lesson api --format lua >"$SCRATCH/out"
    for name in $(pw list views | cut -d' ' -f1); do
        grep '^---@alias pane_name ' "$SCRATCH/out" | grep -q "\"$name\"" || fail "no pane $name"
    done
    for name in $(pw list machines | cut -d' ' -f1); do
        grep '^---@alias machine_name ' "$SCRATCH/out" | grep -q "\"$name\"" || fail "no machine $name"
    done
}

# Beside one's own lessons they are no lesson.
annotations_are_no_lesson() {
    mkdir -p "$SCRATCH/data/pagewalk/lessons"
    pw lesson cookbook ask >"$SCRATCH/data/pagewalk/lessons/ask.lua"
    pw lesson api --format lua >"$SCRATCH/data/pagewalk/lessons/pagewalk.d.lua"
    XDG_DATA_HOME=$SCRATCH/data status_is 0 pw list
    grep -q '^  ask ' "$SCRATCH/out" || fail "the lesson is not listed"
    [ ! -s "$SCRATCH/err" ] || fail "$(cat "$SCRATCH/err")"
    status_is 0 pw lesson test "$SCRATCH/data/pagewalk/lessons"
    grep -q '^1\.\.1$' "$SCRATCH/out" || fail "$(head -3 "$SCRATCH/out")"
}

# Each member that a lesson may write is read somewhere: a row that nobody reads would be a promise nobody keeps.
every_given_member_is_read() {
    pw lesson api --format json >"$SCRATCH/out"
    python3 - "$SCRATCH/out" <<'EOF' || fail "see above"
import glob, json, re, sys
code = "".join(open(p, encoding="utf-8").read() for p in glob.glob("src/lesson/*.c"))
for c in json.load(open(sys.argv[1], encoding="utf-8"))["classes"]:
    if not c["given"] or c["name"].endswith("_options") or c["name"] == "text":
        continue
    for m in c["members"]:
        if not re.search(r'[( ]"%s"[,)]' % m["name"], code):
            sys.exit("# members.def: nothing reads %s.%s" % (c["name"], m["name"]))
EOF
}

# --- luacheck ------------------------------------------------------------------------------------

luacheck_accepts_what_is_shipped() {
    pw lesson api --format luacheckrc >"$SCRATCH/rc"
    luacheck --no-color --codes --config "$SCRATCH/rc" lessons assets >"$SCRATCH/out" || fail "$(grep ':' "$SCRATCH/out" | head -5)"
    grep -q '^Total: 0 warnings / 0 errors in [1-9]' "$SCRATCH/out" || fail "$(tail -1 "$SCRATCH/out")"
}

luacheck_refuses_what_the_sandbox_lacks() {
    local word
    pw lesson api --format luacheckrc >"$SCRATCH/rc"
    for word in 'os.time()' 'print("x")' 'm.raed(1)' 'string.gsub("a", "b", "c")' 'setmetatable({}, {})' 'm.read = 1'; do
        { echo "$word" && pw lesson cookbook ask; } >"$SCRATCH/wrong.lua"
        status_is 1 luacheck --no-color --config "$SCRATCH/rc" "$SCRATCH/wrong.lua"
        grep -q 'wrong.lua:1:' "$SCRATCH/out" || fail "$word: $(cat "$SCRATCH/out")"
    done
}

run_case "every recipe passes lesson check and runs" every_recipe_works
run_case "every recipe says what it shows" every_recipe_says_what_it_shows
run_case "the cookbook lists, prints and searches" lists_prints_and_searches
run_case "lesson api in every shape" every_shape_is_made
run_case "annotations know panes and machines" annotations_know_panes_and_machines
run_case "annotations are no lesson" annotations_are_no_lesson
run_case "every member a lesson may write is read" every_given_member_is_read
run_case "luacheck accepts what is shipped" luacheck_accepts_what_is_shipped
run_case "luacheck refuses what the sandbox lacks" luacheck_refuses_what_the_sandbox_lacks
finish
