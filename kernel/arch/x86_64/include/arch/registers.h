/*
 * A stopped thread's registers, as its tracer sees and sets them.
 *
 * All of these are for a parked thread (arch_thread_park()), by whoever holds it so. What is set goes
 * through the checks of every other way to ring 3: flags through the mask that sigreturn's go through,
 * selectors only to what the program could load itself, bases below USER_END; RIP is made safe by
 * frame_sanitize() at the end of the exit work, which follows each stop (hazard X7).
 *
 * The order of the words is struct pt_regs' of <asm/ptrace.h>; behind SS come those that it lacks.
 */
#ifndef ARCH_REGISTERS_H
#define ARCH_REGISTERS_H

#include <asm/ptrace.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct arch_thread;

#define REGISTER(name) (offsetof(struct pt_regs, name) / sizeof(u64))

enum {
	REGISTER_RAX = REGISTER(rax),
	REGISTER_ORIG_RAX = REGISTER(orig_rax),
	REGISTER_EFLAGS = REGISTER(eflags),
	REGISTER_FS_BASE = REGISTER(ss) + 1,
	REGISTER_GS_BASE,
	REGISTER_DS,
	REGISTER_ES,
	REGISTER_FS,
	REGISTER_GS,
	REGISTER_COUNT,
};

/* Any but ORIG_RAX, which is the system-call layer's affair. Setting: 0, or -EIO for a value that
 * can't be. */
u64 arch_register_get(const struct arch_thread *t, u32 index);
MUST_CHECK int arch_register_set(struct arch_thread *t, u32 index, u64 value);

/* One instruction, then #DB: TF is set in the frame and hidden from everybody. own_trap: the next
 * instruction sets TF itself, so it will be the program's afterwards. */
void arch_step_enable(struct arch_thread *t, bool own_trap);
/* The opposite; a TF that is the program's own stays. Also for the running thread itself. */
void arch_step_disable(struct arch_thread *t);

/* The vector state. The first is FXSAVE's form, the second XSAVE's of arch_xstate_size() bytes. */
#define FXSTATE_SIZE 512U
u32 arch_xstate_size(void);
void arch_fxstate_get(const struct arch_thread *t, void *out);
void arch_xstate_get(const struct arch_thread *t, void *out);
/* 0, or -EINVAL for what the CPU would refuse; nothing is changed then. */
MUST_CHECK int arch_fxstate_set(struct arch_thread *t, const void *from);
MUST_CHECK int arch_xstate_set(struct arch_thread *t, const void *from);

#endif
