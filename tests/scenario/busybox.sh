#!/bin/sh
# summary: Debian's static busybox: echo, uname, false, sh, cat, and a name that is not there
# matrix: cpus pti
# timeout: 60
# quick: yes
#
# Seen to fail: with "hullo" as the expected word, and with 8 expected from exit 7.
. "$(dirname "$0")/../scenario/common.inc"
command -v busybox >/dev/null || skip "busybox is not installed"

title "echo"
run $RUN busybox echo hello
expect_status 0
expect_out hello
expect_no_err

title "uname"
run $RUN busybox uname -a
expect_status 0
grep -Eq '^Linux [^ ]+ 6\.1\.[^ ]*-airlock .* x86_64 GNU/Linux$' "$SCRATCH/out" ||
	{ fail "uname -a"; show_streams; }
expect_no_err

title "true and false"
run $RUN busybox true
expect_status 0
run $RUN busybox false
expect_status 1
expect_no_err

title "sh -c 'exit 7'"
run $RUN busybox sh -c 'exit 7'
expect_status 7
expect_no_err

title "shell arithmetic, loops and functions"
run $RUN busybox sh -c \
	'f() { echo $(($1 * 2)); }; for i in 1 2 3; do f $i; done; test -d / && exit 3'
expect_status 3
expect_out "2
4
6"

title "nosuch"
run $RUN nosuch
expect_status 127
expect_err_line 'nosuch'

title "an applet that is not there"
run $RUN busybox nosuchapplet
expect_status 127
expect_err_line 'applet not found'
finish
