#!/bin/sh
# summary: the report's program at 0x50000000: ENOSYS OK at every log level and timer rate
# matrix: cpus pti
# timeout: 300
# quick: yes
#
# The program that never ran in the report (docs/the-report.md): PID 1 at 0x50000000 makes an unknown
# system call. Here it must print "ENOSYS OK", whatever is logged and however often the timer ticks,
# in 50 boots for each variant, 200 in all.
#
# After each the last crossings are looked at: every return to ring 3 was recorded with IF=0, with no
# work pending, with the program's root in place, and no kernel-mode page fault was recorded.
#
# Seen to fail: with the awk program's IF=0 changed to IF=1, and with a program that asks for call 39.
. "$(dirname "$0")/../scenario/common.inc"

BOOTS=${BOOTS:-50}
[ -n "${QUICK:-}" ] && BOOTS=4

# Checks one dump; prints what is wrong with it.
check_crossings() {
	awk -v pti="$PTI" '
	{ sub(/^\[[^]]*\] [a-z]+: /, "") }
	/R3-(IRET|SYSRET)/ {
		exits++
		if ($0 !~ / IF=0/) print "not with IF=0: " $0
		if (/WORK PENDING/) print "work was pending: " $0
		if (!match($0, /root 0x[0-9a-f]+ -> 0x[0-9a-f]+/)) { print "no root: " $0; next }
		split(substr($0, RSTART, RLENGTH), part, " ")
		from = part[2]; to = part[4]
		if (pti == "on" && from == to) print "the root was not changed: " $0
		if (pti == "off" && from != to) print "the root was changed: " $0
		if (!user) user = to
		if (user != to) print "another root than before: " $0
		if (match($0, /RIP=0x[0-9a-f]+/) && substr($0, RSTART + 4, 6) != "0x5000")
			print "not into the program: " $0
	}
	/R3-[^IS]/ && /root 0x/ {
		match($0, /root 0x[0-9a-f]+/)
		if (user && substr($0, RSTART + 5, RLENGTH - 5) != user)
			print "it did not run on its root: " $0
	}
	/R0-#/ { print "an exception in the kernel: " $0 }
	END { if (!exits) print "there is no return to ring 3 in the dump" }' "$SCRATCH/err"
}

boot=0
while [ "$boot" -lt "$BOOTS" ]; do
	for level in error warn info debug trace; do
		for hz in 100 20000; do
			[ "$boot" -lt "$BOOTS" ] || break
			boot=$((boot + 1))
			title "boot $boot, log level $level, $hz Hz"
			run timeout 60 $RUN --log-level "$level" --log-crossings \
				--kernel-arg "hz=$hz" "$PROGRAMS/ring3_enosys"
			expect_status 0
			expect_out "ENOSYS OK"
			wrong=$(check_crossings)
			[ -z "$wrong" ] || { fail "$last: $wrong"; show_streams; }
		done
	done
	[ "$failures" -lt 10 ] || break
done
echo "$boot boots"
finish
