#!/bin/sh
# summary: airlock check finds the report's window, its hole, and what is wrong with its options
# timeout: 30
# quick: yes
#
# Seen to fail: with the STI of report-original left out, and with the heap mapped in report-hole.
. "$(dirname "$0")/../scenario/common.inc"

# example NAME TEXT: exits with 1 and prints a violation with that text.
example()
{
	title "$1"
	run "$AIRLOCK" check --example "$1"
	expect_status 1
	grep -q "^VIOLATION: .*$2" "$SCRATCH/out" || {
		fail "no violation: $2"
		show_streams
	}
}
example report-original 'the interrupted kernel code goes on in root process, it ran in old'
example report-hole 'trace_iretq_to_ring3: heap is not mapped in root old'
example report-option1 "memory is reached through GS while the base is the program's"
example report-option2 'trace_iretq_to_ring3: heap is not mapped in root process'
example sysret-2012 'SYSRET without the verdict'
finish
