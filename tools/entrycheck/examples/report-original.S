/*
 * The path of the report: the trace function runs, with interrupts on, between the handler that sets next_cr3 and the code
 * that consumes it.
 */
#include "report.inc"

	.section .entry.text, "ax"
	.globl timer_entry
	.type timer_entry, @function
timer_entry:
	TIMER_FRONT
	MARK 'Z'
	swapgs
	sti
	call trace_iretq_to_ring3
	cli
	swapgs
	MARK 'Q'
	CONSUME
	RESTORE
	iretq
	.size timer_entry, . - timer_entry
