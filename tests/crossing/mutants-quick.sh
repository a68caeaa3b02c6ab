#!/bin/sh
# summary: the report's bug, put back both ways, and a few other wrong edits are caught by airlock check
# timeout: 200
#
# Seen to fail: with an edit that changes nothing (a comment), which "survives".
. "$(dirname "$0")/../scenario/common.inc"

title "mutants"
run env B="$BUILD" "$SOURCE/tools/mutants/run" --check-only report-window report-hole exit-sysret-unguarded \
	paranoid-cr3-not-restored c-exit-work-leaves-on
expect_status 0
grep -c '| check |' "$SCRATCH/out" | grep -qx 5 || {
	fail "not all five were caught"
	show_streams
}
finish
