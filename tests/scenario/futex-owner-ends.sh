#!/bin/sh
# summary: who has set FUTEX_WAITERS gets the futex, also when its owner ends at that very moment
# matrix: cpus
# timeout: 120
# quick: most
#
# No ABI test, because Linux itself gives ESRCH when the owner ends between the two (and leaves the bit in the word of a
# dead owner for ever).
#
# Seen to fail: with the bit set before the owner is tied to the futex (one round in ten to a hundred, on two CPUs).
. "$(dirname "$0")/common.inc"

title "300 owners end as soon as they see the bit"
run $RUN "$PROGRAMS/pi_owner_ends" 300
expect_status 0
expect_out "0 lost"
finish
