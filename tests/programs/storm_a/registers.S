/*
 * storm_spin, storm_call: load all registers from storm_in, loop or call, store them to
 * storm_out.  Everything is addressed by RIP, so no register is needed for it, RSP included.
 * Layout: struct registers in storm.inc.
 */
#define IN storm_in
#define OUT storm_out
#define real_rsp storm_real_rsp
#define real_fs storm_real_fs
#define real_gs storm_real_gs
#define FS_AT 128
#define GS_AT 136
#define YMM_AT 144
#define MXCSR_AT 656
#define CONTROL_AT 660
#include "../registers.inc"

	.text
	.globl storm_spin
storm_spin:
	REGISTERS_KEEP_OWN
	REGISTERS_LOAD
1:	decq storm_count(%rip)
	jnz 1b
	REGISTERS_STORE
	REGISTERS_RETURN

	.globl storm_call
storm_call:
	REGISTERS_KEEP_OWN
	REGISTERS_LOAD
	syscall
	REGISTERS_STORE
	REGISTERS_RETURN

	.section .note.GNU-stack, "", @progbits
