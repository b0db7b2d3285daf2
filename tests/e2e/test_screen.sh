#!/usr/bin/env bash
# What a newcomer does: start, see a translation, type, look for help, change a byte, change the window.
# shellcheck source=tests/e2e/lib.sh disable=SC2031
. "${0%/*}/lib.sh"

three_keys_to_a_translation() {
    start 80x24
    wait_for "Begin here"
    wait_for "Playground"
    keys Enter
    wait_for "step 1/"
    keys Enter
    wait_for "The byte came from"
    keys q
    wait_exit 0
    terminal_is_restored
}

reads_a_byte() {
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "read 0x404000"
    wait_for ": read 0x404000"
    keys Enter
    wait_for "from physical address 0x"
    keys [
    wait_for "The operation is about to begin."
    keys Space Space Space
    wait_for "event 3/"
    keys Left
    wait_for "event 2/"
    keys q
    wait_exit 0
    terminal_is_restored
}

completes() {
    start 80x24 play
    wait_for "Playground"
    keys : r e a Tab
    wait_for ": read"
    type_text "0x404000 si"
    keys Tab
    wait_for ": read 0x404000 size="
    wait_for "size=8"
    keys Escape
    wait_for "command"
    keys : z o m Enter
    wait_for 'did you mean "zoom"?'
    keys : Up
    wait_for ": zom"
    keys Escape q
    wait_exit 0
}

palette_runs() {
    start 80x24 play
    wait_for "Playground"
    keys '?'
    wait_for "What works here"
    type_text "invariants"
    wait_for "check"
    wait_gone "next-fault"
    keys Enter
    wait_for "invariants hold."
    keys '?'
    wait_for "What works here"
    keys Escape
    wait_gone "What works here"
    keys q
    wait_exit 0
}

# The entry of 0x404000 is number 4 of its table; a frame number begins with the high half of byte 1.
a_poked_byte_changes_the_translation() {
    local slot before after
    start 120x40 play
    wait_for "Playground"
    keys :
    type_text "read 0x404000"
    keys Enter
    wait_for "from physical address 0x"
    before=$(screen | sed -n 's/.*from physical address \(0x[0-9a-f]*\).*/\1/p')
    keys :
    type_text "rfind walk_read"
    keys Enter
    wait_for "The MMU reads PT[4] at 0x"
    slot=$(screen | sed -n 's/.*The MMU reads PT\[4\] at \(0x[0-9a-f]*\):.*/\1/p')
    [ $((slot & 0xfff)) -eq 32 ] || fail "entry 4 of a table is at offset 0x20, not at $slot"
    keys End :
    type_text "hex $(printf '0x%x' $((slot + 1)))"
    keys Enter
    wait_for "change the byte"
    keys 3
    wait_for "becomes 3_"
    keys 0
    wait_for "A hand reaches in"
    keys Tab :
    type_text "flush"
    keys Enter
    wait_for "flushed"
    keys :
    type_text "read 0x404000"
    keys Enter
    wait_for "from physical address 0x3000"
    after=$(screen | sed -n 's/.*from physical address \(0x[0-9a-f]*\).*/\1/p')
    [ "$before" != "$after" ] || fail "the translation did not change"
    keys q
    wait_exit 0
}

resizes() {
    start 80x24 play
    wait_for "Playground"
    keys :
    type_text "read 0x404000"
    keys Enter
    wait_for "from physical address"
    keys [ Space Space
    wait_for "event 2/"
    for size in 1x1 59x17 200x60 60x18 3x40 200x1 80x24; do
        resize "$size"
        until_true has_size "$size" || fail "no $size"
        running || fail "died at $size"
    done
    wait_for "event 2/"
    wait_for "Space"
    resize 50x15
    wait_for "60 x 18"
    keys Space Space Space
    resize 80x24
    wait_for "event 2/"
    keys q
    wait_exit 0
    terminal_is_restored
}
has_size() { [ "$(size)" = "$1" ]; }

a_storm_of_resizes() {
    start 80x24 play
    wait_for "Playground"
    for i in $(seq 1 40); do
        resize $((40 + i * 4))x$((10 + i))
    done
    resize 80x24
    wait_for "operation 1"
    keys q
    wait_exit 0
    terminal_is_restored
}

switches_the_language() {
    start 80x24 learn split
    wait_for "step 1/"
    keys L
    wait_for "字节"
    keys L
    wait_gone "字节"
    keys q
    wait_exit 0
}

saves_the_screen() {
    start 80x24 play
    wait_for "Playground"
    for name in picture.svg picture.ans picture.txt; do
        keys :
        type_text "save-screen $SCRATCH/$name"
        keys Enter
        wait_for "Saved: $SCRATCH/$name"
        keys Escape
    done
    keys q
    wait_exit 0
    head -c 5 "$SCRATCH/picture.svg" | grep -q '<' || fail "no SVG"
    grep -q "$(printf '\033\\[')" "$SCRATCH/picture.ans" || fail "no colours"
    grep -q Playground "$SCRATCH/picture.txt" || fail "no text"
    ! grep -q "$(printf '\033')" "$SCRATCH/picture.txt" || fail "an escape byte in a text"
}

comes_back_to_the_place() {
    start 80x24 learn split --step 2
    wait_for "step 2/"
    keys S
    wait_for "Skipped: here is"
    keys Space
    wait_for "step 3/"
    keys q
    wait_exit 0
    start 80x24
    wait_for "Continue"
    keys Enter
    wait_for "step 3/"
    keys m
    wait_for "Continue"
    keys q
    wait_exit 0
    terminal_is_restored
}

# The string of Silberschatz, Operating System Concepts, 10.4, with 3 frames: LRU faults 12 times.
steps_through_a_trace() {
    printf '7,0,1,2,0,3,0,4,2,3,0,3,2,1,2,0,1,7,0,1' >"$SCRATCH/trace"
    start 80x24 play --trace "$SCRATCH/trace" --frames 3 --policy lru
    wait_for "all 20 of trace"
    wait_for "policy lru"
    wait_for "string 0/20"
    keys Enter
    wait_for "Reference 1 of 20, page 7: a fault. Hits 0, faults 1."
    keys Space
    wait_for "Reference 2 of 20, event by event"
    keys Space Enter Enter Enter
    wait_for "Reference 4 of 20, page 2: a fault. Hits 0, faults 4."
    wait_for "string 4/20"
    keys [
    wait_for "string 3/20"
    keys Enter
    wait_for "string 4/20"
    keys :
    type_text "ref 16"
    keys Enter
    wait_for "Reference 20 of 20, page 1: a hit. Hits 8, faults 12."
    keys Enter
    wait_for "All 20 references are made."
    keys q
    wait_exit 0
    terminal_is_restored
    WITH=LANG=C start 120x40 play toy16 --trace "$SCRATCH/trace" --frames 2 --lang zh
    wait_for "20"
    keys Enter
    wait_for "缺页。命中 0，缺页 1。"
    keys q
    wait_exit 0
}

run_case "the course map, a lesson, quit" three_keys_to_a_translation
run_case "an operation is typed and walked through" reads_a_byte
run_case "the prompt completes, recalls, and names the nearest word" completes
run_case "the palette filters and runs" palette_runs
run_case "two hex digits in a page table change a translation" a_poked_byte_changes_the_translation
run_case "no size loses the place or kills; below 60x18 keys do nothing" resizes
run_case "a storm of resizes" a_storm_of_resizes
run_case "L switches the language of the page" switches_the_language
run_case "save-screen writes SVG, ANSI and text" saves_the_screen
run_case "the place survives quitting" comes_back_to_the_place
run_case "a trace is stepped through reference by reference" steps_through_a_trace
finish
