#!/bin/sh
# summary: registers after calls, faults, signals, forged frames, first returns, stops, execve and what tracers do are as on Linux
# matrix: cpus pti
# timeout: 60
# quick: yes
#
# The sweep's own program (tests/programs/sweep), undisturbed, against the host. The mutants named sig-*, clone-*, exec-* and ptrace-* of
# tools/mutants are caught by it.
#
# Seen to fail: before a signal's handler began with clean vector state.
. "$(dirname "$0")/../scenario/common.inc"

for v in 0 1; do
	title "variant $v"
	"$PROGRAMS/sweep" once $v >"$SCRATCH/host" || fail "on the host"
	run $RUN "$PROGRAMS/sweep" once $v
	expect_status 0
	cmp -s "$SCRATCH/host" "$SCRATCH/out" || {
		fail "it prints something else than on the host"
		show_streams
	}
done
finish
