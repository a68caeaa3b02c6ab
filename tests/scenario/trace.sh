#!/bin/sh
# summary: --trace writes valid trace events, and airlock trace reads them
# matrix: cpus pti
# timeout: 240
# quick: most
#
# The kinds of record and their words are tested on the host (unit/trace-timeline, unit/cli-trace); this is about real runs.
#
# Seen to fail: with a ring drained only every 200 ms and no trace_relieve() (records lost).
. "$(dirname "$0")/common.inc"

trace=$SCRATCH/trace.json
validate() {
	python3 "$SOURCE/tests/scenario/trace-validate.py" "$@" >"$SCRATCH/complaints" 2>&1 && return
	fail "$last: $(head -n 5 "$SCRATCH/complaints")"
}

title "a program's run"
run $RUN --trace "$trace" busybox seq 1 3000
expect_status 0
expect_no_err
[ "$(tail -n 1 "$SCRATCH/out")" = 3000 ] || fail "output is not complete"
validate "$trace" complete call=write call=brk call=exit_group thread=busybox flows

title "a long run keeps all of it"
run $RUN --trace "$trace" busybox dd if=/dev/zero of=/dev/null bs=16 count=20000
expect_status 0
validate "$trace" complete call=read call=write
count=$(grep -c '"name":"read","cat":"syscall"' "$trace")
[ "$count" -ge 20000 ] || fail "$count reads in the trace instead of 20000"

title "as text"
run "$AIRLOCK" trace --call 'writ*' --thread busybox "$trace"
expect_status 0
[ "$(wc -l <"$SCRATCH/out")" -ge 20000 ] || fail "too few lines"
grep -Eq '^ +[0-9.]+ busybox\[1\] +[0-9.]+ us write  args: 1, 0x[0-9a-f]+, 16, result: 16, cpu: [0-9]' "$SCRATCH/out" ||
	fail "no line of a write: $(head -n 1 "$SCRATCH/out")"
run "$AIRLOCK" trace --thread 1 --from 99999 "$trace"
expect_status 0
expect_out ''

title "figures"
run "$AIRLOCK" trace --summary "$trace"
expect_status 0
grep -Eq '^read +20[0-9]{3} +' "$SCRATCH/out" || fail "no figures of read: $(head -n 5 "$SCRATCH/out")"
grep -Eq '^ +[0-9.]+ us \.\. +[0-9.]+ us +[0-9]+ #' "$SCRATCH/out" || fail "no histogram"

title "mistakes"
run "$AIRLOCK" trace
expect_status 125
expect_err_line 'the file is missing'
run "$AIRLOCK" trace /nowhere/file
expect_status 125
expect_err_line 'cannot read /nowhere/file'
run "$AIRLOCK" trace /dev/null
expect_status 125
expect_err_line 'holds no trace events'
run $RUN --trace /nowhere/file busybox true
expect_status 125
expect_err_line 'cannot write the trace to /nowhere/file'
finish
