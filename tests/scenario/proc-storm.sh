#!/bin/sh
# summary: processes and threads begin and end against each other under a 20 kHz timer on 2 CPUs
# matrix: pti
# timeout: 200
# quick: most
#
# tests/programs/proc_storm.c says which races. With `airlock test --variant debug` the order of locks is checked meanwhile.
#
# Seen to fail: with the wake left out of process_remove_thread(), race 1 hangs; with
# signal_pending() left out of publish_refused_locked(), race 4 does, for a member of the group is
# left.
. "$(dirname "$0")/common.inc"

seconds=40
[ -n "${QUICK:-}" ] && seconds=4
program=$(cd "$PROGRAMS" && pwd)/proc_storm

title "storm, $seconds s, seed $SEED"
run $RUN --cpus 2 --kernel-arg hz=20000 "$program" "$SEED" $seconds
expect_status 0
expect_no_err
grep -q '^proc_storm seed [0-9]*: ok [1-9][0-9]* rounds$' "$SCRATCH/out" || {
	fail "it did not say ok"
	show_streams
}
cat "$SCRATCH/out"
finish
