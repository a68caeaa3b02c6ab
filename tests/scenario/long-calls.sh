#!/bin/sh
# summary: a call that takes many seconds is no hang
# timeout: 120
# quick: most
#
# The watchdog's limit is two seconds; the call takes several on a machine without hardware virtualization. One CPU, because two watch each
# other, and on a busy host one may be without the host's for so long.
#
# Seen to fail: with a sched_break() that the watchdog does not see.
. "$(dirname "$0")/common.inc"

title "dd"
run $RUN --cpus 1 --memory 1G --kernel-arg watchdog=2 busybox dd if=/dev/urandom of=/dev/null bs=300M count=1
expect_status 0
grep -q '^1+0 records in$' "$SCRATCH/err" || { fail "it read less"; show_streams; }
finish
