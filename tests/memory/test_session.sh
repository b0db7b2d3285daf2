#!/usr/bin/env bash
# One terminal session under valgrind: steps both ways, a resize, help, the prompt, the way out.
export PW_SLOW=40
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/../e2e/lib.sh"

session() {
    UNDER="$VALGRIND --log-file=$SCRATCH/valgrind.log"
    start 120x40 learn four-level
    wait_painted
    for key in Right Right Left Right Left Right; do
        step "$key"
    done
    resize 80x24
    wait_painted
    keys q
    wait_exit 0 || fail "$(head -n 40 "$SCRATCH/valgrind.log")"
    terminal_is_restored
}

# The full-screen program has taken the screen and something stands on it.
wait_painted() {
    until_true painted || fail "nothing on the screen"
}
painted() {
    [ "$(tmux_says alternate_on)" = 1 ] && [ "$(screen | tr -d ' \n' | wc -c)" -gt 200 ]
}

# A key, and the picture it makes.
step() {
    before=$(screen)
    keys "$1"
    until_true changed || fail "$1 changes nothing"
}
changed() { [ "$(screen)" != "$before" ]; }

run_case "a session in the terminal is clean under valgrind" session
finish
