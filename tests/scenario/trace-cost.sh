#!/bin/sh
# summary: the flight recorder costs a system call at most 12 instructions
# matrix: pti
# timeout: 300
#
# A kernel without the recorder is built beside the other, in a folder of its own, and the same program counts instructions
# on both (--icount: one tick is one instruction).
#
# Seen to fail: with a record at the entry, too (29 instructions).
. "$(dirname "$0")/common.inc"

title "the kernel without the recorder builds"
build_kernel bare

# measure KERNEL: ticks of one call.
measure() {
	run "$AIRLOCK" run --icount --pti "$PTI" --strict --kernel "$1" "$PROGRAMS/null_syscall"
	expect_status 0
	cat "$SCRATCH/out"
}

title "the difference"
with=$(measure "$BUILD/kernel-release/airlock.elf")
without=$(measure "$BUILD/kernel-bare/airlock.elf")
echo "with $with, without $without"
awk -v a="$with" -v b="$without" 'BEGIN { exit !(a - b <= 12 && a > b) }' || fail "$with instructions against $without"
finish
