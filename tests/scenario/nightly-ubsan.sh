#!/bin/sh
# summary: the whole suite on the kernel that finds operations without a meaning in C
# timeout: 28800
# nightly: yes
#
# Seen to fail: with TESTS that name nothing. That this kernel's reports fail a test is what planted-ubsan.sh shows.
. "$(dirname "$0")/variant.inc"

variant ubsan
finish
