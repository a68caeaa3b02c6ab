/* The registers of a parked thread: see arch/registers.h. */
#include "arch/registers.h"

#include "arch/control.h"
#include "arch/layout.h"
#include "arch/sanitize.h"
#include "arch/thread.h"
#include "lib/errno.h"

#define SELECTOR_RPL 3U

/* Flags that a tracer may change, as on Linux. */
#define RFLAGS_TRACER                                                                        \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_DF | \
		RFLAGS_OF | RFLAGS_RF | RFLAGS_AC | RFLAGS_NT)

/* Where in the frame a word of the tracer's order is; what is not there has 0, which is R15's. */
#define WORD(field) (offsetof(struct trap_frame, field) / 8 + 1)
static const u8 frame_words[REGISTER_COUNT] = {
	[REGISTER(r15)] = WORD(r15),
	[REGISTER(r14)] = WORD(r14),
	[REGISTER(r13)] = WORD(r13),
	[REGISTER(r12)] = WORD(r12),
	[REGISTER(rbp)] = WORD(rbp),
	[REGISTER(rbx)] = WORD(rbx),
	[REGISTER(r11)] = WORD(r11),
	[REGISTER(r10)] = WORD(r10),
	[REGISTER(r9)] = WORD(r9),
	[REGISTER(r8)] = WORD(r8),
	[REGISTER(rax)] = WORD(rax),
	[REGISTER(rcx)] = WORD(rcx),
	[REGISTER(rdx)] = WORD(rdx),
	[REGISTER(rsi)] = WORD(rsi),
	[REGISTER(rdi)] = WORD(rdi),
	[REGISTER(rip)] = WORD(rip),
	[REGISTER(rsp)] = WORD(rsp),
};

static u64 *frame_word(const struct arch_thread *t, u32 index)
{
	u64 *words = (u64 *)thread_user_frame((struct arch_thread *)t);

	return frame_words[index] ? &words[frame_words[index] - 1] : NULL;
}

static u64 flags_get(const struct arch_thread *t)
{
	u64 flags = thread_user_frame((struct arch_thread *)t)->rflags;

	return t->step_forced ? flags & ~RFLAGS_TF : flags;
}

/* A TF that the tracer gives is the program's from now on; without one, the tracer's own stays. */
static void flags_set(struct arch_thread *t, u64 flags)
{
	u64 *to = &thread_user_frame(t)->rflags;

	if (flags & RFLAGS_TF)
		t->step_forced = false;
	else if (t->step_forced)
		flags |= RFLAGS_TF;
	*to = (*to & ~RFLAGS_TRACER) | (flags & RFLAGS_TRACER);
}

u64 arch_register_get(const struct arch_thread *t, u32 index)
{
	const u64 *word = frame_word(t, index);

	if (word)
		return *word;
	switch (index) {
	case REGISTER(cs):
		return USER_CS;
	case REGISTER(ss):
		return USER_DS;
	case REGISTER_EFLAGS:
		return flags_get(t);
	case REGISTER_FS_BASE:
		return t->fs_base;
	case REGISTER_GS_BASE:
		return t->gs_base;
	case REGISTER_DS:
		return t->ds;
	case REGISTER_ES:
		return t->es;
	case REGISTER_FS:
		return t->fs;
	case REGISTER_GS:
		return t->gs;
	default:
		return 0;
	}
}

/* A data selector. What there is no segment for becomes null, as it does on Linux when it is loaded. */
static int selector_set(u16 *to, u64 value)
{
	u16 selector = (u16)value;

	if (selector && (selector & SELECTOR_RPL) != SELECTOR_RPL)
		return -EIO;
	*to = selector == USER_DS || selector == USER_CS ? selector : 0;
	return 0;
}

static int base_set(u64 *to, u64 value)
{
	if (value >= USER_END)
		return -EIO;
	*to = value;
	return 0;
}

int arch_register_set(struct arch_thread *t, u32 index, u64 value)
{
	u64 *word = frame_word(t, index);

	if (word) {
		*word = value;
		return 0;
	}
	switch (index) {
	case REGISTER(cs):
		return (u16)value == USER_CS ? 0 : -EIO;
	case REGISTER(ss):
		return (u16)value == USER_DS ? 0 : -EIO;
	case REGISTER_EFLAGS:
		flags_set(t, value);
		return 0;
	case REGISTER_FS_BASE:
		return base_set(&t->fs_base, value);
	case REGISTER_GS_BASE:
		return base_set(&t->gs_base, value);
	case REGISTER_DS:
		return selector_set(&t->ds, value);
	case REGISTER_ES:
		return selector_set(&t->es, value);
	case REGISTER_FS:
		return selector_set(&t->fs, value);
	case REGISTER_GS:
		return selector_set(&t->gs, value);
	default:
		return -EIO;
	}
}

void arch_step_enable(struct arch_thread *t, bool own_trap)
{
	u64 *flags = &thread_user_frame(t)->rflags;

	/* As on Linux: if the program's instruction has cleared it since the last step, it is the program's from now on. */
	if (t->stepping)
		*flags |= RFLAGS_TF;
	t->stepping = true;
	/* One that is there already stays whose it is. */
	if (own_trap)
		t->step_forced = false;
	else if (!(*flags & RFLAGS_TF))
		t->step_forced = true;
	*flags |= RFLAGS_TF;
}

void arch_step_disable(struct arch_thread *t)
{
	t->stepping = false;
	if (!t->step_forced)
		return;
	t->step_forced = false;
	thread_user_frame(t)->rflags &= ~RFLAGS_TF;
}
