#!/bin/sh
# summary: a program that a signal ends gives 128 + N and exactly one line on standard error
# matrix: cpus pti
# timeout: 60
# quick: yes
#
# Seen to fail: with SIGFPE expected for UD2, and with 138 for the write to 0.
. "$(dirname "$0")/../scenario/common.inc"

title "a write to address 0"
run $RUN "$PROGRAMS/null_write"
expect_status 139
expect_out ""
expect_err_line 'null_write was ended by SIGSEGV at address (0x)?0 \(ip 0x[0-9a-f]+\)'

for pair in 1:SIGHUP 3:SIGQUIT 4:SIGILL 6:SIGABRT 8:SIGFPE 9:SIGKILL 10:SIGUSR1 15:SIGTERM; do
	title "kill ${pair%:*}"
	run $RUN "$PROGRAMS/hostile" "kill.${pair%:*}"
	expect_status $((128 + ${pair%:*}))
	expect_out going
	expect_err_line "was ended by ${pair#*:}"
done

title "ud2"
run $RUN "$PROGRAMS/hostile" trap.ud2
expect_status 132
expect_err_line 'was ended by SIGILL'

title "division by zero"
run $RUN "$PROGRAMS/hostile" trap.div0
expect_status 136
expect_err_line 'was ended by SIGFPE'

# Nothing to say about these two: they are what the user, or the pipeline, wanted.
for number in 2 13; do
	title "kill $number"
	run $RUN "$PROGRAMS/hostile" "kill.$number"
	expect_status $((128 + number))
	expect_no_err
done
finish
