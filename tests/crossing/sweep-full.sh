#!/bin/sh
# summary: NMI, #MC, #DB and timer interrupts at every instruction of the crossing
# matrix: cpus pti
# timeout: 1200
# nightly: yes
#
# Seen to fail: sweep-mutants keeps how.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/sweep.inc"

sweep_expect_good 200 20 120
finish
