#!/usr/bin/env bash
# The terminal is given back whatever ends us, and poor terminals get what they can show.
# shellcheck source=tests/e2e/lib.sh disable=SC2031
. "${0%/*}/lib.sh"

# The leak sanitizer stops the world to look; a signal in that moment stops it for good. Leaks are looked
# for where no signals fly.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

# 128 + the signal's number is how the shell names an end by that signal.
ends_by() {
    local signal=$1 status=$2
    ulimit -c 0
    start 80x24 play
    wait_for "Playground"
    send_signal "$signal"
    wait_exit "$status"
    terminal_is_restored
}

control_c() {
    start 80x24 play
    wait_for "Playground"
    keys C-c
    wait_exit 130
    terminal_is_restored
}

the_place_survives() {
    start 80x24 learn split
    wait_for "step 1/"
    keys Enter Enter
    wait_for "step 2/"
    send_signal "$1"
    wait_exit "$2"
    terminal_is_restored
    start 80x24
    wait_for "Continue"
    keys q
    wait_exit 0
}

stops_and_goes_on() {
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "read 0x404000"
    keys Enter
    wait_for "from physical address"
    keys C-z
    wait_stopped
    cmp -s "$SCRATCH/stty.before" "$SCRATCH/stty.stopped" || fail "modes while stopped"
    [ "$(tmux_says alternate_on)" = 0 ] || fail "alternate screen while stopped"
    resize 120x40
    go_on
    wait_for "operation 2"
    keys Home
    wait_for "booted"
    resize 80x24
    until_true pty_is "24 80" || fail "the terminal keeps its size"
    keys q
    wait_exit 0
    terminal_is_restored
}
pty_is() { [ "$(stty -F "$(tmux_says pane_tty)" size)" = "$1" ]; }

# Somebody else stops and continues us: nothing asks, everything is drawn again. What bash leaves the
# modes at after such a stop is its own affair.
is_continued_from_outside() {
    start 80x24 play
    wait_for "Playground"
    send_signal STOP
    wait_stopped
    go_on
    wait_for "Playground"
    keys q
    wait_exit 0
}

# The window is closed: the end within a second, and no spinning.
the_window_closes() {
    local pid
    WITH=${1:-}
    start 80x24 play
    wait_for "Playground"
    pid=$(cat "$SCRATCH/pid")
    stop
    until_true gone "$pid" || fail "$pid still runs"
}
gone() { ! kill -0 "$1" 2>/dev/null; }

hangup_ignored() {
    local pid
    # shellcheck disable=SC2016  # for that bash
    start_command 80x24 bash -c 'trap "" HUP; exec "$0" play' "$PAGEWALK"
    wait_for "Playground"
    pid=$(cat "$SCRATCH/pid")
    stop
    until_true gone "$pid" || fail "$pid still runs"
}

plain_for() {
    WITH="TERM=$1"
    start 80x24 play
    wait_for "TERM=$1"
    hides "┌" || fail "drawn with boxes"
    keys q u i t Enter
    wait_exit 0
}

unknown_name() {
    WITH="TERM=no-such-terminal"
    start 80x24 play
    wait_for "Playground"
    wait_for "┌"
    keys q
    wait_exit 0
    terminal_is_restored
}

no_colour() {
    WITH="NO_COLOR=1"
    start 80x24 play
    wait_for "Playground"
    if screen_ansi | grep -qE $'\033\\[[0-9;]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]'; then
        fail "a colour"
    fi
    keys q
    wait_exit 0
}

colour_is_there_otherwise() {
    start 80x24 play
    wait_for "Playground"
    screen_ansi | grep -qE $'\033\\[[0-9;]*38;5;' || fail "no colour at all"
    keys q
    wait_exit 0
}

only_ascii() {
    WITH="TERM=vt100"
    start 80x24 play --glyphs ascii
    wait_for "Playground"
    ! screen | LC_ALL=C grep -q '[^ -~]' || fail "more than ASCII"
    keys q
    wait_exit 0
    terminal_is_restored
}

foreign_locale() {
    WITH="$1"
    start 80x24 play
    wait_for "$2"
    wait_for "┌"
    keys q
    wait_exit 0
}

# A pasted text is no row of keys.
a_paste_does_nothing() {
    start 80x24 play
    wait_for "Playground"
    tmux_do set-buffer "qqq:read 0x404000"
    tmux_do paste-buffer -p
    keys '?'
    wait_for "What works here"
    running || fail "the paste quit"
    keys Escape :
    tmux_do paste-buffer -p
    wait_for ": qqq:read 0x404000"
    keys Escape q
    wait_exit 0
}

not_a_terminal() {
    local status=0
    "$PAGEWALK" play </dev/null >"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
    [ "$status" -eq 2 ] || fail "status $status"
    [ "$(wc -l <"$SCRATCH/err")" -eq 1 ] || fail "$(cat "$SCRATCH/err")"
    echo quit | "$PAGEWALK" play >"$SCRATCH/out"
    ! grep -q "$(printf '\033')" "$SCRATCH/out" || fail "an escape byte in a pipe"
}

run_case "SIGTERM" ends_by TERM 143
run_case "SIGHUP" ends_by HUP 129
run_case "SIGQUIT" ends_by QUIT 131
run_case "SIGSEGV" ends_by SEGV 139
run_case "SIGBUS" ends_by BUS 135
run_case "SIGFPE" ends_by FPE 136
run_case "SIGILL" ends_by ILL 132
run_case "SIGABRT" ends_by ABRT 134
run_case "^C is 130" control_c
run_case "SIGTERM keeps the place" the_place_survives TERM 143
run_case "SIGINT keeps the place" the_place_survives INT 130
run_case "^Z gives the terminal back, fg takes it again at the new size" stops_and_goes_on
run_case "STOP and CONT from outside" is_continued_from_outside
run_case "a closed window ends us" the_window_closes
run_case "a closed window ends us though SIGHUP is ignored" hangup_ignored
run_case "TERM=dumb is plain mode" plain_for dumb
run_case "TERM=unknown is plain mode" plain_for unknown
run_case "a terminal nobody knows is taken for xterm" unknown_name
run_case "NO_COLOR" no_colour
run_case "colours" colour_is_there_otherwise
run_case "ASCII glyphs on a vt100" only_ascii
run_case "a locale that is not installed" foreign_locale LC_ALL=zh_CN.UTF-8 游乐场
run_case "the C locale" foreign_locale LC_ALL=C Playground
run_case "a paste outside a line does nothing" a_paste_does_nothing
run_case "no terminal: plain mode or status 2" not_a_terminal
finish
