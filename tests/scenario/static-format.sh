#!/bin/sh
# summary: every source is formatted, and nothing is left to do later
# timeout: 120
# quick: yes
#
# Seen to fail: with two blank lines in a row, and with a comment that begins with XXX.
. "$(dirname "$0")/../scenario/static.inc"

check check-format clang-format
finish
