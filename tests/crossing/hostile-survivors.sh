#!/bin/sh
# summary: hostile programs that survive see in the guest what they see on Linux
# matrix: cpus pti
# timeout: 120
# quick: yes
#
# Seen to fail: with base.agree's second value changed for the guest alone (hostile.differences has no
# entry for survivors: there is no difference that is allowed).
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_survivors ""
finish
