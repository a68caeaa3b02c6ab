#!/bin/sh
# summary: memory that is not the program's, and state that the processor refuses, end as on Linux
# matrix: cpus pti
# timeout: 240
#
# Seen to fail: with 135 given for memory.null.read in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'memory.*' 'top.*' 'fpu.*'
finish
