#!/bin/sh
# summary: four VMs at once do not disturb each other
# timeout: 90
#
# Seen to fail: with another number of bytes of input expected.
. "$(dirname "$0")/../scenario/common.inc"

for i in 1 2 3 4; do
	(
		status=0
		printf 'input %s\n' "$i" |
			$RUN -m 64M "$PROGRAMS/streams" 200 "$i" >"$SCRATCH/out.$i" 2>"$SCRATCH/err.$i" ||
			status=$?
		echo "$status" >"$SCRATCH/status.$i"
	) &
done
wait
for i in 1 2 3 4; do
	[ "$(cat "$SCRATCH/status.$i")" = "$i" ] || fail "VM $i: status $(cat "$SCRATCH/status.$i")"
	[ "$(wc -l <"$SCRATCH/out.$i")" -eq 200 ] || fail "VM $i: lines of output are missing"
	[ "$(tail -n 1 "$SCRATCH/err.$i")" = "8 bytes of input" ] || fail "VM $i: wrong input"
done
finish
