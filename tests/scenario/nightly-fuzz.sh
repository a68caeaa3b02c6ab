#!/bin/sh
# summary: 25 seeds of schedule fuzzing over processes, pipes, futexes, signals, tracing and the kernel's own tests (so 100 with all variants)
# matrix: cpus pti
# timeout: 28800
# nightly: yes
#
# The seeds begin at the run's own (--seed); SEEDS says how many, TESTS which tests. One processor runs under icount, so there a seed that
# fails does so again, and the command that repeats it is printed with any failure.
#
# Seen to fail: with TESTS that name nothing. That seeds find what a plain run does not is what planted-races.sh shows.
. "$(dirname "$0")/common.inc"

[ -f "$BUILD/kernel-debug/airlock.elf" ] || skip "the debug kernel is not built: make kernel-debug"

# ptrace_races has a test of its own for what it is about.
set -f
TESTS=${TESTS:-'abi/proc* abi/ipc* abi/futex* abi/signal* abi/ptrace_[!r]* abi/ptrace_re* guest/*'}
names=
for name in $TESTS; do
	names="$names $name[[]cpus=${CPUS},pti=${PTI}[]]"
done

last=$((SEED + ${SEEDS:-25} - 1))
for seed in $(seq "$SEED" "$last"); do
	# shellcheck disable=SC2086
	"$AIRLOCK" test --fuzz --seed "$seed" -j "${JOBS:-2}" $names >"$SCRATCH/out" || { cat "$SCRATCH/out"; fail "seed $seed"; }
	echo "seed $seed: $(tail -n 1 "$SCRATCH/out")"
done
finish
