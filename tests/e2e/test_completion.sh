#!/usr/bin/env bash
# The words of the command line, completed by the shells themselves.
# shellcheck source=tests/e2e/lib.sh
# shellcheck disable=SC2317,SC2031 # cases are called by name, in subshells
. "${0%/*}/lib.sh"

PATH=$(dirname "$PAGEWALK"):$PATH
commands() { "$PAGEWALK" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'; }

# --- bash ----------------------------------------------------------------------------------------

# offers WORD...: what bash offers for the last word, one a line, in $SCRATCH/offers. `--a=b` is three words, as readline cuts it.
offers() {
    (
        set +e # as a shell one types in
        cd "$SCRATCH/place"
        eval "$("$PAGEWALK" completion bash)"
        compopt() { :; } # works only while readline asks
        COMP_WORDS=("$PAGEWALK" "$@")
        COMP_CWORD=$#
        _pagewalk
        printf '%s\n' "${COMPREPLY[@]}"
    ) >"$SCRATCH/offers" 2>"$SCRATCH/err" || fail "$*: $(cat "$SCRATCH/err")"
    [ ! -s "$SCRATCH/err" ] || fail "$*: $(cat "$SCRATCH/err")"
}
has() { local w; for w in "$@"; do grep -qxF -- "$w" "$SCRATCH/offers" || fail "not offered: $w; but $(tr '\n' ' ' <"$SCRATCH/offers")"; done; }
lacks() { local w; for w in "$@"; do ! grep -qxF -- "$w" "$SCRATCH/offers" || fail "offered: $w"; done; }
only() { local all; all=$(tr '\n' ' ' <"$SCRATCH/offers"); [ "$all" = "$* " ] || fail "offered: $all, expected: $*"; }

place() {
    mkdir -p "$SCRATCH/place/course"
    touch "$SCRATCH/place/mine.lua" "$SCRATCH/place/mine.json" "$SCRATCH/place/two words.lua" "$SCRATCH/place/ops"
}

# bash expands what it is given to choose from.
bash_runs_nothing() {
    place
    mkdir -p "$SCRATCH/mine/machines"
    cp assets/machines/toy16.json "$SCRATCH/mine/machines/good.json"
    # shellcheck disable=SC2016  # not here
    cp assets/machines/toy16.json "$SCRATCH/mine/machines/"'$(touch ran).json'
    PAGEWALK_DATA=$SCRATCH/mine offers play ''
    has good
    [ ! -e "$SCRATCH/place/ran" ] || fail "it ran a command in a file's name"
}

bash_offers_commands() {
    place
    offers ''
    # shellcheck disable=SC2046
    has $(commands)
    offers le && only learn lesson
    offers --l && only --lang
    offers --
    has --help --version --plain
}

# Every option that a command's --help names, and every command.
bash_offers_every_option() {
    local c option n=0
    place
    # shellcheck disable=SC2086 # a command is one word or two
    for c in $(commands) $("$PAGEWALK" lesson --help | sed -n 's/^  \([a-z]*\) .*/lesson:\1/p'); do
        offers ${c/:/ } --
        for option in $("$PAGEWALK" ${c/:/ } --help | grep -oE '^  --[a-z-]+'); do
            has "$option"
            n=$((n + 1))
        done
    done
    [ "$n" -gt 50 ] || fail "only $n options"
}

bash_offers_values() {
    place
    offers learn --lang '' && only en zh
    offers learn --lang = z && only zh
    offers learn --lang = && only en zh
    offers learn --step '' && only ''
    offers play --theme m && only mono
    offers show --view t && has tlb tree timeline
    offers show --machine x && only x86 x86-64
    offers exec --machine '' && has i386 toy16 mine.json course && lacks mine.lua
    offers show --exec op && only ops
    offers play --set tlb.s && only tlb.sets=
    offers lesson api --format l && only lua luacheckrc
    offers lesson watch --theme d && only dark
}

bash_offers_arguments() {
    place
    offers learn '' && has cow tlb mine.lua course "two words.lua" && lacks ops
    offers learn --lang zh co && only cow course
    offers run four && only four-level
    offers play t && only tlb-levels toy16 toy32 toy512 toy64k toy8
    offers list '' && has lessons machines operations events quirks
    offers lesson ''
    has new check test watch api cookbook
    lacks learn
    offers lesson che && only check
    offers lesson test c && only course
    offers lesson cookbook t && only task
    offers lesson new '' && only ''
    offers completion '' && only bash zsh fish
    offers exec 'two' && only "two words.lua"
    offers doctor '' && only ''
}

# In a real bash, with readline.
bash_completes_as_one_types() {
    place
    "$PAGEWALK" completion bash >"$SCRATCH/script"
    start_command 100x20 env PS1='$ ' bash --norc --noprofile -i
    type_text ". $SCRATCH/script; cd $SCRATCH/place; clear"
    keys Enter
    wait_gone "script"
    type_text "pagewalk lear"
    keys Tab
    type_text "--th"
    keys Tab
    type_text "mo"
    keys Tab
    type_text 'two\ '
    keys Tab
    wait_for 'pagewalk learn --theme mono two\ words.lua'
}

# --- fish ----------------------------------------------------------------------------------------

fish_offers() {
    (cd "$SCRATCH/place" && HOME=$SCRATCH/home fish --no-config -c "source $SCRATCH/fish; complete -C '$1'" | cut -f1) >"$SCRATCH/offers" 2>"$SCRATCH/err"
    [ ! -s "$SCRATCH/err" ] || fail "$1: $(cat "$SCRATCH/err")"
}

fish_completes() {
    local c option
    place
    "$PAGEWALK" completion fish >"$SCRATCH/fish"
    fish_offers 'pagewalk '
    # shellcheck disable=SC2046
    has $(commands)
    fish_offers 'pagewalk lesson ' && has new watch cookbook && lacks learn
    fish_offers 'pagewalk learn --lang ' && only en zh
    fish_offers 'pagewalk learn --lang=z' && only --lang=zh
    fish_offers 'pagewalk show --machine x' && only x86 x86-64
    fish_offers 'pagewalk learn --theme mono c' && has cow course/
    fish_offers 'pagewalk lesson cookbook t' && only task
    fish_offers 'pagewalk lesson new ' && [ ! -s "$SCRATCH/offers" ]
    fish_offers 'pagewalk lesson test ' && only course/
    for c in $(commands); do
        fish_offers "pagewalk $c --"
        for option in $("$PAGEWALK" "$c" --help | grep -oE '^  --[a-z-]+'); do has "$option"; done
    done
}

# --- zsh -----------------------------------------------------------------------------------------

zsh_completes_as_one_types() {
    place
    mkdir "$SCRATCH/functions"
    "$PAGEWALK" completion zsh >"$SCRATCH/functions/_pagewalk"
    start_command 100x40 env "ZDOTDIR=$SCRATCH" PS1='%% ' zsh -f -i
    type_text "fpath=($SCRATCH/functions \$fpath); autoload -U compinit; compinit -u -D; setopt no_beep; cd $SCRATCH/place; clear"
    keys Enter
    wait_gone "compinit"
    type_text "pagewalk show --view tl"
    keys Tab
    wait_for "pagewalk show --view tlb"
    type_text "--ma"
    keys Tab
    type_text "cs"
    keys Tab
    type_text "--lang=z"
    keys Tab
    wait_for "show --view tlb --machine csapp --lang=zh"
    keys C-u
    type_text "pagewalk lesson coo"
    keys Tab
    type_text "ta"
    keys Tab
    wait_for "lesson cookbook task"
    keys C-u
    type_text "pagewalk learn cow --g"
    keys Tab
    wait_for "learn cow --glyphs"
    keys C-u
    type_text "pagewalk "
    keys Tab
    wait_for "page-walk vectors through the MMU"
    keys C-u
    type_text "pagewalk learn --"
    keys Tab
    wait_for "for a projector"
}

# --- in place ------------------------------------------------------------------------------------

scripts_parse() {
    "$PAGEWALK" completion bash | bash -n || fail "bash"
    "$PAGEWALK" completion zsh >"$SCRATCH/zsh"
    zsh -n "$SCRATCH/zsh" || fail "zsh"
    "$PAGEWALK" completion fish >"$SCRATCH/fish"
    fish --no-config -n "$SCRATCH/fish" || fail "fish"
    "$PAGEWALK" completion bash >"$SCRATCH/bash"
    shellcheck -s bash -e SC2016 "$SCRATCH/bash" || fail "shellcheck"
    ! "$PAGEWALK" completion tcsh 2>"$SCRATCH/err" || fail "tcsh?"
    grep -q 'bash, zsh or fish' "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
}

# What `make install` puts where, and that `make uninstall` leaves nothing. Not for a build whose flags make does not know by itself.
installs_and_uninstalls() {
    local share=$SCRATCH/root/usr/local/share file
    make -s install BUILD="$BUILD" MODE="$1" DESTDIR="$SCRATCH/root" >"$SCRATCH/out" 2>&1 || fail "$(cat "$SCRATCH/out")"
    for file in bash-completion/completions/pagewalk zsh/site-functions/_pagewalk fish/vendor_completions.d/pagewalk.fish \
        man/man1/pagewalk.1 man/man5/pagewalk-lesson.5 pagewalk/assets/cookbook/ask.lua; do
        [ -s "$share/$file" ] || fail "not installed: $file"
    done
    cmp -s "$share/zsh/site-functions/_pagewalk" <("$PAGEWALK" completion zsh) || fail "another script"
    [ "$(cd / && "$SCRATCH/root/usr/local/bin/pagewalk" completion words recipes | head -1)" = ask ] || fail "it does not find its recipes"
    make -s uninstall BUILD="$BUILD" MODE="$1" DESTDIR="$SCRATCH/root" >"$SCRATCH/out" 2>&1 || fail "$(cat "$SCRATCH/out")"
    [ -z "$(find "$SCRATCH/root" -type f)" ] || fail "left: $(find "$SCRATCH/root" -type f | head -3)"
}

run_case "bash: commands" bash_offers_commands
run_case "bash: every option that --help names" bash_offers_every_option
run_case "bash: values of options" bash_offers_values
run_case "bash: arguments" bash_offers_arguments
run_case "bash: a file's name is no command" bash_runs_nothing
run_case "bash: as one types" bash_completes_as_one_types
run_case "fish" fish_completes
run_case "zsh: as one types" zsh_completes_as_one_types
run_case "the scripts parse" scripts_parse
case $BUILD in
*asan*) ;;
*) run_case "make install puts everything in its place, uninstall takes it away" installs_and_uninstalls release ;;
esac
finish
