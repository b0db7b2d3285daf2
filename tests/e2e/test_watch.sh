#!/usr/bin/env bash
# An author's screen: `lesson watch` follows a file however an editor saves it, keeps the page and the event, and stands a broken file.
# shellcheck source=tests/e2e/lib.sh
# shellcheck disable=SC2317,SC2031 # cases are called by name, in subshells
. "${0%/*}/lib.sh"

# page TITLE FRAMES: one page of a lesson, which touches so many pages of the heap.
page() {
    cat <<EOF
    function(m)
      m.title { en = "$1", zh = "$1" }
      m.say { en = "This is $1 of $VERSION.", zh = "这是 $1。" }
      if m.pid() == 0 then m.spawn() end
      for _, a in ipairs(m.process().areas) do
        if a.kind == "heap" then for n = 0, $2 - 1 do m.write(a.start + n * 0x1000, n) end end
      end
    end,
EOF
}
# lesson VERSION PAGE...: the file's text; a PAGE is TITLE=FRAMES.
lesson() {
    local VERSION=$1 p
    shift
    printf 'return lesson {\n  id = "made", part = "tlb", machine = "x86-64",\n  title = { en = "Made", zh = "做" },\n  steps = {\n'
    for p in "$@"; do page "${p%=*}" "${p#*=}"; done
    printf '  },\n}\n'
}
begin() {
    FILE=$SCRATCH/made.lua
    lesson one Alpha=1 Beta=2 Gamma=1 >"$FILE"
    start 100x30 lesson watch "$FILE"
    wait_for "This is Alpha of one."
}
now_shows() { wait_for "This is Alpha of $1."; }

# --- the ways to save ------------------------------------------------------------------------------

saved_in_place() {
    begin
    lesson two Alpha=1 Beta=2 >"$FILE"
    now_shows two
    wait_for "loaded again: page 1 of 2"
}

# A temporary file renamed over it, as most editors do; twice, because the first changes the inode.
saved_by_renaming() {
    begin
    for v in two three; do
        lesson "$v" Alpha=1 >"$FILE.tmp"
        mv "$FILE.tmp" "$FILE"
        now_shows "$v"
    done
}

# The old file becomes a backup, a new one takes its name (vim with backupcopy=no).
saved_with_a_backup() {
    begin
    mv "$FILE" "$FILE~"
    lesson two Alpha=1 >"$FILE"
    now_shows two
}

saved_by_deleting() {
    begin
    rm "$FILE"
    lesson two Alpha=1 >"$FILE"
    now_shows two
}

# Away long enough to be missed, then back.
taken_away_and_brought_back() {
    begin
    rm "$FILE"
    wait_for "cannot open"
    wait_for "This is Alpha of one."
    lesson two Alpha=1 >"$FILE"
    now_shows two
    hides "cannot open" || fail "still complains"
}

saved_in_pieces() {
    begin
    lesson two Alpha=1 Beta=1 Gamma=1 >"$SCRATCH/whole"
    : >"$FILE"
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$FILE"
        sleep 0.02
    done <"$SCRATCH/whole"
    now_shows two
    wait_for "loaded again"
}

# A module that the lesson uses counts too.
a_module_is_saved() {
    FILE=$SCRATCH/made.lua
    echo 'return { word = "eins" }' >"$SCRATCH/words.lua"
    {
        echo 'local words = use "words"'
        lesson one Alpha=1 | sed 's/This is Alpha of one\./" .. words.word .. "/'
    } >"$FILE"
    start 100x30 lesson watch "$FILE"
    wait_for eins
    echo 'return { word = "zwei" }' >"$SCRATCH/words.lua"
    wait_for zwei
}

# --- the place --------------------------------------------------------------------------------------

# To the second page, two events into it.
go_to_beta() {
    begin
    keys Enter Enter
    wait_for "This is Beta"
    keys Space Space
    wait_for "event 2/"
    keys z
    wait_gone "sign ext" # another pane's
}

bookmarks_stay() {
    go_to_beta
    keys '\;'
    wait_for "Marked."
    lesson two Alpha=1 Beta=2 >"$FILE"
    wait_for "loaded again: page 2 of 2"
    keys '@'
    wait_for "step 2  event 2"
    keys Escape
    wait_gone "step 2  event 2"
    keys Home '\;'
    wait_for "Marked."
    grep -q '"event":0' "$SCRATCH/state/pagewalk/bookmarks.json" || fail "not kept"
}

pages_inserted_before() {
    go_to_beta
    lesson two New=1 Alpha=1 Newer=0 Beta=2 Gamma=1 >"$FILE"
    wait_for "loaded again: page 4 of 5"
    wait_for "This is Beta of two."
    wait_for "event 2/"
    hides "sign ext" || fail "no longer zoomed"
}

the_page_shrinks() {
    begin
    keys Enter Enter
    wait_for "This is Beta"
    keys End
    until_true shows "event" || fail "no event"
    lesson two Alpha=1 Beta=0 >"$FILE"
    wait_for "loaded again: page 2 of 2"
}

# Its title is another now, and there is no question: the number decides.
the_title_changes() {
    go_to_beta
    lesson two Alpha=1 Delta=2 Gamma=1 >"$FILE"
    wait_for "This is Delta of two."
    wait_for "event 2/"
}

# The page's question decides when the title is gone.
the_question_keeps_the_page() {
    FILE=$SCRATCH/asks.lua
    "$PAGEWALK" lesson new "$FILE" 2>/dev/null
    start 100x30 lesson watch "$FILE" --step 2
    wait_for "Touch it"
    keys Space
    wait_for "How many page faults"
    sed -i 's/Touch it/Hands on/; s/  steps = {/&\n    step { title = { en = "First", zh = "先" }, text = { en = "x", zh = "某" } },/' "$FILE"
    wait_for "loaded again: page 3 of 3"
    wait_for "Hands on"
}

# What was answered stays answered, and what lies behind it open to see.
answers_stay() {
    FILE=$SCRATCH/asks.lua
    "$PAGEWALK" lesson new "$FILE" 2>/dev/null
    start 100x30 lesson watch "$FILE" --step 2
    wait_for "Touch it"
    keys Space
    wait_for "How many page faults"
    keys S Space Space
    wait_for "event 3/"
    sed -i 's/Touch it/Hands on/; s/Now the program/At last the program/' "$FILE"
    wait_for "loaded again: page 2 of 2"
    wait_for "At last the program"
    wait_for "event 3/" # an open question would hide it
}

# What one tries out on a branch belongs to a story that is no more.
a_branch_is_left() {
    go_to_beta
    keys :
    type_text "flush"
    keys Enter
    wait_for "branch"
    lesson two Alpha=1 Beta=2 >"$FILE"
    wait_for "This is Beta of two."
    wait_for "event 2/"
    hides "branch" || fail "still on the branch"
}

# The machine is another: everything is told anew.
the_machine_changes() {
    begin
    lesson two Alpha=1 | sed 's/x86-64/i386/' >"$FILE"
    now_shows two
    wait_for "i386"
}

# --- broken and mended -------------------------------------------------------------------------------

broken_and_mended() {
    go_to_beta
    lesson two Alpha=1 Beta=2 | sed 's/m\.say/m.sya/' >"$FILE"
    wait_for "not loaded: "
    shows 'm has no "sya"' || fail "no reason"
    shows "made.lua:7:" || fail "no line"
    wait_for "This is Beta of one."
    keys Left
    wait_for "event 1/"
    wait_for 'm has no "sya"'
    lesson three Alpha=1 Beta=2 >"$FILE"
    wait_for "This is Beta of three."
    hides "sya" || fail "still complains"
    wait_for "event 1/"
}

# An error on a page that is not in view is an error of the file.
broken_further_on() {
    begin
    lesson two Alpha=1 Beta=2 Gamma=1 | sed 's/for n = 0, 2 - 1/for n = 0, nothing/' >"$FILE"
    wait_for "step 2:"
    wait_for "This is Alpha of one."
    lesson three Alpha=1 >"$FILE"
    now_shows three
}

# There is nothing to show yet: its line, and waiting.
broken_from_the_start() {
    FILE=$SCRATCH/made.lua
    lesson one Alpha=1 | sed 's/m\.say/m.sya/' >"$FILE"
    start 100x30 lesson watch "$FILE"
    wait_for "made.lua:7:"
    wait_for "waiting for it to be saved"
    lesson two Alpha=1 | sed 's/steps = {/steps = [/' >"$FILE"
    wait_for "made.lua:4:"
    lesson three Alpha=1 >"$FILE"
    now_shows three
    keys q
    wait_exit 0
    terminal_is_restored
    lesson one Alpha=1 | sed 's/m\.say/m.sya/' >"$FILE"
    start 100x30 lesson watch "$FILE"
    wait_for "waiting for it to be saved"
    keys C-c
    wait_exit 130
    terminal_is_restored
}

a_pane_is_misspelt() {
    begin
    lesson two Alpha=1 | sed 's/m\.say/m.view "tlbb" &/' >"$FILE"
    wait_for 'did you mean "tlb"?'
    lesson three Alpha=1 >"$FILE"
    now_shows three
}

is_chinese() {
    FILE=$SCRATCH/made.lua
    lesson one Alpha=1 >"$FILE"
    start 100x30 lesson watch "$FILE" --lang zh
    wait_for "这是 Alpha"
    lesson two Alpha=1 >"$FILE"
    wait_for "已重新载入"
}

# --- around it ----------------------------------------------------------------------------------------

keeps_no_progress() {
    go_to_beta
    lesson two Alpha=1 Beta=2 >"$FILE"
    wait_for "This is Beta of two."
    sleep 1.5 # longer than the pause after which a place is kept
    keys q
    wait_exit 0
    terminal_is_restored
    [ -z "$(find "$SCRATCH/state" -type f)" ] || fail "written: $(find "$SCRATCH/state" -type f)"
}

learn_watches_too() {
    FILE=$SCRATCH/made.lua
    lesson one Alpha=1 >"$FILE"
    start 100x30 learn --watch "$FILE"
    wait_for "This is Alpha of one."
    lesson two Alpha=1 >"$FILE"
    now_shows two
    keys m
    wait_for "Playground"
    lesson three Alpha=1 >"$FILE"
    keys q
    wait_exit 0
    [ -z "$(find "$SCRATCH/state" -type f)" ] || fail "written"
}

# The verdict of `lesson check`, a line for each save; a file that is broken from the start is waited for.
tells_verdicts() {
    local pid
    FILE=$SCRATCH/made.lua
    echo 'return lesson {' >"$FILE"
    "$PAGEWALK" lesson watch --plain "$FILE" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
    pid=$!
    until_true grep -q '^-- not good' "$SCRATCH/out" || fail "no verdict: $(cat "$SCRATCH/out")"
    grep -q 'made.lua:' "$SCRATCH/err" || fail "no line"
    mkdir "$SCRATCH/elsewhere" # beside it, a new file would be a module's save
    "$PAGEWALK" lesson new "$SCRATCH/elsewhere/other" 2>/dev/null
    mv "$SCRATCH/elsewhere/other.lua" "$FILE"
    until_true grep -q '^-- good' "$SCRATCH/out" || fail "no verdict: $(cat "$SCRATCH/out")"
    grep -q "made.lua: good: 2 steps" "$SCRATCH/out" || fail "no counts"
    kill -INT "$pid"
    wait "$pid" || [ $? = 130 ] || fail "status $?"
    [ "$(grep -c '^--' "$SCRATCH/out")" = 2 ] || fail "$(cat "$SCRATCH/out")"
}

refuses_what_is_not_there() {
    local status=0
    "$PAGEWALK" learn --watch 2>"$SCRATCH/err" </dev/null || status=$?
    [ "$status" = 2 ] || fail "status $status"
    grep -q "needs a LESSON" "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
    start 80x24 lesson watch "$SCRATCH/none.lua"
    wait_exit 66
}

run_case "saved in place" saved_in_place
run_case "saved by renaming over it" saved_by_renaming
run_case "saved with a backup" saved_with_a_backup
run_case "saved by deleting and creating" saved_by_deleting
run_case "taken away, and brought back" taken_away_and_brought_back
run_case "saved in pieces" saved_in_pieces
run_case "a module beside it is saved" a_module_is_saved
run_case "bookmarks are kept, and go on being kept" bookmarks_stay
run_case "pages inserted before it: page, event and zoom stay" pages_inserted_before
run_case "a page that has fewer events ends earlier" the_page_shrinks
run_case "another title: the number decides" the_title_changes
run_case "another title and pages before: the question decides" the_question_keeps_the_page
run_case "answers stay" answers_stay
run_case "a branch is left" a_branch_is_left
run_case "another machine" the_machine_changes
run_case "broken: the version before and the error, until mended" broken_and_mended
run_case "broken on a later page" broken_further_on
run_case "broken from the start: waited for" broken_from_the_start
run_case "a misspelt pane is told" a_pane_is_misspelt
run_case "in Chinese" is_chinese
run_case "no progress is written" keeps_no_progress
run_case "learn --watch does it too, up to the course map" learn_watches_too
run_case "--plain prints the verdict at every save" tells_verdicts
run_case "what is not there" refuses_what_is_not_there
finish
