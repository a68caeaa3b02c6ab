#!/bin/sh
# summary: hostile programs that survive see in the guest what they see on Linux
# matrix: cpus pti
# timeout: 120
# quick: yes
#
# Seen to fail: with kernels without FMASK's bits, without the GS base or the vector state in a
# switch, without the range check of user copies, with 64-bit call numbers, and with a top page
# (docs/testing.md).
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_survivors ""
finish
