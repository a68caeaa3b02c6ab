#!/bin/sh
# summary: signals at full speed against registers, calls, exit, exec and stops
# matrix: cpus pti
# timeout: 200
#
# Not yet seen to fail by a broken kernel; its own first version hung on the host.
. "$(dirname "$0")/../scenario/common.inc"

seconds=${STORM_SECONDS:-20}
[ -n "${QUICK:-}" ] && seconds=3
title "signal storm, $seconds s"
run timeout $((seconds + 100)) $RUN --kernel-arg hz=20000 "$PROGRAMS/signal_storm" $seconds
expect_status 0
expect_no_err
expect_out OK
finish
