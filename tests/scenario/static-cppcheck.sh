#!/bin/sh
# summary: cppcheck finds nothing
# timeout: 300
# quick: most
#
# Seen to fail: with an array indexed by its size.
. "$(dirname "$0")/../scenario/static.inc"

check cppcheck cppcheck
finish
