#!/bin/sh
# summary: a static musl program, its arguments and status
# matrix: cpus pti
# timeout: 30
# quick: yes
#
# Seen to fail: with 5 expected as the status.
. "$(dirname "$0")/../scenario/common.inc"

title "musl"
run $RUN "$PROGRAMS/hello_musl"
expect_status 0
expect_out "hello from musl, 0 arguments, mm"
run $RUN "$PROGRAMS/hello_musl" 4
expect_status 4
expect_out "hello from musl, 1 argument, mm"
expect_no_err
finish
