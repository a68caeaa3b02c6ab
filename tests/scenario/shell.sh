#!/bin/sh
# summary: airlock shell at a terminal: commands, Ctrl-C, Ctrl-Z and fg, editing, the window's size, leaving, and the terminal as it was
# matrix: cpus
# timeout: 180
#
# Seen to fail: before the first program had a session of its own.
. "$(dirname "$0")/../scenario/common.inc"

command -v python3 >/dev/null || skip "the host has no python3"
command -v busybox >/dev/null || skip "the host has no busybox"

title "at a terminal"
run python3 "$SOURCE/tests/scenario/shell.py" "$AIRLOCK" shell --cpus "$CPUS" --pti "$PTI" --strict
expect_status 0
finish
