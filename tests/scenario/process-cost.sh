#!/bin/sh
# summary: processes, threads, signals and futexes cost no more instructions than the limits say, and hardly more among 10,000
# timeout: 600
#
# The limits are those that `airlock bench process` prints, but for execve, which is well below and must not get worse. Counted under
# --icount, so the load of the host changes nothing.
#
# Seen to fail: with the kernel before signal frames were written in place (2,717 for a signal) and before threads of one program
# were switched without a look at their address space (4,391 for a futex), and when it recorded sleeps and wakeups out of line (2,694),
# and before faults mapped the neighbours (150,471 for execve).
. "$(dirname "$0")/common.inc"

# figures ALIVE [threads]: lines of NAME INSTRUCTIONS, with so many processes or threads asleep beside.
figures() {
	run "$AIRLOCK" run --icount --strict --memory 4G --timeout 200 "$PROGRAMS/proc_cost" "$@"
	expect_status 0
	cat "$SCRATCH/out"
}

# within FILE NAME LIMIT
within() {
	awk -v name="$2" -v limit="$3" '$1 == name { value = $2 } END { print name, value + 0; exit !(value > 0 && value <= limit) }' "$1" ||
		fail "$2 costs more than $3 instructions"
}

title "with 10 processes"
figures 10 >"$SCRATCH/few"
within "$SCRATCH/few" fork 80000
within "$SCRATCH/few" exec 135000
within "$SCRATCH/few" thread 15000
within "$SCRATCH/few" signal 1500
within "$SCRATCH/few" futex 2500

# hardly_more FILE: within 30 % of what it is with few, each
hardly_more() {
	awk 'NR == FNR { few[$1] = $2; next } { print $1, few[$1], $2; if ($2 > few[$1] * 1.3) bad = 1; n++ } END { exit bad || n < 5 }' \
		"$SCRATCH/few" "$1" || fail "a cost grows with how many are alive"
}

title "with 10,000 processes: less than 30 % more"
figures 10000 >"$SCRATCH/processes"
hardly_more "$SCRATCH/processes"
title "with 10,000 threads"
figures 10000 threads >"$SCRATCH/threads"
hardly_more "$SCRATCH/threads"
finish
