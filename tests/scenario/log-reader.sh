#!/bin/sh
# summary: a dump to the log is complete although nobody reads it for a while
# matrix: cpus
# timeout: 60
# quick: yes
#
# The command is stopped as soon as the program has printed its line, until QEMU has come to rest (or has ended, which is
# the bug): the socket between them holds a few hundred bytes of a log that is written byte by byte. To go on too early
# makes the test see less, never fail.
#
# Seen to fail: with the log that dropped what the port did not take within a second or so. That was how
# crossing/nightly-enosys failed on a busy host: a dump without its end, and status 0.
. "$(dirname "$0")/common.inc"

CALLS=1500
mkfifo "$SCRATCH/line"

# In clock ticks; nothing once it has ended.
processor_time() {
	awk '{ sub(/.*\) /, ""); if ($1 != "Z" && $1 != "X") print $12 + $13 }' "/proc/$1/stat" \
		2>/dev/null
}

at_rest() {
	now=$(processor_time "$1")
	[ -z "$now" ] && return
	sleep 0.3
	[ "$(processor_time "$1")" = "$now" ]
}

title "the command is stopped while the kernel prints $CALLS crossings"
$RUN --log-crossings --log-level info "$PROGRAMS/ring3_enosys" $CALLS \
	>"$SCRATCH/line" 2>"$SCRATCH/err" &
command=$!
exec 3<"$SCRATCH/line"
read -r line <&3
kill -STOP $command
[ "$line" = "ENOSYS OK" ] || fail "$last: printed '$line'"
qemu=$(cat "/proc/$command/task/$command/children")
until at_rest "${qemu% }"; do :; done
kill -CONT $command
status=0
wait $command || status=$?
: >"$SCRATCH/out"
expect_status 0
made=$(sed -n 's/.*oldest first (\([0-9]*\) made).*/\1/p' "$SCRATCH/err")
lines=$(grep -c ': cpu[0-9]* +' "$SCRATCH/err")
calls=$(grep -c 'R3-SYSRET .* nr=30583 ' "$SCRATCH/err")
[ "$lines" -ge "${made:-1}" ] || fail "$last: $lines lines of ${made:-?} crossings"
[ "$calls" -eq $CALLS ] || fail "$last: $calls of the calls are there"
[ "$failures" -eq 0 ] || tail -n 5 "$SCRATCH/err"
finish
