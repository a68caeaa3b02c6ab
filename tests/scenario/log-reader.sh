#!/bin/sh
# summary: a dump to the log is complete although nobody reads it for a while
# matrix: cpus
# timeout: 60
# quick: yes
#
# The command, which reads the log, is stopped as soon as the program has printed its line, until QEMU has come to rest (or
# has ended, which is the bug). The pipe between them is made as small as a page first. To go on too early makes the test see
# less, never fail.
#
# Seen to fail: with the log that dropped what the port did not take within a second or so. That was how
# crossing/nightly-enosys failed on a busy host: a dump without its end, and status 0.
. "$(dirname "$0")/common.inc"

CALLS=1500
mkfifo "$SCRATCH/line"

# Descriptor 4 is the log's (cli/machine.h); 1031 is F_SETPIPE_SZ.
cat >"$SCRATCH/qemu" <<'END'
#!/usr/bin/perl
$^F = 100;
open(my $log, '>&=', 4) or die;
fcntl($log, 1031, 4096) or die;
exec 'qemu-system-x86_64', @ARGV;
END
chmod +x "$SCRATCH/qemu"

title "the command is stopped while the kernel prints $CALLS crossings"
$RUN --qemu "$SCRATCH/qemu" --log-crossings --log-level info "$PROGRAMS/ring3_enosys" $CALLS \
	>"$SCRATCH/line" 2>"$SCRATCH/err" &
command=$!
exec 3<"$SCRATCH/line"
read -r line <&3
kill -STOP $command
[ "$line" = "ENOSYS OK" ] || fail "$last: printed '$line'"
qemu=$(qemu_of $command)
until process_rests "$qemu"; do :; done
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
