#!/bin/sh
# summary: 16 programs check all registers and memory under a 20 kHz timer on 2 CPUs
# matrix: pti
# timeout: 200
# quick: yes
#
# Half of them are storm_a, half storm_b: linked at the same address, with other contents. Each
# checks for 30 s (3 s with --quick and --most) and says "ok"; a difference, or a death, is a missing line.
#
# Seen to fail: with kernels that do not restore the GS base, the FS base or the vector state
# on a switch, that use SYSRET for every return, or that do not change the root
# (docs/testing.md).
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"

seconds=${STORM_SECONDS:-30}
[ -n "${QUICK:-}" ] && seconds=3
i=0
while [ $i -lt 8 ]; do
	together_add 1 0 storm_a $((SEED + i)) $seconds
	together_add 1 0 storm_b $((SEED + i)) $seconds
	i=$((i + 1))
done

title "storm, $seconds s, seed $SEED"
together_run --cpus 2 --kernel-arg hz=20000
expect_status 0
expect_no_err
[ "$(grep -c '^storm [ab] seed [0-9]*: ok [1-9][0-9]* rounds$' "$SCRATCH/out")" -eq 16 ] || {
	fail "not all of the 16 said ok"
	show_streams
}
awk '{ n += $6 } END { print n " rounds" }' "$SCRATCH/out"
finish
