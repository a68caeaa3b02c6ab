#!/bin/sh
# summary: clang-tidy finds nothing
# timeout: 900
# quick: no
#
# Seen to fail: with memset(p, 0, sizeof(p)), and with a function that calls itself.
. "$(dirname "$0")/../scenario/static.inc"

check tidy clang-tidy
finish
