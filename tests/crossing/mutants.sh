#!/bin/sh
# summary: every wrong edit of the crossing is caught
# timeout: 5400
# nightly: yes
#
# Seen to fail: with an edit that changes nothing (a comment), which "survives".
. "$(dirname "$0")/../scenario/common.inc"

title "mutants"
run env B="$BUILD" "$SOURCE/tools/mutants/run"
expect_status 0
cat "$SCRATCH/out"
finish
