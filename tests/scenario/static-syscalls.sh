#!/bin/sh
# summary: docs/syscalls.md is what the system-call table and the ABI programs say today; every built call has such a program
# timeout: 20
# quick: yes
#
# Seen to fail: with a call moved from one list of the page to the other; before tests/abi/fs_kin.c.
cd "$(dirname "$0")/../.." || exit 1
if tools/syscall-table | grep '| none |$'; then
	echo "no program in tests/abi makes these calls"
	exit 1
fi
tools/syscall-table | diff docs/syscalls.md - && exit 0
echo "make it anew: tools/syscall-table > docs/syscalls.md"
exit 1
