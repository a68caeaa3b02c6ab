#!/bin/sh
# summary: memory that is promised is counted and refused as vm.overcommit_memory says; memory bombs are ended one by one, the rest goes on
# matrix: cpus
# timeout: 120
#
# Seen to fail: before areas counted what is promised; the bombs with a kernel that does not look at oom_score_adj.
. "$(dirname "$0")/../scenario/common.inc"

title "vm.overcommit_memory"
run $RUN -m 256M "$PROGRAMS/overcommit"
expect_status 0
expect_out "0 wrong"
expect_no_err

title "four bombs at a time in 64 MiB"
run $RUN -m 64M "$PROGRAMS/bombs"
expect_status 0
expect_out "0 wrong"
finish
