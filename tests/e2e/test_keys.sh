#!/usr/bin/env bash
# Keys changed by a person's file: they work, the old ones do not, and everything that names a key names the new one.
# shellcheck source=tests/e2e/lib.sh disable=SC2031
. "${0%/*}/lib.sh"

# write_keys TEXT: one's own file, printf escapes resolved.
write_keys() {
    mkdir -p "$SCRATCH/config/pagewalk"
    printf '%b' "$1" >"$SCRATCH/config/pagewalk/keys"
}
sheet() { XDG_CONFIG_HOME="$SCRATCH/config" "$PAGEWALK" keys "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }

new_keys_work() {
    write_keys '# mine\nt zoom\nz none\nF2 help\n, prompt\nQ quit\nq none\nv goto\n'
    start 120x40 play
    wait_for "Press , and type an operation."
    wait_for "t zoom"
    keys t
    wait_gone "sign ext"
    keys t
    wait_for "sign ext"
    keys z
    wait_for "z means nothing here. F2 lists what works."
    keys F2
    wait_for "What works here"
    type_text "zoom"
    wait_for "t          zoom"
    keys Escape
    wait_gone "What works here"
    keys v
    wait_for ": goto"
    type_text "0"
    keys Enter
    wait_for "The machine has just booted."
    keys q
    wait_for "q means nothing here."
    running || fail "q quits"
    keys Q
    wait_exit 0
    terminal_is_restored
}

too_small_still_quits() {
    write_keys 'Q quit\nq zoom\n'
    start 50x15 play
    wait_for "60 x 18"
    keys q Q
    wait_exit 0
}

wrong_lines_are_shown_and_the_rest_counts() {
    write_keys 't zoom\nspace next\nz zooom\nb next\nb back\n'
    start 120x40 play
    wait_for 'keys:2: no key "space" (did you mean "Space"?)'
    keys t
    wait_gone "sign ext"
    keys q
    wait_exit 0
    start 80x24
    wait_for "Begin here"
    wait_for 'no key "space"'
    keys Down
    wait_gone 'no key "space"'
    keys q
    wait_exit 0
    ! sheet || fail "status 0"
    grep -q '^\* t z *zoom' "$SCRATCH/out" || fail "$(cat "$SCRATCH/out")"
    [ "$(wc -l <"$SCRATCH/err")" -eq 3 ] || fail "$(cat "$SCRATCH/err")"
    grep -q 'keys:3: no action "zooom" (did you mean "zoom"?)' "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
    grep -q 'keys:5: "b" is back here and next on line 4, which counts' "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
    XDG_CONFIG_HOME="$SCRATCH/config" "$PAGEWALK" doctor >"$SCRATCH/out"
    grep -q '^keys [0-9]* changed .*pagewalk/keys) warn .*keys:2: no key "space"' "$SCRATCH/out" || fail "$(cat "$SCRATCH/out")"
}

the_sheet_fits_and_is_data() {
    local lang
    for lang in en zh; do
        sheet --lang "$lang" || fail "$(cat "$SCRATCH/err")"
        [ "$(grep -v "$SCRATCH" "$SCRATCH/out" | wc -L)" -le 80 ] || fail "wider than 80 columns in $lang"
    done
    write_keys '| who\n'
    sheet --format markdown || fail "$(cat "$SCRATCH/err")"
    # shellcheck disable=SC2016
    grep -qF '| `\|` `w` | `who` |' "$SCRATCH/out" || fail "$(cat "$SCRATCH/out")"
    sheet --format json || fail "$(cat "$SCRATCH/err")"
    python3 - "$SCRATCH/out" <<'END' || fail "the JSON is wrong"
import json, sys
document = json.load(open(sys.argv[1]))
assert document["schema"] == "pagewalk.keys/1" and document["file"].endswith("/pagewalk/keys")
rows = {row["name"]: row for row in document["actions"]}
assert rows["who"]["keys"] == ["|", "w"] and rows["who"]["changed"] and not rows["zoom"]["changed"]
assert rows["open"]["where"] == ["map"] and rows["hint"]["where"] == ["question", "task"]
END
}

what_is_no_file() {
    mkdir -p "$SCRATCH/config/pagewalk/keys"
    local status=0
    sheet || status=$?
    [ "$status" -eq 66 ] || fail "status $status"
    [ "$(wc -l <"$SCRATCH/err")" -eq 1 ] || fail "$(cat "$SCRATCH/err")"
    grep -q "zoom" "$SCRATCH/out" || fail "no sheet"
    start 80x24 play
    wait_for "Playground"
    keys q
    wait_exit 0
}

run_case "new keys work and are named everywhere, old ones do nothing" new_keys_work
run_case "a window too small can be left with one's own key" too_small_still_quits
run_case "wrong lines are shown, the rest counts" wrong_lines_are_shown_and_the_rest_counts
run_case "the sheet fits 80 columns; Markdown and JSON" the_sheet_fits_and_is_data
run_case "a folder in its place" what_is_no_file
finish
