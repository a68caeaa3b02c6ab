/*
 * The machine's part of a thread: its first stack frame, and what a context switch carries over besides the stack.
 *
 * A switched-out thread's stack, from kernel_rsp up: r15 r14 r13 r12 rbp rbx, return address (context.S). For a thread that
 * has never run that address is its beginning.
 */
#include "arch/thread.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/msr.h"
#include "arch/sanitize.h"
#include "cpu/context.h"
#include "cpu/debug_switch.h"
#include "cpu/fpu.h"
#include "entry/entry.h"
#include "lib/errno.h"
#include "lib/string.h"

struct switch_frame {
	u64 r15, r14, r13, r12, rbp, rbx;
	u64 rip;
};

static void init_stack(
	struct arch_thread *t, void *stack, u64 frame_bytes, const void *start, u64 r12, u64 rbx)
{
	memset(t, 0, sizeof(*t));
	t->stack_top = (u64)stack + KERNEL_STACK_SIZE;
	struct switch_frame *f = (struct switch_frame *)(t->stack_top - frame_bytes) - 1;
	*f = (struct switch_frame){.r12 = r12, .rbx = rbx, .rip = (u64)start};
	t->kernel_rsp = (u64)f;
}

void arch_thread_init_kernel(struct arch_thread *t, void *stack, void (*fn)(void *), void *arg)
{
	/* 16 bytes at the top stay zero: where the stack walk of a report ends. */
	init_stack(t, stack, 16, kernel_thread_start, (u64)fn, (u64)arg);
	memset((void *)(t->stack_top - 16), 0, 16);
}

/* The frame is at stack_top - sizeof(struct trap_frame). */
CONTRACT(arch_thread_init_user, "irq; switch; makes-sane rdi[8]-176");

int arch_thread_init_user(
	struct arch_thread *t, void *stack, const struct trap_frame *frame, bool copy_fpu)
{
	init_stack(t, stack, sizeof(*frame), thread_first_return, 0, 0);
	t->fpu = fpu_alloc(copy_fpu);
	if (!t->fpu)
		return -ENOMEM;
	struct trap_frame *f = thread_user_frame(t);
	*f = *frame;
	frame_sanitize(f);
	return 0;
}

void arch_thread_destroy(struct arch_thread *t)
{
	fpu_free(t->fpu);
	t->fpu = NULL;
}

/* Selectors first: loading FS or GS changes the base that is set afterwards. The program's GS selector is loaded without
 * going through ring 0's GS base by gs_selector_load (hazard W3). */
static void save_segments(struct arch_thread *t)
{
	__asm__ volatile("movw %%ds, %0" : "=m"(t->ds));
	__asm__ volatile("movw %%es, %0" : "=m"(t->es));
	__asm__ volatile("movw %%fs, %0" : "=m"(t->fs));
	__asm__ volatile("movw %%gs, %0" : "=m"(t->gs));
	t->fs_base = arch_get_fs_base();
	t->gs_base = arch_get_gs_base();
}

static NOINLINE void load_selectors(const struct arch_thread *t)
{
	u16 now;
	__asm__ volatile("movw %%ds, %0" : "=m"(now));
	if (now | t->ds)
		__asm__ volatile("movw %0, %%ds" ::"m"(t->ds));
	__asm__ volatile("movw %%es, %0" : "=m"(now));
	if (now | t->es)
		__asm__ volatile("movw %0, %%es" ::"m"(t->es));
	__asm__ volatile("movw %%fs, %0" : "=m"(now));
	if (now | t->fs)
		__asm__ volatile("movw %0, %%fs" ::"m"(t->fs));
	__asm__ volatile("movw %%gs, %0" : "=m"(now));
	if (now | t->gs)
		gs_selector_load(t->gs);
}

/* 64-bit programs have none in any of them as a rule. */
static ALWAYS_INLINE void load_segments(const struct arch_thread *t)
{
	u32 ds, es, fs, gs;
	__asm__ volatile("movl %%ds, %0; movl %%es, %1; movl %%fs, %2; movl %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	if (UNLIKELY(ds | es | fs | gs | t->ds | t->es | t->fs | t->gs))
		load_selectors(t);
	arch_set_fs_base(t->fs_base);
	arch_set_gs_base(t->gs_base);
}

void arch_thread_inherit(struct arch_thread *t)
{
	save_segments(t);
}

CONTRACT(arch_thread_reset, "irq; makes-sane rdi[8]-176");

void arch_thread_reset(struct arch_thread *t, u64 rip, u64 rsp)
{
	t->step_forced = t->stepping = false;
	*thread_user_frame(t) = (struct trap_frame){
		.vector = VECTOR_FIRST_RETURN,
		.error = ~0UL,
		.rip = rip,
		.cs = USER_CS,
		.rflags = RFLAGS_FIXED | RFLAGS_IF,
		.rsp = rsp,
		.ss = USER_DS,
	};
	frame_sanitize(thread_user_frame(t));
	t->ds = t->es = t->fs = t->gs = 0;
	t->fs_base = t->gs_base = 0;
	/* The kernel is not preempted, but an interrupt between the two loads would find a state that is neither. */
	u64 flags = irq_save();
	load_segments(t);
	fpu_reset(t->fpu);
	debug_reset(t);
	irq_restore_stay(flags);
}

/* With fpu NULL the switch takes it for a kernel thread. */
void arch_thread_park(struct arch_thread *t)
{
	u64 flags = irq_save();
	fpu_save(t->fpu);
	save_segments(t);
	t->fpu_parked = t->fpu;
	t->fpu = NULL;
	debug_park(t);
	irq_restore_stay(flags);
}

/* Whatever a tracer has made of the frame meanwhile (arch/registers.h), it is one for ring 3 again. */
CONTRACT(arch_thread_unpark, "irq; makes-sane rdi[8]-176");

void arch_thread_unpark(struct arch_thread *t)
{
	frame_sanitize(thread_user_frame(t));
	u64 flags = irq_save();
	t->fpu = t->fpu_parked;
	t->fpu_parked = NULL;
	load_segments(t);
	fpu_restore(t->fpu);
	debug_unpark(t);
	irq_restore_stay(flags);
}

CONTRACT(arch_thread_switch, "in IF=0; out IF=0; switch; writes thread_rsp");

struct arch_thread *arch_thread_switch(struct arch_thread *prev, struct arch_thread *next)
{
	struct cpu *c = this_cpu();
	if (prev->fpu) {
		fpu_save(prev->fpu);
		save_segments(prev);
	}
	if (next->fpu) {
		load_segments(next);
		fpu_restore(next->fpu);
	}
	if (UNLIKELY(c->debug_loaded | next->live_dr7))
		arch_debug_load(next);
	/* IF=0 since before the caller chose next, so no entry sees the one without the other (hazard W1). */
	c->current = (struct thread *)next;
	c->thread_rsp = next->stack_top;
	return context_switch(prev, next);
}

u64 arch_thread_switched_out(const struct arch_thread *t, u64 *ip)
{
	/* R15 R14 R13 R12 RBP RBX, and where context_switch() returns to. */
	const u64 *words = (const u64 *)t->kernel_rsp;

	*ip = words[6];
	return words[4];
}

u64 arch_get_fs_base(void)
{
	u64 base;
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

void arch_set_fs_base(u64 base)
{
	__asm__ volatile("wrfsbase %0" ::"r"(base));
}

/* In ring 0 the program's GS base is the inactive one (hazard W2). */
u64 arch_get_gs_base(void)
{
	return msr_read(MSR_KERNEL_GS_BASE);
}

void arch_set_gs_base(u64 base)
{
	msr_write(MSR_KERNEL_GS_BASE, base);
}
