/*
 * The report's path without the window: interrupts are off throughout. What is left is the other explanation: the timer
 * arrives in ring 3, on the process's page table, and the handler runs on it.
 */
#include "report.inc"

	.section .entry.text, "ax"
	.globl timer_entry
	.type timer_entry, @function
timer_entry:
	TIMER_FRONT
	MARK 'Z'
	swapgs
	call trace_iretq_to_ring3
	swapgs
	MARK 'Q'
	CONSUME
	RESTORE
	iretq
	.size timer_entry, . - timer_entry
