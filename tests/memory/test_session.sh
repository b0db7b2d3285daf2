#!/usr/bin/env bash
# One terminal session under valgrind: a lesson's first page both ways, a question, a resize, help, the
# prompt with an operation that starts a branch, the way out.
export PW_SLOW=20
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/../e2e/lib.sh"

session() {
    UNDER="$VALGRIND --log-file=$SCRATCH/valgrind.log"
    start 120x40 learn split
    wait_for "step 1/"
    keys Right
    wait_for "event 1/"
    keys Right
    wait_for "event 2/"
    keys Left
    wait_for "event 1/"
    keys Enter
    wait_for "event 7/"
    keys Enter
    wait_for "step 2/"
    keys S
    wait_for "Skipped"
    keys '?'
    wait_for "Type to filter"
    keys Escape
    resize 80x24
    keys :
    type_text "read 0x2004"
    keys Enter
    wait_for "from physical address"
    keys q
    wait_exit 0 || fail "$(head -n 40 "$SCRATCH/valgrind.log")"
    terminal_is_restored
}

run_case "a session in the terminal is clean under valgrind" session
finish
