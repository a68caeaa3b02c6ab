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

#define STACK_LINES_MAX 32
#define STRETCHES_MAX 4
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

static void print(const char *format_string, ...) PRINTF_LIKE(1, 2);
static void print(const char *format_string, ...)
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

	print("door: vector %lu (%s), error %#lx, from %s", f->vector, name, f->error,
		frame_from_user(f) ? "ring 3" : "the kernel");
	print("RIP %016lx CS %04lx RFLAGS %08lx (IF=%d) RSP %016lx SS %04lx", f->rip,
		f->cs & 0xffff, f->rflags, f->rflags & RFLAGS_IF ? 1 : 0, f->rsp, f->ss & 0xffff);
	print("RAX %016lx RBX %016lx RCX %016lx RDX %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	print("RSI %016lx RDI %016lx RBP %016lx R8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
	print("R9  %016lx R10 %016lx R11 %016lx R12 %016lx", f->r9, f->r10, f->r11, f->r12);
	print("R13 %016lx R14 %016lx R15 %016lx", f->r13, f->r14, f->r15);
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

	print("CR0 %08lx CR2 %016lx CR3 %016lx CR4 %08lx", cr0_read(), cr2_read(), cr3, cr4_read());
	if (paranoid_door(f))
		print("interrupted on CR3 %016lx: %s", c->found_cr3,
			describe_root(c, c->found_cr3));
	print("table: %s (kernel_cr3 %#lx, user_cr3 %#lx, isolation %s)", describe_root(c, cr3),
		c->kernel_cr3, c->user_cr3, c->pti ? "on" : "off");
	print("GS: %s (%#lx, inactive %#lx)%s", describe_gs(c), msr_read(MSR_GS_BASE),
		msr_read(MSR_KERNEL_GS_BASE),
		paranoid_door(f) ? "; table and GS as this door set them" : "");
}

/* A return address may be the first one behind its function, if the call never returns: the name is that of the call. */
static void print_place(u64 ip, bool returned_to, u32 times)
{
	u64 offset;
	const char *name = ksym_lookup(ip - returned_to, &offset);
	char again[24] = "";

	if (times > 1)
		format(again, sizeof(again), " (%u times)", times);
	if (name)
		print("    %016lx %s+%#lx%s", ip, name, offset + returned_to, again);
	else
		print("    %016lx%s", ip, again);
}

/* One stretch of a stack, recursion in one line. Returns the frame pointer of the last step, whose caller is *last. */
static u64 print_stretch(const struct cpu *c, u64 frame_pointer, u64 *last)
{
	struct stack_bounds bounds = stack_find_on(c, frame_pointer);
	u64 ip, before = frame_pointer;
	u32 lines = 0, times = 0;

	*last = 0;
	while (lines < STACK_LINES_MAX && stack_step(&bounds, &frame_pointer, &ip)) {
		if (frame_pointer)
			before = frame_pointer;
		if (ip == *last) {
			times++;
			continue;
		}
		if (times)
			print_place(*last, true, times);
		*last = ip;
		times = 1;
		lines++;
	}
	if (times)
		print_place(*last, true, times);
	if (lines == STACK_LINES_MAX)
		print("    ...");
	return before;
}

/* Where the handler whose stretch ended in the entry code was called from: its frame lies above the return address. */
static const struct trap_frame *interrupted_frame(const struct cpu *c, u64 frame_pointer, u64 last)
{
	const struct trap_frame *f = (const struct trap_frame *)(frame_pointer + 16);
	struct stack_bounds b = stack_find_on(c, frame_pointer);

	if (last < (u64)__entry_text_start || last >= (u64)__entry_text_end)
		return NULL;
	return (u64)f % 8 == 0 && (u64)f >= b.low && (u64)(f + 1) <= b.high ? f : NULL;
}

/* Through interrupts of the kernel down to its beginning, or to ring 3. */
static void print_callers(const struct cpu *c, u64 frame_pointer)
{
	const struct trap_frame *f;
	u64 last;

	for (u32 stretch = 0; stretch < STRETCHES_MAX; stretch++) {
		frame_pointer = print_stretch(c, frame_pointer, &last);
		f = interrupted_frame(c, frame_pointer, last);
		if (!f)
			return;
		if (frame_from_user(f)) {
			print("    from ring 3 at %#lx", f->rip);
			return;
		}
		print("interrupted by vector %lu (%s):", f->vector, vector_name(f->vector));
		print_place(f->rip, false, 1);
		frame_pointer = f->rbp;
	}
}

/* The caller of a function that has not made its frame yet (or of no function: a wild jump). It has pushed at most the
 * caller's frame pointer. */
static void print_frameless_caller(const struct trap_frame *f)
{
	struct stack_bounds bounds = stack_find(f->rsp);
	u64 offset, at;
	const char *name = ksym_lookup(f->rip, &offset);

	if (name && offset > 1)
		return;
	at = f->rsp + (name && offset == 1 ? 8 : 0);
	if (at % 8 == 0 && at >= bounds.low && at + 8 <= bounds.high)
		print_place(*(const u64 *)at, true, 1);
}

void report_stack(const struct trap_frame *f, u64 frame_pointer)
{
	print("stack:");
	if (f) {
		print_place(f->rip, false, 1);
		print_frameless_caller(f);
		frame_pointer = f->rbp;
	}
	print_callers(this_cpu(), frame_pointer);
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

	print("cpu%u: stopped in %s at %s (IF=%d); %s", c->id,
		frame_from_user(f) ? "ring 3" : "the kernel",
		ksym_format(where, sizeof(where), f->rip), f->rflags & RFLAGS_IF ? 1 : 0, who);
	if (frame_from_user(f))
		return;
	print_place(f->rip, false, 1);
	print_callers(c, f->rbp);
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
		print("    last system call: nr=%u from RIP=%#lx RSP=%#lx", f->call_number, f->rip,
			f->rsp);
}

static void report_cpu(const struct cpu *c, const struct trap_frame *frame)
{
	const struct stopped_cpu *s = &stopped[c->id];
	const struct report_ops *o = READ_ONCE(ops);
	char who[96] = "", locks[160];

	if (o)
		o->describe_current(c->id, who, sizeof(who));
	if (c == this_cpu())
		print("cpu%u: reports%s; handlers %u, NMIs %u; %s", c->id, frame ? " a fault" : "",
			c->irq_depth, c->nmi_depth, who);
	else if (atomic32_load_acquire(&s->there))
		report_stopped(c, s, who);
	else if (atomic32_load(&c->online))
		print("cpu%u: did not answer; %s", c->id, who);
	else
		print("cpu%u: not started", c->id);
	if (!atomic32_load(&c->online))
		return;
	spin_debug_describe(c->id, locks, sizeof(locks));
	print("    spinlocks held: %s", locks);
	report_call(c);
}

void report_cpus(const struct trap_frame *frame)
{
	struct cpu *c;
	u32 i;

	cpu_for_each (c, i)
		report_cpu(c, frame);
}
