/*
 * What every CPU must be set up like before ring 3 may run (docs/hazards.md, "Setup"): read back from the hardware and the tables
 * themselves, on each CPU.
 *
 * Seen to fail: tools/mutants/mutants.list, the edits named setup-*.
 */
#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/features.h"
#include "arch/layout.h"
#include "arch/msr.h"
#include "arch/sanitize.h"
#include "cpu/tables.h"
#include "entry/entry.h"
#include "init/guest_test.h"
#include "lib/string.h"
#include "sched/sched.h"
#include "sched/wait.h"

struct each_cpu {
	void (*check)(struct cpu *c);
	struct waitq done;
	atomic32_t left;
};

static void on_cpu(void *arg)
{
	struct each_cpu *e = arg;
	e->check(this_cpu());
	atomic32_fetch_sub(&e->left, 1);
	waitq_wake_all(&e->done);
}

/* Runs the check in a kernel thread on every CPU. No wakeup is lost: the count goes down before the wake, and the wait looks at it
 * after joining the queue. */
static void check_each_cpu(void (*check)(struct cpu *c))
{
	static struct each_cpu e;
	e.check = check;
	waitq_init(&e.done);
	atomic32_store(&e.left, cpu_count());
	for (u32 i = 0; i < cpu_count(); i++) {
		struct thread *t = thread_create_kernel("setup", on_cpu, &e);
		EXPECT(t && sched_set_affinity(t, BIT(i)) == 0);
		if (!t)
			return;
		thread_start(t);
		thread_put(t);
	}
	EXPECT(wait_event(&e.done, atomic32_load(&e.left) == 0, THREAD_SLEEPING, WAIT_FOREVER) ==
		0);
}

static void check_msrs(struct cpu *c)
{
	u64 mask = msr_read(MSR_FMASK);
	u64 needed = RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC | RFLAGS_NT | RFLAGS_RF |
		     RFLAGS_IOPL | RFLAGS_ID;
	EXPECT((mask & needed) == needed);
	EXPECT(msr_read(MSR_LSTAR) == (u64)syscall_entry);
	EXPECT(msr_read(MSR_CSTAR) == (u64)syscall_entry);
	EXPECT(msr_read(MSR_STAR) >> 48 == USER_CS - 16);
	EXPECT((msr_read(MSR_STAR) >> 32 & 0xffff) == KERNEL_CS);
	EXPECT(msr_read(MSR_SYSENTER_CS) == 0);
	EXPECT((msr_read(MSR_EFER) & (EFER_SCE | EFER_NXE)) == (EFER_SCE | EFER_NXE));
	EXPECT(msr_read(MSR_GS_BASE) == (u64)c);
}

GUEST_TEST(setup_system_call_registers)
{
	check_each_cpu(check_msrs);
}

static void check_control(struct cpu *c)
{
	u64 cr4 = CR4_FSGSBASE | CR4_SMEP | CR4_SMAP | CR4_OSXSAVE | CR4_MCE |
		  (cpu_features.umip ? CR4_UMIP : 0);
	EXPECT((cr4_read() & cr4) == cr4);
	/* Shadow stacks, five-level tables, protection keys: until the entry code handles them (hazard C14). */
	EXPECT(!(cr4_read() & (BIT(23) | BIT(12) | BIT(22))));
	EXPECT((cr0_read() & (CR0_WP | CR0_NE | CR0_AM)) == (CR0_WP | CR0_NE | CR0_AM));
	EXPECT(!(cr0_read() & (CR0_EM | CR0_TS)));
	EXPECT((dr7_read() & 0xff) == 0);
}

GUEST_TEST(setup_control_registers)
{
	check_each_cpu(check_control);
}

static void check_tables(struct cpu *c)
{
	const struct cpu_tables *t = (void *)((char *)c + CPU_TABLES_PAGE * PAGE_SIZE);
	EXPECT(t->tss.rsp[0] == c->entry_rsp && c->entry_rsp % 16 == 0);
	EXPECT(t->tss.io_map >= sizeof(t->tss));
	for (u32 i = 0; i < IST_COUNT; i++) {
		u64 top = (u64)c + CPU_IST_STACK_PAGE(i) * PAGE_SIZE + IST_CPU_SLOT;
		EXPECT(t->tss.ist[i] == top && top % 16 == 0);
		EXPECT(*(struct cpu **)top == c);
	}
	/* No 32-bit code for ring 3, no call gates, no LDT (hazards C5, C6). */
	EXPECT(t->gdt[0] == 0 && t->gdt[3] == 0 && t->gdt[4] == 0 && t->gdt[7] == 0);
	u16 ldt;
	__asm__ volatile("sldt %0" : "=m"(ldt));
	EXPECT(ldt == 0);
}

GUEST_TEST(setup_gdt_and_tss)
{
	check_each_cpu(check_tables);
}

static u32 expected_ist(u32 vector)
{
	return vector == 2 ? 1 : vector == 1 ? 2 : vector == 18 ? 3 : vector == 8 ? 4 : 0;
}

/* All 256 vectors have an interrupt gate of ring 0, but for INT3 and INTO (hazards C2, C4, C13). */
GUEST_TEST(setup_idt)
{
	for (u32 v = 0; v < 256; v++) {
		const struct idt_gate *g = &cpu_idt[v];
		u64 at = g->offset_low | (u64)g->offset_middle << 16 | (u64)g->offset_high << 32;
		EXPECT(at == (u64)entry_vectors[v]);
		EXPECT(g->selector == KERNEL_CS && g->ist == expected_ist(v));
		EXPECT(g->type == (v == 3 || v == 4 ? 0xee : 0x8e));
	}
}
