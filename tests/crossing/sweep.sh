#!/bin/sh
# summary: NMI, #MC, #DB and timer interrupts at a sample of the crossing's instructions
# matrix: cpus pti
# timeout: 300
# quick: most
#
# The seed chooses which pairs of instruction and event, so that runs add up; sweep-full does them all.
#
# Seen to fail: sweep-mutants keeps how.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/sweep.inc"

SHARE=16
[ -n "${QUICK:-}" ] && SHARE=60
sweep_expect_good 100 15 60 --sample $SHARE --seed "$SEED"
finish
