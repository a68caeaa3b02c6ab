#!/bin/sh
# summary: 10 MB go through standard input and output unchanged
# matrix: cpus pti
# timeout: 60
# quick: yes
#
# Seen to fail: with one byte appended to the copy that is compared.
. "$(dirname "$0")/../scenario/common.inc"
command -v busybox >/dev/null || skip "busybox is not installed"

# Numbers from a generator with a seed, so that a failure can be had again.
bytes() {
	openssl enc -aes-128-ctr -nosalt -pass "pass:$SEED" -pbkdf2 </dev/zero 2>/dev/null | head -c "$1"
}

bytes 10000000 >"$SCRATCH/data"
[ "$(wc -c <"$SCRATCH/data")" -eq 10000000 ] ||
	head -c 10000000 /dev/urandom >"$SCRATCH/data"
want=$(sha256sum <"$SCRATCH/data")

for how in file pipe slow; do
	title "cat from a $how"
	status=0
	# shellcheck disable=SC2002
	case $how in
	file) $RUN busybox cat <"$SCRATCH/data" >"$SCRATCH/copy" 2>"$SCRATCH/err" || status=$? ;;
	pipe)
		cat "$SCRATCH/data" | $RUN busybox cat 2>"$SCRATCH/err" |
			dd bs=777 of="$SCRATCH/copy" 2>/dev/null
		;;
	slow)
		{
			head -c 70001 "$SCRATCH/data"
			# What came first has gone through.
			until [ "$(wc -c <"$SCRATCH/copy")" -eq 70001 ]; do sleep 0.05; done
			tail -c +70002 "$SCRATCH/data"
		} | $RUN busybox cat >"$SCRATCH/copy" 2>"$SCRATCH/err" || status=$?
		;;
	esac
	: >"$SCRATCH/out"
	expect_status 0
	expect_no_err
	[ "$(sha256sum <"$SCRATCH/copy")" = "$want" ] ||
		fail "$how: $(wc -c <"$SCRATCH/copy") bytes came out, and they are not the same"
done

title "the program's own sum"
run_with "$SCRATCH/data" $RUN busybox sha256sum
expect_status 0
[ "$(cut -d' ' -f1 "$SCRATCH/out")" = "${want%% *}" ] || fail "sha256sum in the guest differs"
finish
