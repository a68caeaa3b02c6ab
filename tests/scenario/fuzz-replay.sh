#!/bin/sh
# summary: under icount a seed of schedule fuzzing gives one schedule, always the same, and another seed another
# timeout: 100
# quick: no
#
# What the host does meanwhile makes no difference: once the command, which reads what the VM says and feeds it, is stopped until
# QEMU gets no further without it.
#
# Seen to fail: before the emulated clock chip and RDRAND were the same in each run (cli/machine.c). With the command stopped,
# before there was no port for an input that is /dev/null, whose end came as an interrupt at any time, and before the log was a
# pipe. scenario/planted-races failed so on a busy host.
. "$(dirname "$0")/../scenario/common.inc"

kernel=$BUILD/kernel-debug/airlock.elf
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

# Stops the command that starts it.
cat >"$SCRATCH/stopping" <<'END'
#!/bin/sh
kill -STOP $PPID
exec qemu-system-x86_64 "$@"
END
chmod +x "$SCRATCH/stopping"

# held COMMAND...: the command runs with that for QEMU, and goes on when the real one gets no further.
held() {
	"$@" --qemu "$SCRATCH/stopping" "$BUILD/tests/abi/futex_threads" &
	command=$!
	until [ "$(process_state $command)" = T ]; do
		[ -d /proc/$command ] || break
		sleep 0.05
	done
	qemu=$(qemu_of $command)
	until process_rests "$qemu"; do :; done
	kill -CONT $command
	wait $command
}

straight() {
	"$@" "$BUILD/tests/abi/futex_threads"
}

# trace HOW SEED FILE: every crossing and switch at the end of a run of many threads, with its time in instructions.
trace() {
	run_with /dev/null "$1" "$AIRLOCK" run --icount --timeout 60 --kernel "$kernel" --log-level info \
		--log-crossings --kernel-arg "schedfuzz=$2"
	expect_status 0
	grep -h 'init: cpu0 +' "$SCRATCH/out" "$SCRATCH/err" | sed 's/^\[[^]]*\] //' >"$SCRATCH/$3"
	[ "$(wc -l <"$SCRATCH/$3")" -gt 1000 ] || fail "the trace is empty"
}

title "the same seed, three times"
trace straight 5 first
trace straight 5 again
cmp "$SCRATCH/first" "$SCRATCH/again" || fail "two runs with one seed differ"
trace held 5 held
cmp "$SCRATCH/first" "$SCRATCH/held" || fail "a run whose command was stopped differs"
title "another seed"
trace straight 6 other
cmp -s "$SCRATCH/first" "$SCRATCH/other" && fail "another seed gives the same schedule"
finish
