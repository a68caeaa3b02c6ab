#!/bin/sh
# summary: every header of the kernel compiles alone
# timeout: 120
# quick: yes
#
# Seen to fail: with lib/types.h left out of lib/list.h.
. "$(dirname "$0")/../scenario/static.inc"

check check-headers gcc
finish
