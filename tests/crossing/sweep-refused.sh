#!/bin/sh
# summary: a #DB or #MC in the handler of an NMI ends the kernel with a report
# matrix: cpus pti
# timeout: 120
#
# Returning from either would end the blocking of NMIs inside the NMI's handler (hazards P4, P5).
#
# Seen to fail: with "#MC" expected for the #DB.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/sweep.inc"

for event in DB MC; do
	for part in 0 1 2 3; do
		title "#$event, $part/3 through the handler"
		sweep_programs 0 0 0
		sweep_run --refused "#$event" --part $part/3 -- --boot-timeout 1000
		grep -q "kernel panic: #$event inside an NMI" "$SCRATCH/err" ||
			{ fail "$last: no such report"; cat "$SCRATCH/report"; show_streams; }
	done
done
finish
