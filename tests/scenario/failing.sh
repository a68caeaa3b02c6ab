#!/bin/sh
# summary: every system call through the failure of each of its allocations, and of each of its user copies
# matrix: cpus+pti
# timeout: 900
# quick: no
#
# Each failure must give an error that Linux gives, leave nothing behind and nothing changed; a call that nothing drives is a failure.
# docs/fault-injection.md.
#
# Seen to fail: before fork gave ENOMEM, madvise EAGAIN, and a failed open no new file; and before ptrace had a way. Copies: before a
# file of the same size was rid of what lies behind its end (write:far), and with a timer_create() that keeps the timer whose number
# can't be told.
. "$(dirname "$0")/common.inc"

kernel=$BUILD/kernel-debug/airlock.elf
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

title "allocations and requests"
run $RUN --kernel "$kernel" --timeout 500 "$PROGRAMS/failing"
expect_status 0
tail -n 1 "$SCRATCH/out"

title "user copies"
run $RUN --kernel "$kernel" --timeout 400 "$PROGRAMS/failing" -c
expect_status 0
tail -n 1 "$SCRATCH/out"
finish
