#!/bin/sh
# summary: a choice of hostile programs that die: one of each kind
# matrix: cpus pti
# timeout: 60
# quick: yes
#
# Seen to fail: with 133 given for priv.cli in hostile.differences.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"
. "$SOURCE/tests/crossing/hostile.inc"

hostile_deaths rsp.cpu-area.int3 rsp.hole.read0 flags.nt.int3 base.cpu-area.int1 \
	base.kernel-text.read0 priv.cli port.out8.exit trap.ud2 tf.syscall selector.ss.0x00 \
	iret.kernel-cs iret.hole jump.hole top.syscall int.08 int.0e int.80 fpu.xrstor.xcomp_bv \
	memory.kernel-text.write memory.stack.overflow
finish
