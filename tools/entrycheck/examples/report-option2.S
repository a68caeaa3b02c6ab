/*
 * The report's option 2: the root is loaded before the trace function, which then runs on the process's table.
 */
#include "report.inc"

	.section .entry.text, "ax"
	.globl timer_entry
	.type timer_entry, @function
timer_entry:
	TIMER_FRONT
	movq %gs:64, %rax
	testq %rax, %rax
	jz 4f
	cli
	movq %rax, %cr3
	movq $0, %gs:64
4:	swapgs
	call trace_iretq_to_ring3
	swapgs
	RESTORE
	iretq
	.size timer_entry, . - timer_entry
