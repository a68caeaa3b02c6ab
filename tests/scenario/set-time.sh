#!/bin/sh
# summary: setting the time of day ends sleeps, futex waits and timers that name a time, and the vDSO follows
# matrix: cpus
# timeout: 60
# quick: yes
#
# Seen to fail: with clock_wait_set_realtime() that wakes nobody (the time limit), with vdso_update() left out of
# clock_set_realtime_ns() ("wrong"); with timers that nobody tells; with all timers for the time of day on its clock, also those
# for a time from now; with timerfds that are not told of the clock (ECANCELED).
. "$(dirname "$0")/common.inc"

title "the clock is set back, ahead, and past the time that four threads wait for"
run $RUN "$PROGRAMS/set_time"
expect_status 0
expect_out "time set"

title "and to and fro while timers are armed"
run $RUN "$PROGRAMS/set_time_timers"
expect_status 0
expect_out "timers follow"
finish
