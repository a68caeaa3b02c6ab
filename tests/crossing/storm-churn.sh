#!/bin/sh
# summary: the same while programs are created and killed all the time
# matrix: pti
# timeout: 200
# quick: yes
#
# Eight workers check as in storm.sh. Meanwhile eight others are started, live for some
# milliseconds and end or are killed, by a program that kills whatever it may (the workers
# belong to another user). Frames, stacks and tables of the dead are reused at once, at the
# same addresses.
#
# Seen to fail: with a kernel that does not clear new pages.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/together.inc"

seconds=${STORM_SECONDS:-30}
[ -n "${QUICK:-}" ] && seconds=3
i=0
while [ $i -lt 4 ]; do
	together_add 1 0 storm_a $((SEED + i)) $seconds
	together_add 1 0 storm_b $((SEED + i)) $seconds
	together_add $((seconds * 3)) 1000 storm_a $((SEED + 100 + i)) 0.05
	together_add $((seconds * 3)) 1000 storm_b $((SEED + 100 + i)) 0.05
	i=$((i + 1))
done
together_add 1 1000 assassin "$SEED" "$seconds"

title "churn, $seconds s, seed $SEED"
together_run --cpus 2 --kernel-arg hz=20000
expect_status 0
expect_no_err
grep -v ': ok [0-9]* rounds$' "$SCRATCH/out" | grep -v '^assassin: done$' >"$SCRATCH/wrong"
[ ! -s "$SCRATCH/wrong" ] || {
	fail "$(head -n 5 "$SCRATCH/wrong")"
}
i=0
while [ $i -lt 4 ]; do
	for variant in a b; do
		grep -Eq "^storm $variant seed $((SEED + i)): ok" "$SCRATCH/out" ||
			fail "storm_$variant with seed $((SEED + i)) said nothing"
	done
	i=$((i + 1))
done
grep -qx 'assassin: done' "$SCRATCH/out" || fail "the assassin found nobody"
finish
