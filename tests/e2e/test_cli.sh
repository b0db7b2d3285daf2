#!/usr/bin/env bash
# The command line without a terminal: exit codes, one clear line for each mistake, hostile input, full disks, closed pipes, plain mode.
# shellcheck source=tests/e2e/lib.sh
# shellcheck disable=SC2317 # cases are called by name
. "${0%/*}/lib.sh"

VERSION=$(sed -n 's/^VERSION := //p' Makefile)
export XDG_CONFIG_HOME=/proc/none
unset NO_COLOR COLUMNS PAGEWALK_LANG PAGEWALK_PLAIN

# run STATUS ARGS...: pagewalk with stdin closed to nothing; its output in $SCRATCH/out and err, neither with an escape byte.
run() {
    local expected=$1 status=0
    shift
    (cd "$SCRATCH" && timeout $((20 * ${PW_SLOW:-1})) env XDG_STATE_HOME="$SCRATCH/state" XDG_DATA_HOME="$SCRATCH/data" \
        "$PAGEWALK" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err") || status=$?
    [ "$status" = "$expected" ] || {
        sed 's/^/# err: /' "$SCRATCH/err" | head -3
        fail "pagewalk ${*:0:80}: status $status, expected $expected"
    }
    ! grep -q $'\033' "$SCRATCH/out" "$SCRATCH/err" || fail "an escape byte"
}
# refuses STATUS TEXT ARGS...: nothing on stdout, one line on stderr that holds TEXT.
refuses() {
    local text=$2
    run "$1" "${@:3}"
    [ ! -s "$SCRATCH/out" ] || fail "${*:3}: wrote to stdout"
    [ "$(wc -l <"$SCRATCH/err")" = 1 ] || fail "${*:3}: $(wc -l <"$SCRATCH/err") lines on stderr"
    grep -qF -- "$text" "$SCRATCH/err" || fail "${*:3}: said $(cat "$SCRATCH/err"), expected $text"
}
says() { grep -qF -- "$1" "$SCRATCH/out" || fail "stdout lacks: $1"; }
complains() { grep -qF -- "$1" "$SCRATCH/err" || fail "stderr lacks: $1, it says: $(head -2 "$SCRATCH/err")"; }
# json PYTHON: every line of stdout is JSON; d is the list of them, and the expression holds.
json() {
    python3 -c 'import json,sys
d=[json.loads(x) for x in open(sys.argv[1], encoding="utf-8")]
assert eval(sys.argv[2]), sys.argv[2]' "$SCRATCH/out" "$1" 2>"$SCRATCH/python" || fail "$(tail -1 "$SCRATCH/python")"
}
# with_output TARGET STATUS ARGS...
with_output() {
    local status=0
    "$PAGEWALK" "${@:3}" >"$1" 2>"$SCRATCH/err" </dev/null || status=$?
    [ "$status" = "$2" ] || fail "${*:3} >$1: status $status, expected $2"
}

operations() { printf '%s\n' "$@" >"$SCRATCH/ops"; }
COMMANDS="learn play list run show exec walk replay lesson doctor"

# --- usage ---------------------------------------------------------------------------------------

helps_everywhere() {
    run 0 --help && says "usage: pagewalk" && says "doctor"
    run 0 -h && run 0 exec -h
    for c in $COMMANDS; do
        run 0 "$c" --help
        says "usage: pagewalk $c"
        [ ! -s "$SCRATCH/err" ] || fail "$c --help writes to stderr"
        grep -q "^  $c " <("$PAGEWALK" --help) || fail "--help does not list $c"
    done
}

tells_its_version() {
    run 0 --version
    [ "$(head -1 "$SCRATCH/out")" = "pagewalk $VERSION" ] || fail "first line: $(head -1 "$SCRATCH/out")"
    says "ncurses" && says "cJSON" && says "Lua 5.4"
}

refuses_wrong_usage() {
    touch "$SCRATCH/empty"
    refuses 2 'did you mean "list"?' lsit
    refuses 2 'see pagewalk --help' xyzzy
    refuses 2 'no option --bogus' exec --bogus empty
    refuses 2 'did you mean --format?' exec --formta json empty
    refuses 2 'no option -q' exec -q empty
    refuses 2 '--format needs a value' list --format
    refuses 2 'not one of text, json' list --format yaml
    refuses 2 '--check takes no value' exec --check=1 empty
    refuses 2 'expected FILE' exec
    refuses 2 'one argument too many' exec empty empty
    refuses 2 'did you mean "lessons"?' list lesson
    refuses 2 'did you mean "tlb"?' show --machine x86-64 --view tlbb
    refuses 2 'LESSON, or --machine' show
    refuses 2 'not together' show four-level --machine toy16
    refuses 2 'expected WxH within 1x1..500x200' show --machine x86-64 --size 80
    refuses 2 '1x1..500x200' show --machine x86-64 --size 0x24
    refuses 2 '1x1..500x200' show --machine x86-64 --size 80x201
    refuses 2 'expected FILE' lesson watch
    refuses 2 'did you mean "luacheckrc"?' lesson api --format luacheck
    refuses 2 'expected NAME' lesson new
    refuses 2 'expected DIR' lesson test
    refuses 2 'did you mean "check"?' lesson chekc x
    refuses 2 'a lesson'"'"'s name' lesson new 'Not A Name'
    refuses 2 'a lesson'"'"'s name' lesson new '../..'
}

names_the_range() {
    touch "$SCRATCH/empty"
    for bad in -1 '' ' 8' 8x 1e9 99999999999999999999; do
        refuses 2 "0..18446744073709551615" exec --seed "$bad" empty
    done
    for bad in 0 16777217 -1 x; do
        run 2 exec --set "frames=$bad" empty
        complains "frames"
    done
    complains "is not a number"
    refuses 2 "1..16777216" exec --set frames=0 empty
    refuses 2 "0..1000" exec --set tlb_cycles=1001 empty
    refuses 2 "power of two" exec --set tlb.sets=3 empty
    refuses 2 "not 150" learn --plain --step 150 cow
    refuses 2 "key=value" exec --set frames empty
    refuses 2 "20..500" play --plain --width 19
}

takes_the_last_of_two() {
    operations spawn
    run 0 exec --format json --format text ops && says "1: spawn"
    run 0 exec --format text --format json -- ops
    json 'd[0]["event"] == "syscall"'
}

survives_odd_arguments() {
    # No single argument may be longer than 128 KiB on Linux.
    run 2 "$(head -c 130000 /dev/zero | tr '\0' a)"
    run 2 exec "--$(head -c 130000 /dev/zero | tr '\0' b)"
    run 66 exec "$(head -c 130000 /dev/zero | tr '\0' c)"
    run 2 $'\033[31m\xff\xfe'
    run 66 exec $'\033]0;title\a\xff'
    run 66 run $'\033[2J'
    run 2 list $'--\xc0\x80=\033'
    run 2 exec --machine "" --seed x y
    python3 - "$PAGEWALK" <<'PY' || fail "argv[0] == NULL is not survived"
import ctypes, os, sys
pid = os.fork()
if pid == 0:
    os.dup2(os.open("/dev/null", os.O_RDWR), 0); os.dup2(0, 1); os.dup2(0, 2)
    libc = ctypes.CDLL(None)
    none = (ctypes.c_char_p * 1)(None)
    libc.execve(sys.argv[1].encode(), none, (ctypes.c_char_p * 2)(b"TERM=dumb", None))
    os._exit(99)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(status not in (0, 2))
PY
}

# --- where output goes ---------------------------------------------------------------------------

notices_a_full_disk() {
    operations spawn "read 0x401000"
    "$PAGEWALK" lesson new "$SCRATCH/my-lesson" 2>/dev/null
    local lesson=$SCRATCH/my-lesson.lua
    for c in "--help" "--version" "list events" "list lessons" "exec $SCRATCH/ops" "exec --format json $SCRATCH/ops" \
        "run $lesson" "run --format json $lesson" "show $lesson" "show --format json $lesson" \
        "lesson check $lesson" "lesson api" "lesson cookbook" "lesson cookbook ask" "doctor" "exec --help" "play --plain"; do
        # shellcheck disable=SC2086
        with_output /dev/full 74 $c
        [ "$(wc -l <"$SCRATCH/err")" = 1 ] || fail "$c: $(cat "$SCRATCH/err")"
        grep -q "cannot write" "$SCRATCH/err" || fail "$c: $(cat "$SCRATCH/err")"
    done
}

notices_a_file_size_limit() {
    local status=0
    (ulimit -f 1 && exec "$PAGEWALK" list events --format json >"$SCRATCH/out" 2>"$SCRATCH/err") || status=$?
    [ "$status" = 74 ] || fail "status $status"
}

is_quiet_when_the_reader_leaves() {
    for _ in $(seq 2000); do echo spawn; echo exit; done >"$SCRATCH/many"
    "$PAGEWALK" exec "$SCRATCH/many" 2>"$SCRATCH/err" | head -1 >/dev/null
    local status=${PIPESTATUS[0]}
    [ "$status" = 74 ] || fail "status $status"
    [ ! -s "$SCRATCH/err" ] || fail "said: $(cat "$SCRATCH/err")"
}

survives_closed_descriptors() {
    local status=0
    operations spawn
    "$PAGEWALK" exec "$SCRATCH/ops" >&- 2>"$SCRATCH/err" || status=$?
    [ "$status" = 74 ] || fail "stdout closed: status $status"
    "$PAGEWALK" exec "$SCRATCH/ops" <&- >"$SCRATCH/out" || fail "stdin closed"
    says "1: spawn"
    status=0
    "$PAGEWALK" exec /proc/none 2>&- >"$SCRATCH/out" || status=$?
    [ "$status" = 66 ] || fail "stderr closed: status $status"
    [ ! -s "$SCRATCH/out" ] || fail "a complaint reached stdout"
    status=0
    "$PAGEWALK" exec "$SCRATCH/ops" <&- >&- 2>&- || status=$?
    [ "$status" = 74 ] || fail "all closed: status $status"
}

is_the_same_in_every_locale() {
    operations spawn "read 0x404000" fork "set dram_cycles 1000"
    run 0 exec --format json ops
    cp "$SCRATCH/out" "$SCRATCH/first"
    for l in C POSIX xx_YY.UTF-8 de_DE.UTF-8 zh_CN.UTF-8 zh_CN.GBK C.UTF-8; do
        env LC_ALL="$l" LANG="$l" "$PAGEWALK" exec --format json "$SCRATCH/ops" | cmp -s - "$SCRATCH/first" || fail "LC_ALL=$l prints something else"
    done
    env -i "$PAGEWALK" exec --format json "$SCRATCH/ops" | cmp -s - "$SCRATCH/first" || fail "differs without environment"
}

# --- list ----------------------------------------------------------------------------------------

lists_everything() {
    for k in lessons machines operations events views policies fields quirks themes; do
        run 0 list "$k"
        run 0 list "$k" --format json
        json "d[0]['schema'] == 'pagewalk.list/1' and isinstance(d[0]['$k'], list)"
    done
    run 0 list operations && says "read VA [size=1|2|4|8]"
    run 0 list machines && says "toy16" && says "i386" && says "x86-64"
    run 0 list policies --format json
    json '{"fifo", "lru", "clock", "opt", "lfu", "random"} <= {p["name"] for p in d[0]["policies"]}'
    run 0 list events --format json
    json '"tlb_hit" in [e["name"] for e in d[0]["events"]]'
    run 0 list --format json
    json 'all({"id","part","title","rows","steps","questions","machine"} <= set(x) for x in d[0]["lessons"])'
}

# --- exec ----------------------------------------------------------------------------------------

runs_operations() {
    operations "# a comment" "" spawn "read 0x404000 size=4 # more" "write 0x404000 7"
    run 0 exec ops
    says "1: spawn" && says "2: read 0x404000 size=4" && says "3: write 0x404000 7"
    run 0 exec --format json ops
    # Numbers count from 1 without a hole; operations too.
    json '[e["n"] for e in d] == list(range(1, len(d) + 1)) and sorted({e["op"] for e in d}) == [1, 2, 3]'
    json 'all({"n","op","event","actor","cpu","pid","asid","cycles","text"} <= set(e) for e in d)'
    json '[e["value"] for e in d if e["event"] == "data_read"][0].startswith("0x")'
    json 'any(e["event"] == "cow_copy" for e in d) and d[-1]["event"] == "data_write" and d[-1]["new"] == "0x7"'
    # A four-level walk that finds its page reads four entries (SDM vol. 3A, 4.5).
    json '[e["level"] for e in d if e["event"] == "walk_read" and e["op"] == 2][-4:] == [0, 1, 2, 3]'
    "$PAGEWALK" exec - <"$SCRATCH/ops" --format json | cmp -s - "$SCRATCH/out" || fail "stdin gives something else"
    run 0 exec --check ops && complains "0 violated"
}

takes_windows_files() {
    printf '\xef\xbb\xbfspawn\r\nread 0x404000\r\n' >"$SCRATCH/dos"
    run 0 exec dos && says "2: read 0x404000"
    printf 'spawn' >"$SCRATCH/no-newline"
    run 0 exec no-newline && says "1: spawn"
}

knows_machines() {
    operations spawn
    run 0 exec --machine toy16 ops && run 0 exec --machine i386 ops
    run 0 exec --machine "$ROOT/assets/machines/i386.json" ops
    refuses 66 'did you mean "toy16"?' exec --machine toy61 ops
    run 0 exec --machine x86-64 --set frames=64 --set tlb.sets=2 ops
    run 66 exec --machine /dev/zero ops
    printf '{"schema":"pagewalk.machine/1"' >"$SCRATCH/cut.json"
    refuses 65 "cut.json:1:" exec --machine ./cut.json ops
}

does_not_call_a_signal_an_error() {
    operations spawn "read 0x10"
    run 0 exec ops && says "SIGSEGV"
}

stops_at_a_bad_line() {
    operations spawn "read 0x404000" "raed 0x404000" spawn
    run 65 exec ops
    complains 'ops:3: ' && complains 'did you mean "read"?' && says "2: read"
    ! grep -q "3: " <(grep '^[0-9]' "$SCRATCH/out") || fail "went on after a bad line"
    operations "read 0x404000"
    refuses 65 "ops:1: no process runs on cpu 0" exec ops
    for bad in "read" "read 0x404000 size=3" "read zzz" "mmap - 4K q" "poke 0x1000 xyz" "switch 99" "set nope 1" "read 0x404000 cpu=7"; do
        operations spawn "$bad"
        run 65 exec ops
        complains "ops:2: "
    done
}

stops_at_a_limit() {
    { echo spawn; for i in $(seq 300); do echo "mmap - 4K rw shared file=f$i"; done; } >"$SCRATCH/ops"
    run 75 exec ops
    complains "ops:"
}

refuses_what_is_no_text_file() {
    refuses 66 "cannot open" exec no/ops
    refuses 66 "not a regular file" exec "$SCRATCH"
    mkfifo "$SCRATCH/fifo"
    refuses 66 "not a regular file" exec fifo
    refuses 66 "not a regular file" exec /dev/zero
    ln -s loop "$SCRATCH/loop"
    refuses 66 "cannot open" exec loop
    printf 'spawn\n\0read\n' >"$SCRATCH/nul"
    run 65 exec nul && complains "nul:2: a NUL byte"
    head -c 5000 /dev/zero | tr '\0' ' ' >"$SCRATCH/long"
    refuses 65 "long:1: longer than 4096 bytes" exec long
    head -c 100000 /dev/urandom >"$SCRATCH/noise"
    run 65 exec noise
    complains "noise:"
    local status=0
    "$PAGEWALK" exec - </dev/zero >/dev/null 2>"$SCRATCH/err" || status=$?
    [ "$status" = 65 ] || fail "zeros on stdin: status $status"
    status=0
    "$PAGEWALK" exec - <"$SCRATCH" >/dev/null 2>"$SCRATCH/err" || status=$?
    [ "$status" = 66 ] || fail "a folder on stdin: status $status"
    complains "standard input"
}

needs_no_more_memory_for_more_lines() {
    [ "${PW_SLOW:-1}" = 1 ] || return 0 # instrumented builds need their own memory
    { echo spawn; for _ in $(seq 40000); do echo "read 0x404000"; done; } >"$SCRATCH/ops"
    (ulimit -d 60000; "$PAGEWALK" exec --format json "$SCRATCH/ops" >"$SCRATCH/out") || fail "status $?"
    [ "$(wc -l <"$SCRATCH/out")" -gt 100000 ] || fail "too few events"
}

# --- walk ---------------------------------------------------------------------------------------

walks_vectors() {
    # There is no PAE machine yet.
    zcat "$ROOT/tests/vectors/x86.jsonl.gz" | grep -v '"mode":"pae"' >"$SCRATCH/vectors"
    "$PAGEWALK" walk --check - <"$SCRATCH/vectors" >"$SCRATCH/out" || fail "status $?"
    grep -qE '^[1-9][0-9]* passed, 0 failed$' "$SCRATCH/out" || fail "$(tail -1 "$SCRATCH/out")"
    zcat "$ROOT/tests/vectors/x86.jsonl.gz" | head -1 >"$SCRATCH/one"
    run 0 walk one
    json 'len(d) == 1 and "id" in d[0]'
    mkfifo "$SCRATCH/fifo"
    refuses 66 "not a regular file" walk fifo
    refuses 66 "cannot open" walk no/vectors
    echo '{"id":' >"$SCRATCH/cut"
    refuses 65 "cut:1:" walk cut
    : >"$SCRATCH/nothing"
    refuses 65 "nothing was checked" walk --check nothing
    refuses 2 "did you mean --check?" walk --chek one
    with_output /dev/full 74 walk "$SCRATCH/one"
}

# --- lessons -------------------------------------------------------------------------------------

makes_a_lesson_that_works() {
    run 0 lesson new my-lesson
    [ -s "$SCRATCH/my-lesson.lua" ] || fail "nothing was written"
    cp "$SCRATCH/my-lesson.lua" "$SCRATCH/kept"
    refuses 74 "is there already" lesson new my-lesson
    cmp -s "$SCRATCH/kept" "$SCRATCH/my-lesson.lua" || fail "it was overwritten"
    refuses 74 "cannot create" lesson new no/such/my-lesson
    run 0 lesson check my-lesson.lua
    says "my-lesson.lua: good:"
    run 0 run ./my-lesson.lua --format json
    json 'd[0]["schema"] == "pagewalk.run/1" and d[0]["lesson"] == "my-lesson" and d[0]["steps"] == 2'
    json 'd[0]["expectations"]["failed"] == 0 and d[0]["invariants"]["violations"] == 0 and len(d[0]["state"]) == 32'
    json 'all({"id","kind","answer","choices"} <= set(q) for q in d[0]["questions"])'
    cp "$SCRATCH/out" "$SCRATCH/first"
    run 0 run ./my-lesson.lua --format json --lang zh
    python3 - "$SCRATCH" <<'PY' || fail "another language gives another state"
import json, sys
a, b = (json.load(open(f"{sys.argv[1]}/{n}", encoding="utf-8")) for n in ("first", "out"))
sys.exit(a["state"] != b["state"] or a["events"] != b["events"])
PY
    run 0 run ./my-lesson.lua --format tap && says "1..4" && says "ok 1 - "
    run 0 run ./my-lesson.lua --format junit
    python3 -c 'import sys,xml.dom.minidom as x; assert x.parse(sys.argv[1]).getElementsByTagName("testcase").length == 4' \
        "$SCRATCH/out" || fail "no XML"
    run 0 run ./my-lesson.lua && says "expectations: 1 passed, 0 failed"
}

names_the_line_of_a_mistake() {
    run 0 lesson new broken
    sed -i 's/m\.expect(r\.kind, "done"/m.expect(r.kind, "blocked"/' "$SCRATCH/broken.lua"
    run 1 run ./broken.lua
    complains "broken.lua:" && says "1 failed"
    run 1 run --format tap ./broken.lua && says "not ok"
    run 1 run --format junit ./broken.lua && says 'failures="1"'
    run 1 lesson check broken.lua
    run 0 lesson new typo
    sed -i 's/view = "layout"/veiw = "layout"/' "$SCRATCH/typo.lua"
    local line
    line=$(grep -n veiw "$SCRATCH/typo.lua" | cut -d: -f1)
    run 65 run ./typo.lua
    grep -qE "typo\.lua:[0-9]+: " "$SCRATCH/err" || fail "no file and line: $(cat "$SCRATCH/err")"
    complains 'view'
    [ -n "$line" ] || fail "the template has no view"
    for c in "run ./none.lua" "lesson check none.lua" "show ./none.lua" "learn --plain ./none.lua"; do
        # shellcheck disable=SC2086
        run 66 $c
        [ "$(wc -l <"$SCRATCH/err")" = 1 ] || fail "$c: $(cat "$SCRATCH/err")"
    done
    mkfifo "$SCRATCH/fifo.lua"
    run 66 run ./fifo.lua
    head -c 3000 /dev/urandom >"$SCRATCH/noise.lua"
    run 65 run ./noise.lua
    run 65 lesson check noise.lua
    printf '\033Lua' >"$SCRATCH/bytecode.lua"
    run 65 run ./bytecode.lua
}

tests_a_folder() {
    mkdir "$SCRATCH/course" "$SCRATCH/course/lib" "$SCRATCH/none"
    "$PAGEWALK" lesson new "$SCRATCH/course/one" 2>/dev/null
    "$PAGEWALK" lesson new "$SCRATCH/course/two" 2>/dev/null
    echo 'return {}' >"$SCRATCH/course/lib/shared.lua"
    run 0 lesson test course
    says "1..2" && says "ok 1 - course/one.lua" && says "ok 2 - course/two.lua"
    echo 'return lesson {' >"$SCRATCH/course/three.lua"
    run 1 lesson test course
    says "1..3" && says "not ok 2 - course/three.lua" && says "# course/three.lua:"
    refuses 66 "no lesson" lesson test none
    refuses 66 "not a folder" lesson test course/one.lua
    refuses 66 "cannot open" lesson test nowhere
}

shows_moments() {
    run 0 lesson new my-lesson
    run 0 show ./my-lesson.lua
    [ "$(wc -l <"$SCRATCH/out")" = 24 ] || fail "$(wc -l <"$SCRATCH/out") rows"
    says "A process"
    run 0 show ./my-lesson.lua --at 2 --size 120x40 --lang zh && says "碰一下"
    run 0 show ./my-lesson.lua --glyphs ascii
    ! LC_ALL=C grep -q $'[\x80-\xff]' "$SCRATCH/out" || fail "more than ASCII"
    run 0 show ./my-lesson.lua --at 2 --view tlb --size 40x10
    run 0 show ./my-lesson.lua --format svg
    python3 -c 'import sys,xml.dom.minidom as x; x.parse(sys.argv[1])' "$SCRATCH/out" || fail "no XML"
    "$PAGEWALK" show "$SCRATCH/my-lesson.lua" --format ansi | grep -q $'\033\\[' || fail "ansi has no colours"
    run 0 show ./my-lesson.lua --at 1.11 --format json
    json 'd[0]["schema"] == "pagewalk.show/1" and d[0]["step"] == 1 and d[0]["position"].items() >= {"op": 1, "event": 11, "n": 11}.items()'
    json 'd[0]["event"]["n"] == 11 and set(d[0]["panes"]) >= {"story", "address", "tree", "tlb", "frames"}'
    run 0 show ./my-lesson.lua --at 2 --format json --view frames
    json 'list(d[0]["panes"]) == ["frames"]'
    # The question hides what comes after it; later moments count it as skipped.
    run 0 show ./my-lesson.lua --at 2.2 --format json
    json 'd[0]["event"]["event"] == "tlb_miss"'
    refuses 2 "has steps 1..2" show ./my-lesson.lua --at 3
    run 2 show ./my-lesson.lua --at 1.12 && complains "events 0..11"
    run 2 show ./my-lesson.lua --at 0 && complains "1..100000"
    run 2 show ./my-lesson.lua --at 1.x
    operations spawn "write 0x404000 9"
    run 0 show --machine x86-64 --exec ops --format json
    json 'd[0]["event"]["event"] == "data_write" and d[0]["position"]["op"] == 2 and d[0]["lesson"] is None'
    operations spawn bogus
    run 65 show --machine x86-64 --exec ops && complains "ops:2:"
}

# --- plain mode ----------------------------------------------------------------------------------

# plain STATUS LINES ARGS...: pagewalk learn or play with these lines as its input.
plain() {
    local expected=$1 lines=$2 status=0
    shift 2
    # shellcheck disable=SC2059
    printf "$lines" | (cd "$SCRATCH" && XDG_STATE_HOME=$SCRATCH/state timeout $((20 * ${PW_SLOW:-1})) \
        "$PAGEWALK" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err") || status=$?
    [ "$status" = "$expected" ] || fail "$*: status $status: $(tail -1 "$SCRATCH/err")"
    ! grep -q $'\033' "$SCRATCH/out" "$SCRATCH/err" || fail "an escape byte"
}

tells_a_lesson_in_sentences() {
    run 0 lesson new my-lesson
    plain 0 'next\nstep\nstep\nstep\nhint\nzzz\nstate tlb\nskip\nstep\nstep\nquit\n' learn --plain ./my-lesson.lua
    head -1 "$SCRATCH/out" | grep -q '^plain mode (from --plain)' || fail "first line: $(head -1 "$SCRATCH/out")"
    says "LESSON my-lesson, step 1 of 2" && says "STORY" && says "EVENT 1 syscall" && says "CHANGED"
    says "QUESTION 1 of 1:" && says "HINT 1 of 3" && says "STATE" && says "SKIPPED: the answer is" && says "END"
    says 'ERROR "zzz"'
    [ "$(wc -L <"$SCRATCH/out")" -le 80 ] || fail "a line of $(wc -L <"$SCRATCH/out") columns"
    COLUMNS=40 plain 0 'step\nquit\n' learn --plain ./my-lesson.lua
    [ "$(wc -L <"$SCRATCH/out")" -le 40 ] || fail "COLUMNS is not kept"
    plain 0 'step\nquit\n' learn --plain --width 30 ./my-lesson.lua
    [ "$(wc -L <"$SCRATCH/out")" -le 30 ] || fail "--width is not kept"
}

judges_answers() {
    run 0 lesson new my-lesson
    # One way in, every choice tried: exactly one is right, and a wrong one names its belief.
    plain 0 'step\nstep\nstep\na\nb\nc\nquit\n' learn --plain ./my-lesson.lua
    [ "$(grep -c '^RIGHT: ' "$SCRATCH/out")" = 1 ] || fail "$(grep -c '^RIGHT: ' "$SCRATCH/out") right answers"
    # The first page fault of a fresh page is one (demand paging), so 0 and 2 are wrong.
    grep -qE '^RIGHT: \([abc]\) 1\.' "$SCRATCH/out" || fail "$(grep '^RIGHT' "$SCRATCH/out")"
    ! grep -qE '^WRONG: not \([abc]\) 1\.' "$SCRATCH/out" || fail "the right one is called wrong"
}

writes_a_task() {
    cat >"$SCRATCH/task.lua" <<'LUA'
return lesson {
  id = "task", part = "faults", machine = "x86-64", title = { en = "A task", zh = "任务" },
  steps = {
    step {
      text = { en = "Touch something.", zh = "碰一下。" }, run = function(m) m.spawn() end,
      after = { en = "That was it.", zh = "就是这样。" },
      task = {
        text = { en = "Make one page fault happen.", zh = "造成一次缺页。" },
        goal = function(r) return count(r, "page_fault") == 1 end,
        solution = { "read 0x401000" },
        hints = { { en = "a", zh = "a" }, { en = "b", zh = "b" }, { en = "c", zh = "c" } },
      },
    },
  },
}
LUA
}

takes_tasks() {
    writes_a_task
    plain 0 'step\nstep\nflush\nstory\nstep\nquit\n' learn --plain ./task.lua
    says "TASK Make one page fault" && says "ERROR First your task"
    ! grep -qE "TASK done|That was it" "$SCRATCH/out" || fail "anything will do"
    rm -rf "$SCRATCH/state"
    plain 0 'step\nread 0x402000\nstory\nstep\nstep\nquit\n' learn --plain ./task.lua
    says "TASK done" && says "STORY That was it." && says "END of the lesson"
}

names_commands_not_keys() {
    plain 0 'next\nstep\nwho\nread 0x401000\nstep\nfetch 0x401000\nread 0x10\nhex\nzzz\nstate story\nquit\n' play --plain --width 200
    says "unop, then next shows how" && says "unop, then next shows why" && says "Type an operation"
    ! grep -E "Esc|Tab |Press |\[ shows|\? lists|' goes" "$SCRATCH/out" || fail "a key is named"
    writes_a_task
    plain 0 'step\nstep\nflush\nstory\nstep\nskip\nstep\nstep\nstep\nstate story\nquit\n' learn --plain --width 200 ./task.lua
    says "ERROR First your task: type an operation" && says "ERROR That was the last page. quit"
    ! grep -E "Esc|Tab |Press |m: back|m opens|\bS shows" "$SCRATCH/out" || fail "a key is named"
}

keeps_the_place() {
    run 0 lesson new my-lesson
    plain 0 'step\nstep\n' learn --plain ./my-lesson.lua # ends by the end of input
    [ -s "$SCRATCH/state/pagewalk/progress.json" ] || fail "nothing was kept"
    plain 0 'quit\n' learn --plain ./my-lesson.lua
    says "step 2 of 2"
}

finishes_every_lesson() {
    local n=0 id
    printf 'skip\nstep\n%.0s' $(seq 150) >"$SCRATCH/skips"
    for id in $("$PAGEWALK" list --format json | python3 -c 'import json,sys
print(*(x["id"] for x in json.load(sys.stdin)["lessons"]))'); do
        for lang in en zh; do
            rm -rf "$SCRATCH/state"
            plain 0 "$(cat "$SCRATCH/skips")\nquit\n" learn --plain --lang "$lang" --width 60 "$id"
            [ "$lang" = zh ] || says "END of the lesson"
            grep -q '"done":true' "$SCRATCH/state/pagewalk/progress.json" || fail "$id ($lang) is not done"
        done
        n=$((n + 1))
    done
    [ "$n" -gt 0 ] || fail "there are no lessons"
}

steps_in_sentences() {
    printf ' L 401ffc,8\n S 401000,1\n L 402000,1\n' | gzip >"$SCRATCH/trace.gz"
    plain 0 'step\nstep\nnext\nop\nref\nstep\nquit\n' play --plain --trace "$SCRATCH/trace.gz" --frames 1 --policy opt --width 200
    says "step: the next reference. The string: all 4 of trace.gz"
    says "Reference 1 of 4, page 1025: a fault. Hits 0, faults 1."
    says "Reference 2 of 4, page 1026: a fault. Hits 0, faults 2."
    says "Reference 3 of 4, event by event"
    says "Reference 4 of 4, page 1026: a fault. Hits 0, faults 4."
    says "All 4 references are made. Hits 0, faults 4."
    refuses 2 "go with --trace" play --plain --frames 3
    refuses 2 "takes a file" play --plain --trace -
    refuses 66 "cannot open" play --plain --trace "$SCRATCH/missing"
    refuses 65 "no trace" play --plain --trace "$ROOT/Makefile"
    refuses 65 "no kernel" play csapp --plain --trace "$SCRATCH/trace.gz"
}

plays_in_sentences() {
    plain 0 'read 0x404000\nback\nwrite 0x404000 5\ncheck\nstate frames\nhelp\npane tree\nquit\n' play --plain toy16
    says "ERROR"
    plain 0 'read 0x404000\nback\nstory\nwrite 0x404000 5\ncheck\nstate frames\nhelp\npane tree\nquit\n' play --plain
    says "OPERATION 2: read 0x404000" && says "EVENT 12 access" && says "invariants hold" && says "OPERATIONS spawn"
    plain 65 'read 0x404000\n\0\0\n' play --plain
    # Without a terminal it is plain mode by itself.
    TERM=dumb plain 0 'quit\n' play
    head -1 "$SCRATCH/out" | grep -q '^plain mode (from ' || fail "$(head -1 "$SCRATCH/out")"
}

ends_at_an_interrupt() {
    local status=0
    mkfifo "$SCRATCH/in"
    sleep 100 >"$SCRATCH/in" &
    local writer=$!
    env -i XDG_STATE_HOME="$SCRATCH/state" python3 -c 'import os,signal,sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.execv(sys.argv[1], sys.argv[1:])' "$PAGEWALK" play --plain <"$SCRATCH/in" >"$SCRATCH/out" 2>&1 &
    local pid=$!
    until_true grep -qs '^> ' "$SCRATCH/out" || fail "no prompt"
    kill -INT "$pid"
    wait "$pid" || status=$?
    kill "$writer"
    [ "$status" = 130 ] || fail "status $status"
}

# --- doctor --------------------------------------------------------------------------------------

knows_what_is_around_it() {
    run 0 doctor
    says "pagewalk $VERSION (built in) ok" && says "terminal "
    grep -qvE '^[a-z0-9 -]+ .* \(.*\) (ok|warn|bad)( .*)?$' "$SCRATCH/out" && fail "$(grep -vE '\) (ok|warn|bad)' "$SCRATCH/out" | head -1)"
    run 0 doctor --format json
    json 'd[0]["schema"] == "pagewalk.doctor/1" and all(c["verdict"] in ("ok","warn") for c in d[0]["checks"])'
    TERM=$'bogus\033[31m' run 0 doctor && says "warn"
    PAGEWALK_DATA=/proc/none run 1 doctor && says "bad"
}

# Installed anywhere, with no environment at all, from a folder that has nothing to do with it.
finds_its_own_files() {
    local out
    mkdir -p "$SCRATCH/usr/bin" "$SCRATCH/usr/share/pagewalk"
    cp "$PAGEWALK" "$SCRATCH/usr/bin/pagewalk"
    cp -r assets lessons "$SCRATCH/usr/share/pagewalk"
    out=$(cd / && env -i "$SCRATCH/usr/bin/pagewalk" run cow --format json) || fail "status $?"
    [[ $out == *'"lesson":"cow"'* ]] || fail "$out"
    (cd / && env -i "$SCRATCH/usr/bin/pagewalk" doctor) >"$SCRATCH/out" || fail "doctor: status $?"
    says "data $SCRATCH/usr/share/pagewalk (installed) ok"
}

run_case "--help and -h everywhere, on stdout" helps_everywhere
run_case "--version names the version first, then libraries" tells_its_version
run_case "wrong usage is one line and status 2" refuses_wrong_usage
run_case "a number out of range is told its range" names_the_range
run_case "the last of two options counts; -- ends options" takes_the_last_of_two
run_case "odd arguments are survived and cleaned" survives_odd_arguments
run_case "a full disk is status 74" notices_a_full_disk
run_case "a file-size limit is status 74, not a signal" notices_a_file_size_limit
run_case "a reader that leaves is status 74 without a word" is_quiet_when_the_reader_leaves
run_case "closed descriptors" survives_closed_descriptors
run_case "the same bytes in every locale" is_the_same_in_every_locale
run_case "list: every kind, as text and JSON" lists_everything
run_case "exec runs operations" runs_operations
run_case "exec takes CRLF, a byte-order mark, no last newline" takes_windows_files
run_case "exec knows presets, files and nearest names" knows_machines
run_case "exec: a killed process is no error" does_not_call_a_signal_an_error
run_case "exec stops at a bad line with its number" stops_at_a_bad_line
run_case "exec: a full table is status 75" stops_at_a_limit
run_case "exec refuses folders, FIFOs, devices, NULs, long lines" refuses_what_is_no_text_file
run_case "exec needs no more memory for more lines" needs_no_more_memory_for_more_lines
run_case "walk: vectors, and what is none" walks_vectors
run_case "lesson new makes a lesson that checks and runs" makes_a_lesson_that_works
run_case "a mistake in a lesson is told with file and line" names_the_line_of_a_mistake
run_case "lesson test speaks TAP" tests_a_folder
run_case "show: moments, views, sizes, formats" shows_moments
run_case "plain mode tells a lesson to its end" tells_a_lesson_in_sentences
run_case "plain mode judges answers" judges_answers
run_case "plain mode: a task is done by typing operations" takes_tasks
run_case "plain mode names commands, not keys" names_commands_not_keys
run_case "plain mode keeps the place at the end of input" keeps_the_place
run_case "plain mode: every lesson can be finished, in both languages" finishes_every_lesson
run_case "plain mode plays" plays_in_sentences
run_case "plain mode steps through a trace" steps_in_sentences
run_case "plain mode ends at an interrupt with 130" ends_at_an_interrupt
run_case "an installed program finds its files" finds_its_own_files
run_case "doctor names each thing with a verdict" knows_what_is_around_it
finish
