#!/bin/sh
# summary: under icount a seed of schedule fuzzing gives one schedule, always the same, and another seed another
# timeout: 100
# quick: no
#
# Seen to fail: before the emulated clock chip and RDRAND were the same in each run (cli/machine.c).
. "$(dirname "$0")/../scenario/common.inc"

kernel=$BUILD/kernel-debug/airlock.elf
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

# trace SEED FILE: every crossing and switch at the end of a run of many threads, with its time in instructions.
trace() {
	run timeout 60 "$AIRLOCK" run --icount --kernel "$kernel" --log-level info --log-crossings --kernel-arg "schedfuzz=$1" \
		"$BUILD/tests/abi/futex_threads"
	expect_status 0
	grep -h 'init: cpu0 +' "$SCRATCH/out" "$SCRATCH/err" | sed 's/^\[[^]]*\] //' >"$SCRATCH/$2"
	[ "$(wc -l <"$SCRATCH/$2")" -gt 1000 ] || fail "the trace is empty"
}

title "the same seed, twice"
trace 5 first
trace 5 again
cmp "$SCRATCH/first" "$SCRATCH/again" || fail "two runs with one seed differ"
title "another seed"
trace 6 other
cmp -s "$SCRATCH/first" "$SCRATCH/other" && fail "another seed gives the same schedule"
finish
