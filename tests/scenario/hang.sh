#!/bin/sh
# summary: a time limit that is over says what each thread waited for, also where no interrupt gets through
# matrix: cpus pti
# timeout: 120
# quick: most
#
# Seen to fail: with a kernel that takes the request for an NMI like any other (no report).
. "$(dirname "$0")/common.inc"

# limited SECONDS ARGUMENTS...: the run ends by its limit; the report is in $report.
limited() {
	rm -f "$SCRATCH"/airlock-hang-*
	run timeout 60 "$AIRLOCK" run --cpus "$CPUS" --crash-dir "$SCRATCH" --timeout "$@"
	expect_status 124
	report=$(ls "$SCRATCH"/airlock-hang-*.txt 2>/dev/null)
	[ -f "$report" ] || { fail "$last: no report"; show_streams; report=/dev/null; }
	grep -q "report: $report" "$SCRATCH/err" || { fail "$last: its name is not said"; show_streams; }
}
err_says() {
	grep -Eq -- "$1" "$SCRATCH/err" || { fail "$last: standard error does not say '$1'"; show_streams; }
}
says() {
	grep -Eq -- "$1" "$report" || { fail "$last: the report does not say '$1'"; sed 's/^/    /' "$report" | head -n 80; }
}

title "a pipeline"
limited 3 --pti "$PTI" busybox sh -c 'busybox sleep 1000 | busybox cat'
err_says "time limit of 3 s"
err_says "thread 1 'busybox', CPU [01]: sleeping, interruptible; call wait4; at child_wait at kernel/proc/childwait.c:[0-9]+"
err_says "thread [0-9]+ 'busybox', CPU [01]: sleeping, interruptible; call (clock_)?nanosleep; at [a-z_]+ at kernel/sys/"
err_says "thread [0-9]+ 'busybox', CPU [01]: sleeping, interruptible; call read; at wait_readable at kernel/ipc/pipe_file.c:[0-9]+"
says "^kernel thread 'init', CPU [01]: sleeping"
says '^        wait_sleep at kernel/sched/wait.c:[0-9]+'
says '^    from ring 3 at 0x[0-9a-f]+'

title "ring 3 for ever"
limited 2 --pti "$PTI" "$PROGRAMS/forever"
err_says "thread 1 'forever', (on CPU|CPU [01]: runnable)"

title "interrupts are off for ever"
limited 5 --kernel "$BUILD/kernel-debug/airlock.elf" --kernel-arg test=none --kernel-arg watchdog=0 \
	--kernel-arg planted=hang_with_interrupts_off
says '^        hang_with_interrupts_off at kernel/sched/tests/planted_hang.c:[0-9]+'
finish
