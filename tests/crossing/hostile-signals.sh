#!/bin/sh
# summary: a program that ends itself by a signal or a status ends as on Linux
# matrix: cpus pti
# timeout: 120
#
# Seen to fail: with 1 given for exit.100 in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'kill.*' 'tgkill.*' abort 'exit.*' 'exit_group.*'
finish
