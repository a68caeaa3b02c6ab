#!/bin/sh
# summary: docs/syscalls.md is what the system-call table says today
# timeout: 20
# quick: yes
#
# Seen to fail: with a call moved from one list of the page to the other.
cd "$(dirname "$0")/../.." || exit 1
tools/syscall-table | diff docs/syscalls.md - && exit 0
echo "make it anew: tools/syscall-table > docs/syscalls.md"
exit 1
