#!/bin/sh
# summary: arguments, environment, working directory and user reach the program byte for byte
# matrix: cpus
# timeout: 60
# quick: most
#
# Seen to fail: with the expected directory /, and with one argument more on the host.
. "$(dirname "$0")/../scenario/common.inc"

tab=$(printf '\t')
newline='
'
bytes=$(printf '\001\033\177\200\377')

# Runs it here and there, with the same environment; the guest's own additions are not compared.
same() {
	title "$1"
	shift
	env -i "$PROGRAMS/show" "$@" | grep -v -e '^cwd' -e '^ids' -e '^env' >"$SCRATCH/host"
	run $RUN "$PROGRAMS/show" "$@"
	expect_status 0
	expect_no_err
	grep -v -e '^cwd' -e '^ids' -e '^env' "$SCRATCH/out" >"$SCRATCH/guest"
	cmp -s "$SCRATCH/host" "$SCRATCH/guest" || {
		fail "$last: the arguments differ"
		diff "$SCRATCH/host" "$SCRATCH/guest" | cut -c1-200 | head -n 10
	}
}

same "none"
same "plain" one two three
same "empty" "" "" x ""
same "blanks" " a  b " "$tab" "$newline" "x=y z"
same "odd bytes" "$bytes" "\\" '"' "'" '$HOME' '*' "%s%n"
same "dashes" -- -m 1 --help -x --
same "UTF-8" "Grüße" "日本語"
long=$(head -c 100000 /dev/zero | tr '\0' 'x')
same "100 kB in one" "$long" after
# shellcheck disable=SC2046
same "5000 of them" $(seq 5000)

title "environment"
export AIRLOCK_TEST_VARIABLE="from the host"
run $RUN -e A=1 -e "B=two words" -e "EMPTY=" -e "ODD=$bytes=$tab" -e AIRLOCK_TEST_VARIABLE \
	-e NOT_SET_ANYWHERE "$PROGRAMS/show"
expect_status 0
for line in 'env A=1' 'env B=two words' 'env EMPTY=' 'env ODD=\x01\x1b\x7f\x80\xff=\x09' \
	'env AIRLOCK_TEST_VARIABLE=from the host'; do
	grep -Fxq -- "$line" "$SCRATCH/out" || { fail "no line '$line'"; show_streams; }
done
grep -q NOT_SET_ANYWHERE "$SCRATCH/out" && fail "a variable that is not set was passed on"
run $RUN "$PROGRAMS/show"
grep -q AIRLOCK_TEST_VARIABLE "$SCRATCH/out" && fail "a variable was passed on unasked"
run $RUN -e A=1 -e A=2 "$PROGRAMS/show"
[ "$(grep -c '^env A=' "$SCRATCH/out")" -eq 1 ] && grep -qx 'env A=2' "$SCRATCH/out" ||
	{ fail "the last of two values does not win"; show_streams; }
run $RUN -e "LONG=$long" "$PROGRAMS/show"
expect_status 0
[ "$(grep '^env LONG=' "$SCRATCH/out" | wc -c)" -eq 100010 ] || fail "a long variable was cut"

title "working directory"
run $RUN "$PROGRAMS/show"
grep -qx 'cwd /' "$SCRATCH/out" || { fail "the default is not /"; show_streams; }
run $RUN -w /tmp "$PROGRAMS/show"
expect_status 0
grep -qx 'cwd /tmp' "$SCRATCH/out" || { fail "-w /tmp"; show_streams; }
# As with docker run, one that is not there is made.
run $RUN -w /no/such/directory "$PROGRAMS/show"
expect_status 0
grep -qx 'cwd /no/such/directory' "$SCRATCH/out" || { fail "-w of a new directory"; show_streams; }
run $RUN -w relative "$PROGRAMS/show"
expect_status 125
expect_err_line 'absolute path'

title "user"
run $RUN "$PROGRAMS/show"
grep -qx 'ids 0 0 0 0' "$SCRATCH/out" || { fail "the default is not 0"; show_streams; }
run $RUN -u 1000 "$PROGRAMS/show"
grep -Eqx 'ids 1000 1000 (0 0|1000 1000)' "$SCRATCH/out" || { fail "-u 1000"; show_streams; }
run $RUN -u 1000:2000 "$PROGRAMS/show"
grep -qx 'ids 1000 1000 2000 2000' "$SCRATCH/out" || { fail "-u 1000:2000"; show_streams; }
finish
