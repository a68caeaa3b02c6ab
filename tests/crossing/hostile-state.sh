#!/bin/sh
# summary: a bad RSP, odd flags, or bases inside the kernel at each fatal exception end as on Linux
# matrix: cpus pti
# timeout: 240
#
# Seen to fail: with 139 given for rsp.null.int3 in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'rsp.*' 'flags.*' 'base.*'
finish
