/*
 * Loading the program's GS selector. It stands here because it needs SWAPGS, and SWAPGS stands only in .entry.text.
 */
#include "entry/macros.inc"

	.section .entry.text, "ax"

/*
 * void gs_selector_load(u16 selector)
 * In:       DI: a selector that ring 3 may load; GS=kernel, IF=0
 * Out:      GS=kernel; the inactive base is the selector's
 * Clobbers: -
 */
	.balign 16
ENTRY gs_selector_load
	STATE("GS=kernel CR3=kernel IF=0")
	swapgs
	movl %edi, %gs
	/* Some CPUs may still speculate with the program's base. */
	lfence
	swapgs
	ret
	int3
ENDFN gs_selector_load
