#!/bin/sh
# summary: the undefined-behaviour sanitizer reports each planted operation without a meaning, with its line
# timeout: 600
# quick: no
#
# Seen to fail: on the debug kernel, which notices none but the division.
. "$(dirname "$0")/../scenario/common.inc"
. "$(dirname "$0")/../scenario/planted.inc"

planted ubsan shift_too_far 'a shift of 1 .* by 33'
planted ubsan index_out_of_bounds "index 7 is outside 'u32 \[7\]'"
planted ubsan division_by_zero '5 / 0 does not fit'
planted ubsan bool_that_is_two '2 is no value of'
planted ubsan unreachable_reached "can't be reached was reached"
finish
