#!/bin/sh
# summary: 200 MB in a 256 MB VM; the same in 64 MB is ended by status 137 and one line
# matrix: cpus pti
# timeout: 120
#
# Seen to fail: with 128M instead of 256M, and with a kernel that refuses the promise (status 1).
. "$(dirname "$0")/../scenario/common.inc"

title "200 MiB in 256 MiB"
run $RUN -m 256M "$PROGRAMS/alloc" 200 "$SEED"
expect_status 0
expect_out "200 MiB allocated, filled and checked"
expect_no_err

title "200 MiB in 64 MiB"
run $RUN -m 64M "$PROGRAMS/alloc" 200 "$SEED"
expect_status 137
expect_out ""
expect_err_line 'memory of the VM'

title "20 MiB in 64 MiB"
run $RUN -m 64M "$PROGRAMS/alloc" 20 "$SEED"
expect_status 0
expect_no_err

title "hello in 16 MiB"
run $RUN -m 16M "$PROGRAMS/hello_musl"
expect_status 0
expect_no_err
finish
