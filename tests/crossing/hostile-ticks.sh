#!/bin/sh
# summary: hostile programs that survive, under a 20 kHz timer and beside another program
# matrix: cpus pti
# timeout: 180
#
# One program alone is not ticked; beside a second one on the same CPU, interrupts and switches
# hit bad stack pointers, odd flags and bases inside the kernel. With two CPUs there are two
# others.
#
# Seen to fail: with the storm worker's line not taken out.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

for part in rsp flags base fpu registers; do
	title "$part"
	on_host batch $part >"$SCRATCH/host" 2>/dev/null </dev/null || fail "$last on the host"
	together_forget
	together_add 1 0 hostile batch $part
	together_add 1 0 storm_a "$SEED" 4
	[ "$CPUS" -eq 1 ] || together_add 1 0 storm_b "$SEED" 4
	together_run --kernel-arg hz=20000
	expect_status 0
	expect_no_err
	[ "$(grep -c '^storm .*: ok' "$SCRATCH/out")" -eq "$CPUS" ] || {
		fail "$part: a worker of the storm did not say ok"
		show_streams
	}
	grep -v '^storm ' "$SCRATCH/out" >"$SCRATCH/guest"
	cmp -s "$SCRATCH/host" "$SCRATCH/guest" || {
		fail "$part: the guest differs from the host"
		diff -U 4 "$SCRATCH/host" "$SCRATCH/guest" | head -n 40
	}
done
finish
