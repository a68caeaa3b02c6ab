#!/bin/sh
# summary: airlock check finds the report's window and hole, what is wrong with its options, and mistakes in classic entry code
# timeout: 30
# quick: yes
#
# Seen to fail: with the STI of report-original left out, with the heap mapped in report-hole, and with `positive-gs` left out of classic.
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
example classic-trust-cs "exc_nmi is called with the program's GS base"
example classic-fsgsbase "exc_nmi is called with the program's GS base"
example classic-saved-in-cpu 'saved_cr3 was root user when interrupted and is now root kernel'
example classic-nmi-fault 'this IRET ends the blocking of NMIs while an NMI handler is interrupted'
example classic-no-bad-iret "exc_protection is called with the program's GS base"
example classic-swapgs-early "memory is reached through GS while the base is the program's"

title "classic, without a mistake"
run "$AIRLOCK" check --example classic
expect_status 0
grep -q '^0 violations$' "$SCRATCH/out" || {
	fail "violations in what is right"
	show_streams
}
finish
