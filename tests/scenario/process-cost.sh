#!/bin/sh
# summary: processes, threads, signals and futexes cost no more instructions than the limits say, and hardly more among 1,000 processes
# timeout: 300
#
# The limits are those that `airlock bench process` prints, but for execve, which is well below and must not get worse. Counted under
# --icount, so the load of the host changes nothing.
#
# Seen to fail: with the kernel before signal frames were written in place (2,717 for a signal) and before threads of one program
# were switched without a look at their address space (4,391 for a futex), and when it recorded sleeps and wakeups out of line (2,694),
# and before faults mapped the neighbours (150,471 for execve).
. "$(dirname "$0")/common.inc"

# figures ALIVE: lines of NAME INSTRUCTIONS, with so many processes asleep beside.
figures() {
	run "$AIRLOCK" run --icount --strict --memory 512M --timeout 120 "$PROGRAMS/proc_cost" "$1"
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

title "with 1,000 processes: less than 30 % more"
figures 1000 >"$SCRATCH/many"
awk 'NR == FNR { few[$1] = $2; next } { print $1, few[$1], $2; if ($2 > few[$1] * 1.3) bad = 1 } END { exit bad }' \
	"$SCRATCH/few" "$SCRATCH/many" || fail "a cost grows with the number of processes"
finish
