#!/bin/sh
# summary: the whole suite on the kernel that finds uses after free, overflows and other wrong addresses
# timeout: 28800
# nightly: yes
#
# Seen to fail: with TESTS that name nothing. That this kernel's reports fail a test is what planted-kasan.sh shows.
. "$(dirname "$0")/variant.inc"

variant kasan
finish
