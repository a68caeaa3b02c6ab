#!/bin/sh
# summary: the report's program at 0x50000000: ENOSYS OK at every log level and timer rate
# matrix: cpus pti
# timeout: 300
# quick: yes
#
# The program that never ran in the report (docs/the-report.md): PID 1 at 0x50000000 makes an
# unknown system call. Here it must print "ENOSYS OK", whatever is logged and however often the
# timer ticks, in 50 boots for each variant, 200 in all.
#
# After each the last crossings are looked at: every return to ring 3 was recorded with IF=0
# after the last look at the work flags, with none set and the program's own root loaded, and
# no exception in the kernel was recorded.
#
# Seen to fail: with IF=1 looked for, with a program that makes no call, and with kernels that
# change the root for the first program only or record the return with IF=1. Once it failed where
# nothing was wrong: the dump had overflowed the log while another CPU owned the serial port
# (tests/unit/trace/log_test.c has that case).
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"

BOOTS=${BOOTS:-50}
[ -n "${QUICK:-}" ] && BOOTS=4

# Checks one dump; prints what is wrong with it. On each CPU, a switch says whose kernel-side
# root is loaded; a return to ring 3 must start from that one and load the root that belongs to
# it, and the next entry must find that root.
check_crossings() {
	awk -v pti="$PTI" '
	/ lines lost\]/ { print "the log is not complete: " $0 }
	{ sub(/^\[[^]]*\] [a-z]+: /, "") }
	!/^cpu[0-9]/ { next }
	function after(word) {
		if (!match($0, word " 0x[0-9a-f]+")) { print "no root: " $0; return "" }
		return substr($0, RSTART + length(word) + 1, RLENGTH - length(word) - 1)
	}
	{ cpu = $1 }
	/ were overwritten / { delete kernel[cpu]; user[cpu] = ""; gaps++; next }
	/ SWITCH / { kernel[cpu] = after("root"); user[cpu] = "" }
	/ R3-(IRET|SYSRET) / {
		exits++
		to = after("->")
		if (/ IF=1/ || (/IRET/ && $0 !~ / IF=0/)) print "not with IF=0: " $0
		if (/ nr=30583 /) calls++
		if (/ after SYSCALL /) {
			if (user[cpu] != "" && to != user[cpu]) print "another root than it came from: " $0
			user[cpu] = to
			next
		}
		from = after("root")
		if (/WORK PENDING/) print "work was pending: " $0
		if (pti == "on" && from == to) print "the root was not changed: " $0
		if (pti == "off" && from != to) print "the root was changed: " $0
		if ((cpu in kernel) && kernel[cpu] != from) print "not from its own root: " $0
		if ((from in pair) && pair[from] != to) print "another root than before: " $0
		pair[from] = to
		user[cpu] = to
		if (/RIP=0x50000000 after START/) started++
		next
	}
	/ R3-/ {
		if (user[cpu] != "" && after("root") != user[cpu])
			print "ring 3 did not run on its root: " $0
	}
	/ R0-#/ { print "an exception in the kernel: " $0 }
	END {
		if (!exits) print "there is no return to ring 3 in the dump"
		if (!calls) print "the unknown call is not there"
		if (exits && !started && !gaps) print "the first return, to 0x50000000, is not there"
	}' "$SCRATCH/err"
}

# Two of the programs on one CPU for the fast timer, so that it does tick; alone for the slow
# one.
start() {
	hz=$1
	shift
	together_forget
	together_add 1 0 ring3_enosys 60
	[ "$hz" = 100 ] || together_add 1 0 ring3_enosys 60
	together_run --log-crossings --kernel-arg "hz=$hz" "$@"
}

boot=0
while [ "$boot" -lt "$BOOTS" ]; do
	for level in trace error info warn debug; do
		for hz in 100 20000; do
			[ "$boot" -lt "$BOOTS" ] || break
			boot=$((boot + 1))
			title "boot $boot, log level $level, $hz Hz"
			start $hz --log-level "$level"
			expect_status 0
			[ "$hz" = 100 ] && expect_out "ENOSYS OK"
			[ "$hz" = 100 ] || expect_out "ENOSYS OK
ENOSYS OK"
			# The dump is a part of the log, at level info.
			case $level in error | warn) continue ;; esac
			wrong=$(check_crossings)
			[ -z "$wrong" ] || { fail "$last: $wrong"; show_streams; }
		done
	done
	[ "$failures" -lt 10 ] || break
done
echo "$boot boots"
finish
