/*
 * Contracts of the C functions that the assembly of the crossing calls, and of those that write to frames.
 *
 * A contract becomes a string in a section of the ELF that is not loaded; `airlock check` assumes it where
 * the assembly calls the function and holds the compiled function (with all it calls) against it. Clauses, separated
 * by semicolons:
 *   in K=V ...      what must hold at the call (the keys of STATE, and DF, AC)
 *   out K=V ...     what holds at return beyond that; everything not named is as it was at the call
 *   irq             interrupts may be enabled meanwhile
 *   switch          another thread may run meanwhile: bases, roots and per-CPU words are then this thread's again
 *   frame           the saved registers may be changed (they were the program's; they stay sanitized)
 *   fixup           only the saved rip may be changed
 *   writes W ...    the words of struct cpu's first page that may be written
 *   stores W ...    the words that are always written, with another value than the one ring 3 leaves with
 *   touches R ...   regions of memory: kernel, user (through user copies), entry
 *   result NAME     what EAX means: sysret; to_thread V (true for vector V from ring 3 only)
 *   dies STACK      does not return if it interrupted a handler that runs on STACK
 *   never STACK     does not return to the handler on STACK at all
 *   error           the frame's error slot may be written
 *   indirect        its call tree may hold indirect calls
 *   restores        IF is 0 throughout, but irq_save() and irq_restore() may be used
 *   roots           CR3 may be loaded
 *   keeps-sane P    the frame at P, a sane one at the call (what frame_sanitize() makes), is one at the return
 *   makes-sane P    whatever it was, it is one at the return, unless the result is an error. P: rdi, or rdi[8]-176 for
 *                   "176 below where the word at rdi + 8 points"
 *   work            leaves a bit in the thread's work word for which the exit work makes the frame sane: who has called it
 *                   may leave the frame as it is
 *   noreturn
 */
#ifndef ENTRY_CONTRACT_H
#define ENTRY_CONTRACT_H

#define CONTRACT(function, text)                                \
	__asm__(".pushsection .note.airlock.contract, \"\"\n\t" \
		".asciz \"" #function "\"\n\t"                  \
		".asciz \"" text "\"\n\t"                       \
		".popsection")

#endif
