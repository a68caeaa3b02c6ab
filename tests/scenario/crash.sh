#!/bin/sh
# summary: a kernel that fails makes a crash report that says why, with source lines of all CPUs
# matrix: cpus
# timeout: 400
#
# Seen to fail: with the timer's frame not followed into what it interrupted (the hang's own function was missing); with the
# device of a machine of one CPU armed at the first beat only (the run ended by its time limit); with a device that only CPU 0
# puts off (of two CPUs, when CPU 0 hung, the device was sooner than the neighbour: "no CPU takes interrupts").
. "$(dirname "$0")/common.inc"

# fails PATTERN COMMAND...: the run ends by a panic, with five lines; the report is in $report.
fails() {
	pattern=$1
	shift
	rm -f "$SCRATCH"/airlock-crash-*
	run timeout 100 "$AIRLOCK" run --cpus "$CPUS" --crash-dir "$SCRATCH" "$@"
	expect_status 125
	[ "$(grep -c '^airlock: ' "$SCRATCH/err")" -eq 5 ] || { fail "$last: not five lines"; show_streams; }
	grep -Eq "kernel panic: $pattern" "$SCRATCH/err" || { fail "$last: not '$pattern'"; show_streams; }
	report=$(ls "$SCRATCH"/airlock-crash-*.txt 2>/dev/null)
	[ -f "$report" ] || { fail "$last: no report"; report=/dev/null; }
	grep -q "report:   $report" "$SCRATCH/err" || fail "$last: its name is not said"
}
says() {
	grep -Eq -- "$1" "$report" && return
	fail "$last: the report does not say '$1'"
	sed 's/^/    /' "$report" | head -n 60
}

planted() {
	title "$1"
	fails "$2" --kernel "$BUILD/kernel-debug/airlock.elf" --kernel-arg test=none --kernel-arg watchdog=4 \
		--kernel-arg "planted=$1"
	grep -Eq "where:    $3" "$SCRATCH/err" || { fail "$last: not where '$3'"; show_streams; }
}

planted hang_in_the_kernel "hang: CPU [01] runs 'init' in the kernel for 4 s" 'cpu_relax at kernel/arch/x86_64/'
says '^        hang_in_the_kernel at kernel/sched/tests/planted_hang.c:[0-9]+'
says '^        init_main at kernel/init/program.c:'
says "^cpu[01]: reports; handlers 1, .*kernel thread 'init'"

# On a machine of several the neighbour finds it, whichever CPU hangs: the device is for the case that no CPU is left.
takes_no_interrupts() {
	planted "$1" "$2" '(cpu_relax|hang_on) at kernel/'
	says '^        hang_on at kernel/sched/tests/planted_hang.c:[0-9]+'
	says "spinlocks held: 'planted' \(rank [0-9]+\)"
	says '^cpu0 \+[0-9.]+ .* #[0-9]+: '
}
if [ "$CPUS" = 1 ]; then
	takes_no_interrupts hang_with_interrupts_off 'hang: no CPU takes interrupts'
else
	takes_no_interrupts hang_with_interrupts_off 'hang: CPU 0 takes no interrupts for 4 s'
	says '^cpu0: stopped in the kernel at hang_on'
	takes_no_interrupts hang_of_the_second_cpu 'hang: CPU 1 takes no interrupts for 4 s'
	says '^cpu1: stopped in the kernel at hang_on'
fi

title "a kernel that gets on is left alone"
run timeout 60 "$AIRLOCK" run --cpus "$CPUS" --kernel-arg watchdog=2 --strict busybox sleep 6
expect_status 0
expect_no_err
run timeout 60 "$AIRLOCK" run --cpus "$CPUS" --kernel-arg watchdog=2 --strict busybox sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
expect_status 0
expect_no_err
finish
