#!/bin/sh
# summary: privileged instructions, ports, traps, selectors, far transfers and IRET end as on Linux
# matrix: cpus pti
# timeout: 240
#
# Seen to fail: without the entries of UMIP in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths 'priv.*' 'umip.*' 'port.*' 'trap.*' 'tf.*' 'selector.*' 'iret.*' 'lret.*' 'ljmp.*' \
	'lcall.*' 'jump.*' 'ret.*'
finish
