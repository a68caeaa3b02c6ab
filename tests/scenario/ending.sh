#!/bin/sh
# summary: time limit 124, Ctrl-C 130, output closed early; no process is left over
# matrix: cpus pti
# timeout: 120
#
# No time is measured: each end is waited for, and the test's own limit is for one that never comes.
#
# Seen to fail: with the signal not sent (it runs into its limit), and with 142 expected.
. "$(dirname "$0")/../scenario/common.inc"

# Whether any QEMU below this process is alive.
qemu_left() {
	pgrep -g 0 -f qemu-system >/dev/null
}

for how in "" wait; do
	title "timeout ($how)"
	# shellcheck disable=SC2086
	run $RUN --timeout 1 "$PROGRAMS/forever" $how
	expect_status 124
	expect_out started
	head -n 1 "$SCRATCH/err" | grep -q 'time limit of 1 s' || { fail "$last: not the limit"; show_streams; }
	qemu_left && fail "a QEMU is left"
done

mkfifo "$SCRATCH/line"
for signal in INT TERM; do
	title "SIG$signal"
	# A shell's background job ignores SIGINT; env's option undoes that.
	env --default-signal=INT $RUN "$PROGRAMS/forever" wait >"$SCRATCH/line" 2>"$SCRATCH/err" &
	pid=$!
	# Its first line, or its end.
	exec 3<"$SCRATCH/line"
	read -r line <&3
	[ "$line" = started ] || fail "it did not start"
	kill -s "$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$signal" = INT ] && expect_status 130 || expect_status 143
	expect_no_err
	qemu_left && fail "SIG$signal: a QEMU is left"
done

title "output closed early"
{
	$RUN "$PROGRAMS/flood" 2>"$SCRATCH/err"
	echo $? >"$SCRATCH/status"
} | head -c 100000 >"$SCRATCH/out"
[ "$(cat "$SCRATCH/status")" = 141 ] || fail "status $(cat "$SCRATCH/status") instead of 141"
[ "$(wc -c <"$SCRATCH/out")" -eq 100000 ] || fail "not all of the output came"
[ ! -s "$SCRATCH/err" ] || { fail "something on standard error"; show_streams; }
qemu_left && fail "a QEMU is left"

title "output to a full device"
status=0
$RUN "$PROGRAMS/streams" 1 0 </dev/null >/dev/full 2>"$SCRATCH/err" || status=$?
: >"$SCRATCH/out"
expect_status 125
grep -q 'cannot write' "$SCRATCH/err" || { fail "no line about it"; show_streams; }
finish
