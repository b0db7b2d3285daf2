#!/usr/bin/env bash
# Comforts: copying out, searching a pane, bookmarks, the glossary, in a real terminal.
# shellcheck source=tests/e2e/lib.sh disable=SC2031
. "${0%/*}/lib.sh"

# The whole screen is as in tests/e2e/screens/NAME.txt; UPDATE=1 keeps what is there now (look at the difference first).
GOLDEN="$ROOT/tests/e2e/screens"
looks_like() { screen | cmp -s - "$GOLDEN/$1.txt"; }
golden() {
    if [ -n "${UPDATE:-}" ]; then
        sleep 0.5
        screen >"$GOLDEN/$1.txt"
    fi
    until_true looks_like "$1" || { screen | diff "$GOLDEN/$1.txt" - | sed 's/^/# /'; fail "not the screen $1"; }
}

screens_are_as_they_were() {
    for lang in en zh; do
        start 80x24 play --lang "$lang"
        wait_for "x86-64"
        keys :
        type_text "read 0x404000"
        keys Enter
        wait_for "50/50"
        keys i
        golden "card-$lang"
        keys Enter
        golden "words-$lang"
        keys Escape :
        type_text "bookmark a miss 页"
        keys Enter Home ] '\;'
        wait_for "◆"
        keys @
        golden "bookmarks-$lang"
        keys Escape q
        wait_exit 0
        start 120x40 play --lang "$lang"
        wait_for "x86-64"
        keys :
        type_text "read 0x404000"
        keys Enter
        wait_for "50/50"
        keys y
        golden "copy-$lang"
        keys Escape '#'
        golden "decimal-$lang"
        keys '#' : ; type_text "pane log"
        keys Enter /
        type_text "frame"
        [ "$lang" = en ] || keys C-u
        [ "$lang" = en ] || type_text "search 页框"
        keys Enter n
        golden "search-$lang"
        keys q
        wait_exit 0
    done
}

buffer_is() { [ "$(tmux_do show-buffer 2>/dev/null)" = "$1" ]; }

copies_to_the_clipboard_and_a_file() {
    start 80x24 play
    wait_for "Playground"
    tmux_do set-option -s set-clipboard on
    keys :
    type_text "poke 0x7ff0 ab"
    keys Enter
    wait_for "A hand reaches in"
    keys :
    type_text "hex 0x7ff0"
    keys Enter
    wait_for "f7  0x7ff0"
    keys y
    wait_for "the value selected  0xab"
    keys y
    wait_for "Copied: 0xab."
    until_true buffer_is 0xab || fail "tmux has: $(tmux_do show-buffer)"
    [ "$(cat "$SCRATCH/state/pagewalk/copied.txt")" = 0xab ] || fail "the file has something else"
    keys y s
    wait_for "Copied: the sentence"
    until_true buffer_is "$(cat "$SCRATCH/state/pagewalk/copied.txt")" || fail "tmux has: $(tmux_do show-buffer)"
    grep -q "A hand reaches in" "$SCRATCH/state/pagewalk/copied.txt" || fail "not the sentence"
    keys y w
    wait_for "Copied: the screen"
    grep -q "A hand reaches in" "$SCRATCH/state/pagewalk/copied.txt" || fail "not the screen"
    keys q
    wait_exit 0
}

writes_files_but_never_over_one() {
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "save-screen $SCRATCH/a.txt"
    keys Enter
    wait_for "Saved"
    echo mine >"$SCRATCH/a.txt"
    keys : Up Enter
    wait_for "is there already"
    [ "$(cat "$SCRATCH/a.txt")" = mine ] || fail "overwritten"
    keys :
    type_text "copy pane $SCRATCH/a.txt !"
    keys Enter
    wait_for "Saved"
    grep -q CR3 "$SCRATCH/a.txt" || fail "not the pane"
    echo old >"$SCRATCH/b.svg"
    keys :
    type_text "save-screen $SCRATCH/b.svg !"
    keys Enter
    wait_for "b.svg"
    until_true grep -q "<svg" "$SCRATCH/b.svg" || fail "no SVG"
    keys Y
    wait_for ": save-screen pagewalk-x86-64-screen-11.svg"
    keys Escape q
    wait_exit 0
}

# A name that was cut off would be another file's.
refuses_names_that_do_not_fit() {
    local long
    long=$(printf 'a%.0s' {1..200})
    mkdir -p "$SCRATCH/$long/$long"
    WITH="HOME=$SCRATCH/$long/$long"
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "save-screen ~/$long.txt"
    keys Enter
    wait_for "too long"
    [ -z "$(find "$SCRATCH/$long" -type f -name 'a*')" ] || fail "something was written"
    keys q
    wait_exit 0
}

# A machine is called as its file says; its name is no path.
proposes_names_in_this_folder() {
    sed 's|"name": *"toy16"|"name": "../a b"|' assets/machines/toy16.json >"$SCRATCH/named.json"
    start 100x30 play "$SCRATCH/named.json"
    wait_for "Playground"
    keys Y
    wait_for ": save-screen pagewalk-..-a-b-screen-"
    keys Escape q
    wait_exit 0
}

# In a window that is too small nothing can be pressed, so nothing asks for it.
a_menu_waits_for_a_larger_window() {
    start 80x24 play
    wait_for "Playground"
    keys y
    wait_for "Esc closes"
    resize 40x10
    wait_for "larger window"
    hides "the value" || fail "a menu one cannot use"
    resize 80x24
    wait_for "Esc closes"
    keys Escape
    wait_gone "Esc closes"
    keys q
    wait_exit 0
}

searches() {
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "pane story"
    keys Enter /
    wait_for ": search"
    type_text "tick"
    keys Enter
    wait_for '1 of 1 in Story'
    wait_for "tick [N]"
    keys n
    wait_for '1 of 1 in Story'
    keys Escape /
    type_text "no such thing"
    keys Enter
    wait_for "as far as it may be seen"
    keys q
    wait_exit 0
}

bookmarks_outlive_the_program() {
    start 80x24 learn split
    wait_for "step 1/"
    keys '\;'
    wait_for "Marked."
    keys q
    wait_exit 0
    start 80x24 learn split
    wait_for "step 1/"
    keys @
    wait_for "Bookmarks"
    wait_for "step 1  event 0"
    keys Delete
    wait_for "The bookmark is gone."
    keys @
    wait_for "There are no bookmarks."
    keys q
    wait_exit 0
}

opens_cards() {
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "glossary canon"
    keys Tab
    wait_for ": glossary canonical"
    keys Enter
    wait_for "SDM vol. 1, 3.3.7.1"
    keys Enter
    wait_for "Type to filter"
    type_text "cow"
    wait_for "copy-on-write"
    keys Escape i
    wait_for "context switch"
    keys Escape
    wait_gone "context switch"
    keys :
    type_text "glossary canonicle"
    keys Enter
    wait_for 'did you mean "canonical"?'
    keys L i
    wait_for "上下文切换"
    keys Escape q
    wait_exit 0
}

plain_mode_has_them_too() {
    printf '%s\n' 'numbers decimal' 'read 0x404000' 'bookmark the read' back 'bookmarks' 'next-bookmark' 'search pml4' 'glossary asid' quit |
        env HOME="$SCRATCH/home" XDG_STATE_HOME="$SCRATCH/state" "$PAGEWALK" play --plain --lang en >"$SCRATCH/out" || fail "status $?"
    for text in "BOOKMARK 1  event 50  the read" 'Bookmark "the read"' "read 4210688" "WORD PCID: " "tree CR3 f5 PML4" "f9 (9)"; do
        grep -qF -- "$text" "$SCRATCH/out" || { sed 's/^/# /' "$SCRATCH/out"; fail "not said: $text"; }
    done
    if grep -q "$(printf '\033')" "$SCRATCH/out"; then fail "an escape sequence"; fi
}

the_glossary_is_a_document() {
    "$PAGEWALK" list glossary --format json >"$SCRATCH/list"
    python3 - "$SCRATCH/list" <<'EOF' || fail "not the document"
import json, sys
terms = json.load(open(sys.argv[1], encoding="utf-8"))
assert terms["schema"] == "pagewalk.list/1" and len(terms["glossary"]) >= 40
assert all(t["text"] and t["where"] and t["source"] and (t["events"] or t["views"]) for t in terms["glossary"])
assert {"tlb", "frame", "pcid", "cr2", "buddy", "victim"} <= {t["name"] for t in terms["glossary"]}
EOF
    "$PAGEWALK" list glossary --lang zh | grep -q "页框" || fail "no Chinese"
    "$PAGEWALK" list glosary 2>&1 | grep -q 'did you mean "glossary"' || fail "not the nearest name"
}

run_case "screens are as they were" screens_are_as_they_were
run_case "y copies to the clipboard and a file" copies_to_the_clipboard_and_a_file
run_case "files are written, never over one that is there" writes_files_but_never_over_one
run_case "refuses names that do not fit" refuses_names_that_do_not_fit
run_case "proposes names in this folder" proposes_names_in_this_folder
run_case "a menu waits for a larger window" a_menu_waits_for_a_larger_window
run_case "a pane is searched" searches
run_case "bookmarks outlive the program" bookmarks_outlive_the_program
run_case "cards open, lead on and speak Chinese" opens_cards
run_case "plain mode has them too" plain_mode_has_them_too
run_case "the glossary is a document" the_glossary_is_a_document
finish
