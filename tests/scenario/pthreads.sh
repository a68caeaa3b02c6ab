#!/bin/sh
# summary: a torture of pthreads, dynamically linked: every kind of lock, cancellation, signals, timers, forks; as on the host
# matrix: cpus+pti
# timeout: 240
# quick: most
#
# The program is in tests/programs/pthreads.
#
# Seen to fail: with a futex wake that forgets the last of those who wait (hangs in the mutexes), and with a robust list that is not
# walked when a process is killed.
. "$(dirname "$0")/common.inc"

title "build"
run gcc -std=gnu11 -O2 -g -Wall -Wextra -Werror -pthread -o "$SCRATCH/pthreads" "$SOURCE"/tests/programs/pthreads/*.c
expect_status 0

rounds=10
[ -n "${QUICK:-}" ] && rounds=3

title "on the host"
run "$SCRATCH/pthreads" -r $rounds
expect_status 0
want=$(cat "$SCRATCH/out")

title "in the guest"
run $RUN -m 512M --timeout 200 "$SCRATCH/pthreads" -r $rounds
expect_status 0
expect_no_err
expect_out "$want"
finish
