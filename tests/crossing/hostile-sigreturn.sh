#!/bin/sh
# summary: rt_sigreturn with forged frames ends as on Linux
# matrix: cpus pti
# timeout: 240
#
# Seen to fail: before sigreturn.header.compact was listed in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'sigreturn.*'
finish
