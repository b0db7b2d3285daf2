#!/usr/bin/env bash
# Runs inside the terminal of lib.sh, in place of a login shell: notes the terminal's modes, runs the
# command as a job (so that ^Z stops it as it would under a shell), notes status and modes, stays.
set -m
trap : INT # or bash would follow a child that died of ^C
# The size is the window's, not the program's to restore.
modes() { stty -a | sed 's/rows [0-9]*; columns [0-9]*;//'; }

modes >"$SCRATCH/stty.before"
bash -c 'echo $$ >"$SCRATCH/pid"; eval "exec $(cat "$SCRATCH/command")"'
status=$?
while [ -n "$(jobs -s)" ]; do
    modes >"$SCRATCH/stty.stopped"
    touch "$SCRATCH/stopped"
    until [ -e "$SCRATCH/go_on" ]; do sleep 0.03; done
    rm -f "$SCRATCH/go_on"
    fg >/dev/null
    status=$?
done
modes >"$SCRATCH/stty.after"
echo "$status" >"$SCRATCH/status"
exec sleep 1000
