#!/bin/sh
# summary: `int n` for all 256 n ends as on Linux
# matrix: pti
# timeout: 240
#
# Seen to fail: without the entry of int.80 in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'int.*'
finish
