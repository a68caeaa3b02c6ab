/*
 * What a report prints, part by part. Called by panic.c on the CPU that reports, interrupts off, the others stopped.
 *
 * What the other CPUs were doing is left here by their NMI handlers: each writes its own entry of stopped[] and then halts.
 */
#include "trace/report.h"

#include "arch/clock.h"
#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/image.h"
#include "arch/msr.h"
#include "arch/pagetable.h"
#include "arch/thread.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sync/spinlock_debug.h"
#include "trace/ksyms.h"
#include "trace/log.h"
#include "trace/panic.h"
#include "trace/stack.h"
#include "trace/timeline.h"

#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT 14
/* Bits of the page fault's error code. */
#define FAULT_MAPPED 1U
#define FAULT_WRITING 2U
#define FAULT_EXECUTE 16U
/* CR3 without PCID and the no-flush bit. */
#define CR3_ADDRESS 0x000ffffffffff000UL

/* Written once by the CPU itself, seen set by the reporter, which does not wait for it. */
struct stopped_cpu {
	atomic32_t there;
	struct trap_frame frame;
};

static struct stopped_cpu stopped[MAX_CPUS];
static const struct report_ops *ops;

void report_set_ops(const struct report_ops *new_ops)
{
	WRITE_ONCE(ops, new_ops);
}

void report_print(const char *format_string, ...)
{
	char line[LOG_TEXT_MAX];
	va_list args;

	va_start(args, format_string);
	format_v(line, sizeof(line), format_string, args);
	va_end(args);
	log_raw(line);
}

void report_stop_if_asked(const struct trap_frame *frame)
{
	struct stopped_cpu *s = &stopped[this_cpu()->id];

	if (LIKELY(!panic_is_elsewhere()))
		return;
	s->frame = *frame;
	atomic32_store_release(&s->there, 1);
	panic_halt();
}

/* NMIs take microseconds; on a host that does not run a CPU now, longer. */
#define STOP_PATIENCE_MS 50

void report_wait_stopped(void)
{
	u64 start = clock_cycles(), khz = clock_tsc_khz();
	struct cpu *c;
	u32 i;

	cpu_for_each (c, i)
		while (c != this_cpu() && atomic32_load(&c->online) &&
			!atomic32_load_acquire(&stopped[i].there) &&
			clock_cycles() - start < STOP_PATIENCE_MS * (khz ? khz : 1000000))
			cpu_relax();
}

void report_registers(const struct trap_frame *f)
{
	const char *name = vector_name(f->vector);

	report_print("door: vector %lu (%s), error %#lx, from %s", f->vector, name, f->error,
		frame_from_user(f) ? "ring 3" : "the kernel");
	report_print("RIP %016lx CS %04lx RFLAGS %08lx (IF=%d) RSP %016lx SS %04lx", f->rip,
		f->cs & 0xffff, f->rflags, f->rflags & RFLAGS_IF ? 1 : 0, f->rsp, f->ss & 0xffff);
	report_print("RAX %016lx RBX %016lx RCX %016lx RDX %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	report_print("RSI %016lx RDI %016lx RBP %016lx R8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
	report_print("R9  %016lx R10 %016lx R11 %016lx R12 %016lx", f->r9, f->r10, f->r11, f->r12);
	report_print("R13 %016lx R14 %016lx R15 %016lx", f->r13, f->r14, f->r15);
}

/* Whose table a CR3 value is, in words. */
static const char *describe_root(const struct cpu *c, u64 cr3)
{
	u64 root = cr3 & CR3_ADDRESS;

	if (root == kernel_root().v)
		return "the kernel's own";
	if (root == (c->kernel_cr3 & CR3_ADDRESS))
		return "the current address space's, kernel side";
	if (root == (c->user_cr3 & CR3_ADDRESS))
		return "the current address space's, USER side";
	return "NOT one this CPU should be on";
}

static const char *describe_gs(const struct cpu *c)
{
	return msr_read(MSR_GS_BASE) == (u64)c ? "the kernel's" : "NOT the kernel's";
}

/* Doors that save the interrupted root and GS base in registers and load their own: what is live now says nothing about
 * the code that was interrupted. */
static bool paranoid_door(const struct trap_frame *f)
{
	return f && (f->vector == 1 || f->vector == 2 || f->vector == VECTOR_DOUBLE_FAULT ||
			    f->vector == 18);
}

void report_machine_state(const struct trap_frame *f)
{
	const struct cpu *c = this_cpu();
	u64 cr3 = cr3_read();

	report_print("CR0 %08lx CR2 %016lx CR3 %016lx CR4 %08lx", cr0_read(), cr2_read(), cr3,
		cr4_read());
	if (paranoid_door(f))
		report_print("interrupted on CR3 %016lx: %s", c->found_cr3,
			describe_root(c, c->found_cr3));
	report_print("table: %s (kernel_cr3 %#lx, user_cr3 %#lx, isolation %s)",
		describe_root(c, cr3), c->kernel_cr3, c->user_cr3, c->pti ? "on" : "off");
	report_print("GS: %s (%#lx, inactive %#lx)%s", describe_gs(c), msr_read(MSR_GS_BASE),
		msr_read(MSR_KERNEL_GS_BASE),
		paranoid_door(f) ? "; table and GS as this door set them" : "");
}

/* The exceptions that say more than where. */
void report_describe_fault(const struct trap_frame *f, char *text, size_t size)
{
	u64 address = cr2_read();
	struct stack_bounds stack = stack_find(f->rbp);

	if (f->vector == VECTOR_PAGE_FAULT)
		format(text, size, ": %s %#lx, %s",
			f->error & FAULT_EXECUTE   ? "executing"
			: f->error & FAULT_WRITING ? "writing to"
						   : "reading from",
			address, f->error & FAULT_MAPPED ? "not permitted" : "not mapped");
	else if (f->vector == VECTOR_DOUBLE_FAULT && address < stack.low &&
		 address >= stack.low - PAGE_SIZE)
		format(text, size, ": the kernel stack overflowed (CR2 %#lx)", address);
	else
		text[0] = '\0';
}

/* Where another CPU was stopped, and the call that its thread is in. */
static void report_stopped(const struct cpu *c, const struct stopped_cpu *s, const char *who)
{
	const struct trap_frame *f = &s->frame;
	char where[96];

	report_print("cpu%u: stopped in %s at %s (IF=%d); %s", c->id,
		frame_from_user(f) ? "ring 3" : "the kernel",
		ksym_format(where, sizeof(where), f->rip), f->rflags & RFLAGS_IF ? 1 : 0, who);
	if (frame_from_user(f))
		return;
	struct report_stacks stacks = {.cpu = c};
	report_place(f->rip, false, 1);
	report_callers(&stacks, f->rbp);
}

/* A thread in a system call has it in the frame at the top of its stack. */
static void report_call(const struct cpu *c)
{
	struct arch_thread *t = (struct arch_thread *)READ_ONCE(c->current);
	struct stack_bounds b = stack_find_on(c, t ? t->stack_top - 8 : 0);
	const struct trap_frame *f;

	if (!t || !t->fpu || b.high != t->stack_top || b.low == b.high)
		return;
	f = thread_user_frame(t);
	if (f->vector == VECTOR_SYSCALL && f->cs == USER_CS)
		report_print("    last system call: nr=%u from RIP=%#lx RSP=%#lx", f->call_number,
			f->rip, f->rsp);
}

static void report_cpu(const struct cpu *c, const struct trap_frame *frame)
{
	const struct stopped_cpu *s = &stopped[c->id];
	const struct report_ops *o = READ_ONCE(ops);
	char who[96] = "", locks[160];

	if (o)
		o->describe_current(c->id, who, sizeof(who));
	if (c == this_cpu())
		report_print("cpu%u: reports%s; handlers %u, NMIs %u; %s", c->id,
			frame ? " a fault" : "", c->irq_depth, c->nmi_depth, who);
	else if (atomic32_load_acquire(&s->there))
		report_stopped(c, s, who);
	else if (atomic32_load(&c->online))
		report_print("cpu%u: did not answer; %s", c->id, who);
	else
		report_print("cpu%u: not started", c->id);
	if (!atomic32_load(&c->online))
		return;
	spin_debug_describe(c->id, locks, sizeof(locks));
	report_print("    spinlocks held: %s", locks);
	report_call(c);
}

void report_cpus(const struct trap_frame *frame)
{
	struct cpu *c;
	u32 i;

	cpu_for_each (c, i)
		report_cpu(c, frame);
}
