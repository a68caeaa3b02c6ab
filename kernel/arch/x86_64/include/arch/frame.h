/*
 * The saved registers of an interrupted or calling context, as the entry code lays them on the stack. The
 * hardware pushes from rip up; the entry code the rest. For a system call, vector is VECTOR_SYSCALL and
 * error is the call's number (what Linux calls orig_rax; its low half counts), for other doors error is the CPU's error
 * code or 0.
 */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#include "lib/types.h"

#define VECTOR_SYSCALL 0x100
#define VECTOR_FIRST_RETURN 0x101

struct trap_frame {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	u64 vector;
	union {
		u64 error;
		struct {
			u32 call_number;
			u32 call_stamp; /* of a call: the recorder's, trace/ring.h */
		};
	};
	u64 rip, cs, rflags, rsp, ss;
};

/* Only the low 16 bits of the saved selector count; newer CPUs use the rest (hazard I5). */
static inline bool frame_from_user(const struct trap_frame *f)
{
	return (f->cs & 3) == 3;
}

#endif
