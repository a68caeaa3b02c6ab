#!/bin/sh
# summary: airlock check explores both kernels' crossings and finds nothing
# timeout: 120
# quick: yes
#
# Seen to fail: with each of the mutants of tools/mutants/mutants.list that "check" catches.
. "$(dirname "$0")/../scenario/common.inc"

for variant in release debug; do
	title "the $variant kernel"
	run "$AIRLOCK" check "$BUILD/kernel-$variant/airlock.elf"
	expect_status 0
	grep -q '^0 violations$' "$SCRATCH/out" || fail "it does not say 0 violations"
	grep -q '^pti-on: ' "$SCRATCH/out" && grep -q '^pti-off: ' "$SCRATCH/out" || fail "not both modes"
	cat "$SCRATCH/out"
done
title "the states at an instruction"
run "$AIRLOCK" check --explain exit_iretq "$BUILD/kernel-release/airlock.elf"
expect_status 0
grep -q 'GS=user CR3=user RSP=entry-40 IF=0' "$SCRATCH/out" || fail "exit_iretq without the program's state"
finish
