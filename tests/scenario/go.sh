#!/bin/sh
# summary: a Go program with goroutines, channels, timers, a busy collector, signals and children prints what it prints on the host
# matrix: cpus pti
# timeout: 240
#
# Seen to fail: with a sieve whose generator raced with its first filter.
. "$(dirname "$0")/../scenario/common.inc"

command -v go >/dev/null || skip "the host has no go (package golang-go)"

title "build"
export GOCACHE="${GOCACHE:-$SCRATCH/cache}" GOFLAGS=-mod=mod GO111MODULE=off CGO_ENABLED=0
run go build -o "$SCRATCH/everything" "$SOURCE/tests/programs/go/everything.go"
expect_status 0

title "on the host"
run "$SCRATCH/everything"
expect_status 0
# The file that it reads is only in the guest.
want=$(sed 's,^"" open /etc/airlock-test: .*,"hello\\n" <nil>,' "$SCRATCH/out")

title "in the guest"
echo hello >"$SCRATCH/hello"
run $RUN -m 512M -v "$SCRATCH/hello:/etc/airlock-test" "$SCRATCH/everything"
expect_status 0
expect_no_err
expect_out "$want"
finish
