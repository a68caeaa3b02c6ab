#!/bin/sh
# summary: a shell with its children while allocations, requests and user copies fail at random: the kernel goes on, and gives everything back
# matrix: cpus+pti
# timeout: 300
# quick: no
#
# failing_seeds has 100 seeds in one VM; the run's own seed is where they begin. How the shell ends is its own affair.
#
# Seen to fail: with a page fault that keeps its frame when there is no memory for a table (frames); the first runs found a debug kernel
# that took a wakeup for lost (sched/wait_debug.c).
. "$(dirname "$0")/common.inc"

kernel=$BUILD/kernel-debug/airlock.elf
busybox=$(command -v busybox) || skip "the host has no busybox"
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

cat >"$SCRATCH/script.sh" <<'END'
b=/bin/busybox
for i in 1 2 3; do echo $i >f$i; $b cat f$i | $b wc -c; done
$b ls -l / >list; $b sort list | $b head -3 | $b tail -1; ($b sleep 0.01; $b true) & wait
x=$(echo one; echo two); echo "$x" | $b grep t; $b rm -f f1 f2 f3
$b cp $b copy; $b mkdir -p a/b/c; $b ln -s a d; $b find . | $b wc -l; $b md5sum copy
END

# seeds KINDS PROBABILITY COUNT SECONDS [OPTION]
seeds() {
	title "$1, one in $2"
	first=$((SEED % 1000000))
	run $RUN --kernel "$kernel" --timeout 130 -v "$busybox:/bin/busybox" -v "$SCRATCH/script.sh:/script.sh" \
		"$PROGRAMS/failing_seeds" ${5:-} -k "$1" $first $((first + $3 - 1)) "$2" "$4" /bin/busybox sh /script.sh
	expect_status 0
	grep -a 'FAIL\|before\|seeds:' "$SCRATCH/out"
}

seeds all 200 50 60
seeds all 2000 50 60
# A shell whose wait4(2) could not tell it of a child waits for ever.
seeds all+copy 1000 30 10 -l
finish
