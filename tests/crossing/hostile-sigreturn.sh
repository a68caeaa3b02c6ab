#!/bin/sh
# summary: rt_sigreturn with forged frames ends as on Linux
# matrix: cpus pti
# timeout: 240
#
# Seen to fail: with check_entry() left out of arch_signal_return(), which makes every bad selector
# one that survives; with the header not checked, under an emulation that does not, too.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'sigreturn.*'
finish
