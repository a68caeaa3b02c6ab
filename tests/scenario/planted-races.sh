#!/bin/sh
# summary: schedule fuzzing finds each planted race, and its seed finds it again; without fuzzing it is never seen
# timeout: 200
# quick: no
#
# Its control are the same programs without fuzzing, which must not find them.
. "$(dirname "$0")/../scenario/common.inc"

# How many seeds are tried. By hand, seeds 1 to 5 found 14 of 15.
SEEDS=20
kernel=$BUILD/kernel-debug/airlock.elf
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

# commit NAME SEED: the planted bug under the seed; 0: without fuzzing. The report, if any, is in $SCRATCH/report.
commit() {
	run_with /dev/null "$AIRLOCK" run --icount --timeout 60 --kernel "$kernel" --log-level info --kernel-arg test=none \
		--kernel-arg "planted=$1" --kernel-arg "schedfuzz=$2"
	cat "$SCRATCH/out" "$SCRATCH/err" | sed -n '/airlock-fatal/,/spinlocks held/p' >"$SCRATCH/report"
	[ -s "$SCRATCH/report" ]
}

# race NAME TEXT: some seed reports TEXT, names itself, and does it again.
race() {
	title "$1: not seen without fuzzing"
	commit "$1" 0 && fail "the race was seen without fuzzing: the test shows nothing"
	grep -q "$1" "$SCRATCH/out" || fail "the planted bug was not run"
	title "$1: found by a seed, twice alike"
	seed=1
	until commit "$1" $seed || [ $seed = $SEEDS ]; do
		seed=$((seed + 1))
	done
	grep -q "airlock-fatal: .*$2.*; schedfuzz=$seed\b" "$SCRATCH/report" || {
		fail "none of $SEEDS seeds reports '$2'"
		show_streams
		return
	}
	cp "$SCRATCH/report" "$SCRATCH/first"
	commit "$1" $seed
	cmp -s "$SCRATCH/first" "$SCRATCH/report" || fail "seed $seed does not do the same again"
}

race race_lost_wakeup 'planted_races.c.*wait_for_flag'
race race_check_then_act 'planted_races.c.*owners <= 1'
race race_missing_reference '#GP in the kernel at use'
finish
