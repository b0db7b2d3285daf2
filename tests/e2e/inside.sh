#!/usr/bin/env bash
# Runs inside the terminal of lib.sh, in place of a login shell: notes the terminal's modes, runs the
# command as a job (so that ^Z stops it as it would under a shell), notes status and modes, stays.
set -m
trap : INT # or bash would follow a child that died of ^C
stty -a >"$SCRATCH/stty.before"
bash -c 'echo $$ >"$SCRATCH/pid"; eval "exec $(cat "$SCRATCH/command")"'
status=$?
while [ -n "$(jobs -s)" ]; do
    stty -a >"$SCRATCH/stty.stopped"
    touch "$SCRATCH/stopped"
    until [ -e "$SCRATCH/go_on" ]; do sleep 0.03; done
    rm -f "$SCRATCH/go_on"
    fg >/dev/null
    status=$?
done
stty -a >"$SCRATCH/stty.after"
echo "$status" >"$SCRATCH/status"
exec sleep 1000
