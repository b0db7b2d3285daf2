#!/usr/bin/env bash
# The mouse, as a terminal reports it: what is clicked is what is seen there. And it is always given back.
# shellcheck source=tests/e2e/lib.sh disable=SC2031
. "${0%/*}/lib.sh"
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" # as in test_terminal.sh

# bytes TEXT: exactly these, printf escapes resolved, as if the terminal had sent them.
bytes() {
    # shellcheck disable=SC2046  # one word a byte
    tmux_do send-keys -H $(printf '%b' "$1" | od -An -v -tx1)
}
# report BUTTON X Y M|m: columns and rows from 1.
report() { bytes "\\033[<$1;$2;$3$4"; }
click() { bytes "\\033[<0;$1;$2M\\033[<0;$1;$2m"; }
double_click() { bytes "\\033[<0;$1;$2M\\033[<0;$1;$2m\\033[<0;$1;$2M\\033[<0;$1;$2m"; }
wheel() { report "$([ "$1" = up ] && echo 64 || echo 65)" "$2" "$3" M; }

# where TEXT: column and row of its first letter. A locale with UTF-8 counts letters, not bytes.
where() {
    local line row=0 before
    while IFS= read -r line; do
        row=$((row + 1))
        case $line in
        *"$1"*)
            before=${line%%"$1"*}
            echo "$((${#before} + 1)) $row"
            return
            ;;
        esac
    done < <(screen)
    return 1
}
export LC_ALL=C.UTF-8

# point HOW TEXT: wait until it is there, then click, double_click ...
point() {
    local at
    wait_for "$2"
    at=$(where "$2")
    # shellcheck disable=SC2086  # column and row
    "$1" $at
}
click_on() { point click "$1"; }
double_click_on() { point double_click "$1"; }

reports() { [ "$(tmux_says mouse_any_flag)$(tmux_says mouse_sgr_flag)" = "$1" ]; }

the_footer_runs() {
    start 120x40 play
    wait_for "Playground"
    until_true reports 11 || fail "no reports are asked for"
    keys Home
    wait_for "The machine has just booted."
    click_on "Space next"
    wait_for "event 1/"
    click_on "z zoom"
    wait_gone "KZTT"
    click_on "z zoom"
    wait_for "KZTT"
    click_on ": command"
    type_text "read 0x404000"
    keys Enter
    wait_for "operation 2"
    click 5 40 # a message lies over the keys until a click
    click_on "? help"
    wait_for "What works here"
    click_on "find KIND"
    double_click_on "zoom "
    wait_gone "What works here"
    wait_gone "sign ext"
    click_on "? help"
    wait_for "What works here"
    click 1 1
    wait_gone "What works here"
    click_on "q quit"
    wait_exit 0
    terminal_is_restored
}

# What lies under an open box is out of reach, and what closes a box is not what was under it.
boxes_catch_their_clicks() {
    start 120x40 learn split
    wait_for "z zoom"
    keys y
    wait_for "the sentence of the event"
    click_on "z zoom"
    wait_gone "the sentence of the event"
    wait_for "CR3 f3"
    click_on "q quit"
    wait_exit 0
    start 120x40 learn split
    wait_for "z zoom"
    keys y
    wait_for "the whole screen"
    double_click_on "the whole screen"
    wait_for "Copied: the screen"
    keys i
    wait_for "Esc closes"
    click 1 1
    wait_gone "Esc closes"
    keys i
    wait_for "Esc closes"
    keys Enter
    wait_for "Type to filter"
    wheel down 40 12
    keys Enter
    wait_gone "Type to filter"
    keys Escape q
    wait_exit 0
}

panes_tabs_and_things() {
    start 120x40 play
    wait_for "Playground"
    keys : && type_text "read 0x404000" && keys Enter
    wait_for "from physical address"
    click_on "Frames"
    wait_for "▸ Frames"
    click_on "Entry"
    wait_for "▾Entry"
    click_on "[273]"
    wait_for "▸ Page tables"
    wait_for "PML4[273]" # the entry pane shows what is selected
    keys w
    wait_for "PML4[273]"
    double_click_on "[273]"
    wait_for "▾Memory"
    wait_for "change the byte"
    double_click_on "TLB ─"
    wait_gone "sign ext"
    double_click_on "TLB ─"
    wait_for "sign ext"
    keys q
    wait_exit 0
}

time_moves() {
    local y=39
    start 120x40 play
    wait_for "Playground"
    keys : && type_text "read 0x404000" && keys Enter
    wait_for "from physical address"
    click 2 "$y"
    wait_for "The machine has just booted."
    report 0 2 "$y" M
    report 32 60 "$y" M
    wait_gone "The machine has just booted."
    report 32 118 3 M # above the row, the button still down; beyond its end
    wait_for "Memory answers"
    report 32 1 1 M
    wait_for "The machine has just booted."
    report 0 1 1 m
    report 32 60 "$y" M # nobody holds the button
    keys End
    wait_for "Memory answers"
    click_on "▾Process" # a tab, so that the log can be one
    for _ in 1 2 3 4; do
        shows "Events" || click_on "▸─"
    done
    click_on "Events"
    wait_for "▾Events"
    wait_for "50/50"
    click_on "47 ■ The MMU writes A"
    wait_for "47/50"
    keys q
    wait_exit 0
}

answers() {
    start 80x24 learn split --step 2
    wait_for " b "
    click_on " b "
    until_true answered || fail "no answer"
    keys q
    wait_exit 0
}
answered() { shows "Right." || shows "Not this time."; }

the_wheel_scrolls_what_is_under_it() {
    start 80x24 play
    wait_for "Playground"
    wait_for "spawn"
    wheel down 10 10
    wheel down 10 10
    wait_gone "Press : and"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do wheel down 10 10; done
    wheel up 10 10 # not one notch is lost below the end
    wheel up 10 10
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do wheel up 10 10; done
    wait_for "Press : and"
    keys q
    wait_exit 0
}

the_course_map() {
    start 80x40
    wait_for "Begin here"
    click_on "Playground:"
    wheel up 10 10
    wheel down 10 10
    double_click_on "Playground:"
    wait_for "CPU 0 now runs process 1."
    keys m
    wait_for "Begin here"
    click_on "q quit"
    wait_exit 0
    terminal_is_restored
}

# The row of keys that was clicked is gone before the click is read: at its place the course has "Enter open".
a_click_behind_a_key() {
    local place
    start 80x24 play
    wait_for "Playground"
    until_true reports 11 || fail "no reports are asked for"
    place=$(where ": command")
    bytes "m\\033[<0;${place% *};${place#* }M\\033[<0;${place% *};${place#* }m"
    wait_for "> One address, two parts"
    keys q
    wait_exit 0
    terminal_is_restored
}

one_key_releases_it() {
    start 80x24 play
    wait_for "Playground"
    until_true reports 11 || fail "no reports are asked for"
    keys M
    wait_for "The mouse is the terminal's"
    until_true reports 00 || fail "still reported"
    keys M
    until_true reports 11 || fail "not taken back"
    keys q
    wait_exit 0
}

it_is_left_alone() {
    # shellcheck disable=SC2086
    [ -z "${2:-}" ] || WITH=$2
    # shellcheck disable=SC2086
    start 80x24 play $1
    wait_for "Playground"
    reports 00 || fail "reports are asked for"
    keys M
    if [ "${3:-}" = none ]; then
        wait_for "does not report its mouse"
        reports 00 || fail "reports are asked for"
    else
        until_true reports 11 || fail "M does not take it"
    fi
    keys q
    wait_exit 0
    terminal_is_restored
}

# Damaged, endless and foreign reports are no keys: q in them would quit.
garbage() {
    start 80x24 play
    wait_for "Playground"
    bytes '\033[<0;999999999999999999;1M'
    bytes '\033[<0;0;0M\033[<;;M\033[<M\033[<255;5000;5000M\033[<3;1;1M'
    bytes '\033[<99;1;1M\033[<0;1;1;1;1M\033[M !!\033[M`!!\033[Ma!!'
    bytes '\033[<0;1'
    bytes ';1M\033[<0;1;1m'
    running || fail "ended"
    keys '?'
    wait_for "What works here"
    bytes '\033[<0;5'
    type_text z
    wait_for "filter: z"
    keys Escape
    wait_gone "What works here"
    keys q
    wait_exit 0
    terminal_is_restored
}

# ^Z in the middle of a drag, and back.
stopped_while_dragging() {
    start 80x24 play
    wait_for "Playground"
    report 0 10 23 M
    keys C-z
    wait_stopped
    reports 00 || fail "reported while stopped"
    go_on
    until_true reports 11 || fail "not taken back"
    keys q
    wait_exit 0
    terminal_is_restored
}

dies_with_the_mouse_on() {
    ulimit -c 0
    start 80x24 play
    wait_for "Playground"
    until_true reports 11 || fail "no reports are asked for"
    report 0 10 23 M
    report 32 20 23 M
    send_signal "$1"
    wait_exit "$2"
    terminal_is_restored
}

# The click that quits has a release behind it, which is nobody's input.
nothing_is_left_for_the_shell() {
    # shellcheck disable=SC2016  # for that bash
    start_command 120x40 bash -c '"$0" play; IFS= read -r -s -t 0.5 -n 1 rest && echo "left: $rest" || echo "nothing is left"' "$PAGEWALK"
    wait_for "Playground"
    click_on "q quit"
    wait_for "nothing is left"
}

run_case "clicks on the row of keys run them, palette lines are picked and run" the_footer_runs
run_case "a click with a box open stays in the box" boxes_catch_their_clicks
run_case "clicks focus, select and open; tabs change; double clicks zoom" panes_tabs_and_things
run_case "clicks and drags on the timeline, and clicks in the log, move in time" time_moves
run_case "a click on a choice answers" answers
run_case "the wheel scrolls the pane under it, and stops at its end" the_wheel_scrolls_what_is_under_it
run_case "the course map" the_course_map
run_case "a click behind a key points at what the key brought" a_click_behind_a_key
run_case "M releases the mouse and takes it again" one_key_releases_it
run_case "--no-mouse" it_is_left_alone --no-mouse
run_case "PAGEWALK_MOUSE=off" it_is_left_alone "" PAGEWALK_MOUSE=off
run_case "a terminal without a mouse" it_is_left_alone "" TERM=vt100 none
run_case "a click that quits leaves nothing to the shell" nothing_is_left_for_the_shell
run_case "damaged reports are no keys" garbage
run_case "^Z gives the mouse back, fg takes it" stopped_while_dragging
for signal in TERM:143 INT:130 HUP:129 QUIT:131 SEGV:139 ABRT:134; do
    run_case "SIG${signal%:*} with the mouse on" dies_with_the_mouse_on "${signal%:*}" "${signal#*:}"
done
finish
