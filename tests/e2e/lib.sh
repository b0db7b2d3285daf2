# shellcheck shell=bash
# lib.sh - plays pagewalk in a real terminal: tmux with a server, a home and a size of its own.
#
# A scenario is a script tests/e2e/test_NAME.sh:
#
#     . "${0%/*}/lib.sh"
#     steps_back() {
#         start 80x24 learn split
#         wait_for "first words of the lesson"
#         keys Right Left q
#         wait_exit 0
#     }
#     run_case "a step back shows the first words again" steps_back
#     finish
#
# Each case runs in a subshell with `set -e`: the first helper that fails ends it, and the screen of
# that moment is printed. Nothing sleeps and hopes: every helper polls until what it waits for is so
# (10 s at most, times PW_SLOW), so keys sent before the screen is ready are a mistake of the
# scenario: wait first. Output is TAP.
#
# In a case: $SCRATCH is an empty folder (HOME and the XDG folders are in it), $PAGEWALK the binary.
# WITH="NAME=value ..." before `start` sets variables of the program; UNDER="valgrind ..." wraps it.

set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT" || exit 1
BUILD=${BUILD:-build}
PAGEWALK=$(realpath -m "${PAGEWALK:-$BUILD/pagewalk}")
PATIENCE=$((10 * ${PW_SLOW:-1}))
WITH=
UNDER=
CASES=0
FAILED=0

fail() {
    printf '# %s\n' "$*"
    [ -z "${SERVER:-}" ] || printf '%s\n' "$(screen 2>/dev/null)" | sed 's/^/# |/'
    return 1
}

# until_true COMMAND...: poll; fails after PATIENCE seconds.
until_true() {
    local end=$((SECONDS + PATIENCE))
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.03
    done
}

tmux_do() { tmux -L "$SERVER" -u "$@"; }

# start WIDTHxHEIGHT ARGS...: pagewalk in a fresh terminal of that size.
start() {
    local size=$1
    shift
    # shellcheck disable=SC2086  # UNDER is a command with its arguments
    start_command "$size" $UNDER "$PAGEWALK" "$@"
}

# start_command SIZE COMMAND...: any command; the terminal stays after it has ended.
start_command() {
    local size=$1
    shift
    [ -z "${SERVER:-}" ] || stop
    SERVER=pagewalk-$$-$BASHPID-$RANDOM
    rm -f "$SCRATCH"/{pid,status,stopped,go_on,stty.*}
    printf '%q ' "$@" >"$SCRATCH/command"
    # shellcheck disable=SC2086  # WITH is a list of assignments
    env -u TMUX -u NO_COLOR -u DISPLAY TMUX_TMPDIR="$SCRATCH" LC_ALL=C.UTF-8 HOME="$SCRATCH/home" \
        XDG_CONFIG_HOME="$SCRATCH/config" XDG_STATE_HOME="$SCRATCH/state" \
        XDG_DATA_HOME="$SCRATCH/data" SCRATCH="$SCRATCH" \
        tmux -L "$SERVER" -u -f "$ROOT/tests/e2e/tmux.conf" \
        new-session -d -x "${size%x*}" -y "${size#*x}" \
        "env $WITH bash '$ROOT/tests/e2e/inside.sh'" || fail "tmux does not start"
    until_true test -s "$SCRATCH/pid" || fail "the command does not start"
}

stop() {
    [ -z "${SERVER:-}" ] || TMUX_TMPDIR="$SCRATCH" tmux_do kill-server 2>/dev/null || true
    SERVER=
}

# keys NAME...: tmux key names (Enter, Escape, Left, C-c, q). type_text TEXT: the text as it stands.
keys() { tmux_do send-keys "$@"; }
type_text() { tmux_do send-keys -l -- "$1"; }
resize() { tmux_do resize-window -x "${1%x*}" -y "${1#*x}"; }

# screen: what the terminal shows, as text; screen_ansi: with colours and attributes.
screen() { tmux_do capture-pane -p; }
screen_ansi() { tmux_do capture-pane -p -e; }
size() { tmux_do display-message -p '#{pane_width}x#{pane_height}'; }
# tmux_says FORMAT: for example cursor_flag, alternate_on, mouse_any_flag.
tmux_says() { tmux_do display-message -p "#{$1}"; }

# A fixed string somewhere on the screen.
shows() { screen | grep -qF -- "$1"; }
hides() { ! shows "$1"; }
wait_for() { until_true shows "$1" || fail "never shown: $1"; }
wait_gone() { until_true hides "$1" || fail "still shown: $1"; }

ended() { test -s "$SCRATCH/status"; }
stopped() { test -e "$SCRATCH/stopped"; }
# wait_exit STATUS: the program ends, and so (128+N: by signal N).
wait_exit() {
    until_true ended || fail "still running"
    [ "$(cat "$SCRATCH/status")" = "$1" ] || fail "status $(cat "$SCRATCH/status"), expected $1"
}
running() { ! ended && kill -0 "$(cat "$SCRATCH/pid")"; }
# send_signal NAME: to the program itself. go_on: `fg` after a stop.
send_signal() { kill -s "$1" "$(cat "$SCRATCH/pid")"; }
wait_stopped() { until_true stopped || fail "does not stop"; }
go_on() {
    rm -f "$SCRATCH/stopped"
    touch "$SCRATCH/go_on"
}

# The terminal is as it was: modes, main screen, a cursor, no mouse reports.
terminal_is_restored() {
    until_true test -s "$SCRATCH/stty.after" || fail "the shell never came back"
    cmp -s "$SCRATCH/stty.before" "$SCRATCH/stty.after" ||
        fail "modes changed: $(diff "$SCRATCH/stty.before" "$SCRATCH/stty.after" | tr '\n' ' ')"
    [ "$(tmux_says alternate_on)" = 0 ] || fail "still on the alternate screen"
    [ "$(tmux_says cursor_flag)" = 1 ] || fail "the cursor is hidden"
    [ "$(tmux_says mouse_any_flag)" = 0 ] || fail "the mouse still reports"
}

# run_case NAME FUNCTION [ARGS...]
run_case() {
    local name=$1 status
    shift
    CASES=$((CASES + 1))
    (
        SERVER=
        SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/pagewalk-e2e.XXXXXX")
        mkdir -p "$SCRATCH"/{home,config,state,data}
        export SCRATCH TMUX_TMPDIR=$SCRATCH
        trap 'stop; rm -rf "$SCRATCH"' EXIT
        trap 'exit 143' TERM INT HUP
        set -e
        "$@"
    )
    status=$?
    if [ $status -eq 0 ]; then
        echo "ok $CASES - $name"
    else
        FAILED=$((FAILED + 1))
        echo "not ok $CASES - $name"
    fi
}

finish() {
    echo "1..$CASES"
    [ "$FAILED" -eq 0 ]
    exit
}
