#!/bin/sh
# summary: some system calls through the failure of each of their allocations
# timeout: 120
# quick: most
#
# The whole of it is failing.sh. Seen to fail: as that.
. "$(dirname "$0")/common.inc"

kernel=$BUILD/kernel-debug/airlock.elf
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

title "some calls"
run $RUN --kernel "$kernel" --timeout 100 "$PROGRAMS/failing" 'fork:plain' 'clone:thread' 'execve:plain' 'mmap:*' 'open:create' \
	'pipe:*' 'getpid:fault_*' 'rt_sigqueueinfo:*'
expect_status 0
tail -n 1 "$SCRATCH/out"

title "some copies"
run $RUN --kernel "$kernel" --timeout 100 "$PROGRAMS/failing" -c 'pipe*' 'timer_create:*' 'rt_sig*' 'wait*' 'epoll_wait:*' 'sendfile:*' 'clone3:*'
expect_status 0
tail -n 1 "$SCRATCH/out"
finish
