#!/bin/sh
# summary: 56 of stress-ng's stressors, each for a second and with its own checks: processes, threads, signals, timers, pipes, locks, memory, and calls with arguments at random
# timeout: 300
#
# Not the ones that need what is not built, nor those for which an emulated second is too little for one round.
#
# Seen to fail: as long as a read of memory that may only be written was a fault without end (sysbadaddr: status 125, a hang), and
# pidfd_send_signal(2) took no folder of /proc ("pidfd_send_signal failed").
. "$(dirname "$0")/../scenario/common.inc"

command -v stress-ng >/dev/null || skip "the host has no stress-ng (package stress-ng)"

STRESSORS='fork vfork zombie wait kill sigq sigsuspend sigfd sigrt sigfpe sigsegv sigpending itimer timer timerfd nanosleep yield
	schedpolicy set rlimit prctl pidfd ptrace pthread switch session stackmmap brk shm-sysv vm-segv eventfd poll dup fifo flock
	fcntl locka lockofd rename daemon futex memfd mincore mlock mmapmany mprotect munmap pipe ring-pipe resched rmap seal sendfile
	enosys sysinval sysbadaddr'

title "stress-ng"
{
	printf 'run sequential\ntimeout 1s\nverify\npathological\n'
	for s in $STRESSORS; do
		echo "$s 1"
	done
} >"$SCRATCH/job"
run $RUN --cpus 2 -m 512M -v "$SCRATCH/job:/job" stress-ng --seed "$SEED" --metrics-brief --job /job
expect_status 0
wrong=$(grep -E 'fail:|finished prematurely' "$SCRATCH/out" "$SCRATCH/err")
[ -z "$wrong" ] || fail "$wrong"
for s in $STRESSORS; do
	grep -Eq "metrc: .* $s +[0-9]" "$SCRATCH/out" "$SCRATCH/err" || fail "$s did not run"
done
finish
