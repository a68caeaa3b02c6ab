#!/bin/sh
# summary: processes and threads until they are refused, a fork bomb; every page comes back
# matrix: cpus
# timeout: 200
# quick: most
#
# Each of three rounds must come as far as the first, in a VM of 128 MiB that is full each time.
#
# Seen to fail: with user_leave() left out of process_exit_thread(), the second round makes nothing.
. "$(dirname "$0")/common.inc"

program=$PROGRAMS/bomb

for kind in fork thread; do
	title "$kind"
	run $RUN --memory 128M "$program" $kind 100000
	expect_status 0
	expect_no_err
	[ "$(sort -u "$SCRATCH/out" | wc -l)" -eq 1 ] || { fail "rounds differ"; show_streams; }
	grep -q '^9[0-9][0-9] .*, then EAGAIN$' "$SCRATCH/out" || { fail "not refused"; show_streams; }
done

title "fork bomb"
run $RUN --memory 128M "$program" bomb 1
expect_status 0
expect_no_err
grep -qx 'bomb: over, ok' "$SCRATCH/out" || { fail "it is not over"; show_streams; }
finish
