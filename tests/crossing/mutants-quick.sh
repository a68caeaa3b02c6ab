#!/bin/sh
# summary: the report's bug, put back both ways, an STI and a sleeping lock where IF is 0, and other wrong edits are caught by airlock check
# timeout: 400
#
# Seen to fail: with an edit that changes nothing (a comment), which "survives".
. "$(dirname "$0")/../scenario/common.inc"

title "mutants"
run env B="$BUILD" "$SOURCE/tools/mutants/run" --check-only report-window report-hole exit-sysret-unguarded \
	paranoid-cr3-not-restored c-exit-work-leaves-on c-debug-enables c-debug-sleeping-lock c-timer-enables \
	c-timer-sleeping-lock ptrace-frame-unsanitized
expect_status 0
grep -c '| check |' "$SCRATCH/out" | grep -qx 10 || {
	fail "not all ten were caught"
	show_streams
}
finish
