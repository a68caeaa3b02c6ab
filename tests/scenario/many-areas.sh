#!/bin/sh
# summary: as many areas as a program may have, as on the host
# matrix: cpus pti
# timeout: 60
#
# Seen to fail: when the limit counted a hole's two cuts but not the area that goes; and, with two CPUs one time in four, when the
# frames of start-up's code were given away as they were (kernel_map_seal()).
. "$(dirname "$0")/../scenario/common.inc"

title "many areas"
run "$PROGRAMS/many_areas"
expect_status 0
want=$(cat "$SCRATCH/out")
run $RUN "$PROGRAMS/many_areas"
expect_status 0
expect_out "$want"
finish
