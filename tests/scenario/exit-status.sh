#!/bin/sh
# summary: the program's exit status comes back, whatever it is
# matrix: cpus pti
# timeout: 60
# quick: yes
#
# Seen to fail: with the expectation for 256 set to 1 (the kernel keeps the low byte only).
. "$(dirname "$0")/../scenario/common.inc"

for pair in 0:0 1:1 2:2 42:42 124:124 125:125 126:126 127:127 128:128 137:137 139:139 255:255 \
	256:0 257:1 -1:255; do
	title "exit ${pair%:*}"
	run $RUN -e SHOW_STATUS="${pair%:*}" "$PROGRAMS/show"
	expect_status "${pair#*:}"
	expect_no_err
done
finish
