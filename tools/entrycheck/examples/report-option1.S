/*
 * The report's option 1: CLI before the trace function.
 */
#include "report.inc"

	.section .entry.text, "ax"
	.globl timer_entry
	.type timer_entry, @function
timer_entry:
	TIMER_FRONT
	MARK 'Z'
	cli
	swapgs
	call trace_iretq_to_ring3
	swapgs
	MARK 'Q'
	CONSUME
	RESTORE
	iretq
	.size timer_entry, . - timer_entry

/* System calls, so that there is kernel code for the timer to interrupt. */
	.globl call_entry
	.type call_entry, @function
call_entry:
	swapgs
	SAVE
	cld
	call syscall_handler
	RESTORE
	swapgs
	iretq
	.size call_entry, . - call_entry
