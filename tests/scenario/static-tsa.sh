#!/bin/sh
# summary: clang's warnings, and its analysis of who holds which lock
# timeout: 300
# quick: most
#
# Seen to fail: with a field guarded by a lock read outside it.
. "$(dirname "$0")/../scenario/static.inc"

check tsa clang-22
finish
