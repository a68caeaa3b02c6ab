#!/bin/sh
# summary: time limit 124, Ctrl-C 130, output closed early; no process is left over
# matrix: cpus pti
# timeout: 60
#
# Seen to fail: with the signal not sent (it runs into its limit), and with 142 expected.
. "$(dirname "$0")/../scenario/common.inc"

# Whether any QEMU below this process is alive.
qemu_left() {
	pgrep -g 0 -f qemu-system >/dev/null
}

for how in "" wait; do
	title "timeout ($how)"
	start=$(date +%s)
	# shellcheck disable=SC2086
	run timeout 30 $RUN --timeout 1 "$PROGRAMS/forever" $how
	expect_status 124
	expect_out started
	head -n 1 "$SCRATCH/err" | grep -q 'time limit of 1 s' || { fail "$last: not the limit"; show_streams; }
	[ $(($(date +%s) - start)) -le 9 ] || fail "it took longer than 9 s"
	qemu_left && fail "a QEMU is left"
done

for signal in INT TERM; do
	title "SIG$signal"
	# A shell's background job ignores SIGINT; env's option undoes that.
	env --default-signal=INT $RUN "$PROGRAMS/forever" wait >"$SCRATCH/out" 2>"$SCRATCH/err" &
	pid=$!
	for _ in $(seq 100); do
		grep -q started "$SCRATCH/out" && break
		sleep 0.2
	done
	grep -q started "$SCRATCH/out" || fail "it did not start"
	kill -s "$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$signal" = INT ] && expect_status 130 || expect_status 143
	expect_no_err
	qemu_left && fail "SIG$signal: a QEMU is left"
done

title "output closed early"
start=$(date +%s)
{
	$RUN "$PROGRAMS/flood" 2>"$SCRATCH/err"
	echo $? >"$SCRATCH/status"
} | head -c 100000 >"$SCRATCH/out"
for _ in $(seq 100); do
	[ -s "$SCRATCH/status" ] && break
	sleep 0.2
done
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
