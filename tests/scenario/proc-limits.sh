#!/bin/sh
# summary: processes and threads until they are refused, a fork bomb; every page comes back
# matrix: cpus
# timeout: 200
# quick: most
#
# Each of three rounds must come as far as the first, in a VM of 128 MiB that is full each time. The limit is the whole system's, twice what
# one user may have; how much that is depends on how large this kernel's stacks are.
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
	sed 's/^\([0-9]*\) .*, then EAGAIN; limit \([0-9]*\)$/\1 \2/' "$SCRATCH/out" >"$SCRATCH/numbers"
	read -r made limit <"$SCRATCH/numbers"
	{ [ "$made" -gt $((2 * limit - 10)) ] && [ "$made" -le $((2 * limit + 1)) ]; } 2>/dev/null ||
		{ fail "not refused at the limit"; show_streams; }
done

title "fork bomb"
run $RUN --memory 128M "$program" bomb 1
expect_status 0
expect_no_err
grep -qx 'bomb: over, ok' "$SCRATCH/out" || { fail "it is not over"; show_streams; }
finish
