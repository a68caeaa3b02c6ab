#!/bin/sh
# summary: airlock check without its summaries, three contexts interrupting each other, agrees with itself
# timeout: 600
# quick: yes
#
# In the quick part two deep, which takes seconds.
#
# Seen to fail: with a summarised exploration that forgot #MC inside an NMI handler.
. "$(dirname "$0")/../scenario/common.inc"

depth=3
[ -z "${QUICK:-}" ] || depth=2
title "$depth deep"
run "$AIRLOCK" check --plain "$depth" "$BUILD/kernel-release/airlock.elf"
expect_status 0
[ "$(grep -c "plain: .* $depth open at once; .* no others" "$SCRATCH/out")" -eq 2 ] || fail "not both modes"
cat "$SCRATCH/out"
finish
