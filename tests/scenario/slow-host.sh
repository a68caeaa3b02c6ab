#!/bin/sh
# summary: the clock's rate is right when the host stops the VM again and again while it starts
# timeout: 90
#
# Seen to fail: with the rate taken from two readings of the PIT between which it may have come round (55 ms): some starts
# then found a TSC of tens of GHz.
. "$(dirname "$0")/../scenario/common.inc"

# What it measures undisturbed.
rate()
{
	sed -n 's/.*time: TSC \([0-9]*\) kHz by .*/\1/p' "$1" | head -n 1
}
run $RUN --log-level info /bin/busybox true
right=$(rate "$SCRATCH/err")
[ -n "$right" ] || { fail "no rate in the log"; show_streams; finish; }

# A QEMU that is stopped for 60 ms after each 0.3 ms, until it has had its time for starting.
cat >"$SCRATCH/qemu" <<'END'
#!/usr/bin/perl
my $vm = fork // die;
exec 'qemu-system-x86_64', @ARGV unless $vm;
$SIG{TERM} = sub { kill 'KILL', $vm };
select undef, undef, undef, 0.03;
for (1 .. 120) {
	kill 'STOP', $vm;
	select undef, undef, undef, 0.06;
	kill 'CONT', $vm;
	select undef, undef, undef, 0.0003;
}
waitpid $vm, 0;
exit($? >> 8);
END
chmod +x "$SCRATCH/qemu"
i=0
while [ $i -lt 6 ]; do
	title "start $i"
	AIRLOCK_QEMU=$SCRATCH/qemu run $RUN --log-level info /bin/busybox true
	found=$(rate "$SCRATCH/err")
	echo "$found kHz, should be $right"
	[ -n "$found" ] && [ "$found" -gt $((right * 9 / 10)) ] && [ "$found" -lt $((right * 11 / 10)) ] || {
		fail "the rate is $found kHz"
		show_streams
	}
	i=$((i + 1))
done
finish
