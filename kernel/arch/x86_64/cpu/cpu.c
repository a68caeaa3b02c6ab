/*
 * The CPUs' areas: for each, at a fixed address (arch/layout.h), struct cpu, its tables and its stacks, with an unmapped page
 * after each. What ring 3's table must map for the crossing to work is mapped there, too, and nothing else of it.
 */
#define LOG_SUBSYSTEM "cpu"
#include "arch/cpu.h"

#include "arch/boot_alloc.h"
#include "arch/control.h"
#include "arch/cpu_setup.h"
#include "arch/features.h"
#include "arch/msr.h"
#include "arch/pagetable.h"
#include "arch/pti.h"
#include "arch/sanitize.h"
#include "cpu/fpu.h"
#include "cpu/tables.h"
#include "entry/entry.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "signal/xstate.h"
#include "trace/log.h"

RO_AFTER_INIT static u32 count;

static void *area_page(u32 id, u32 page)
{
	return (void *)(CPU_AREA_BASE + (u64)id * CPU_AREA_SIZE + (u64)page * PAGE_SIZE);
}

u32 cpu_count(void)
{
	return count;
}

struct cpu *cpu_get(u32 id)
{
	return id < count ? area_page(id, 0) : NULL;
}

static struct cpu_tables *cpu_tables(u32 id)
{
	return area_page(id, CPU_TABLES_PAGE);
}

/* Boot memory, because areas live as long as the machine and are made before anything that could free. */
static INIT_TEXT int map_pages(u32 id, u32 first, u32 pages, bool user_side)
{
	for (u32 i = 0; i < pages; i++) {
		void *frame = boot_alloc(PAGE_SIZE, PAGE_SIZE);
		if (!frame)
			return -ENOMEM;
		int err = kernel_map_page(
			area_page(id, first + i), boot_physical(frame), PT_READ | PT_WRITE);
		if (err)
			return err;
	}
	if (user_side)
		return pti_map(area_page(id, first), pages * PAGE_SIZE, PT_READ | PT_WRITE);
	return 0;
}

static INIT_TEXT int map_area(u32 id)
{
	int err = map_pages(id, 0, 1, true);
	if (!err)
		err = map_pages(id, CPU_PRIVATE_PAGE, CPU_PRIVATE_PAGES, false);
	if (!err)
		err = map_pages(id, CPU_TABLES_PAGE, 1, true);
	if (!err)
		err = map_pages(id, CPU_ENTRY_STACK_PAGE, 1, true);
	for (u32 i = 0; i < IST_COUNT && !err; i++)
		err = map_pages(id, CPU_IST_STACK_PAGE(i), IST_STACK_SIZE / PAGE_SIZE, true);
	if (!err)
		err = map_pages(id, CPU_RING_PAGE, CPU_RING_SIZE / PAGE_SIZE, false);
	return err;
}

INIT_TEXT int cpu_area_init(u32 apic_id)
{
	u32 id = count;
	if (id == MAX_CPUS)
		return -ENOSPC;
	int err = map_area(id);
	if (err)
		return err;
	if (id == 0)
		tables_init_idt();

	struct cpu *c = area_page(id, 0);
	c->self = c;
	c->id = id;
	c->apic_id = apic_id;
	c->entry_rsp = (u64)area_page(id, CPU_ENTRY_STACK_PAGE + 1);
	c->pti = pti_enabled();
	c->paranoid_cr3 = kernel_root().v;
	c->kernel_cr3 = kernel_root().v;
	c->user_cr3 = kernel_root().v;

	u64 ist[IST_COUNT];
	for (u32 i = 0; i < IST_COUNT; i++) {
		ist[i] = (u64)area_page(id, CPU_IST_STACK_PAGE(i)) + IST_CPU_SLOT;
		*(struct cpu **)ist[i] = c;
	}
	tables_init_cpu(cpu_tables(id), c->entry_rsp, ist);
	count = id + 1;
	return 0;
}

/* SYSCALL's registers. LSTAR and FMASK before EFER.SCE, so that no SYSCALL finds them unset. There is no 32-bit code
 * segment, so CSTAR can't be used; it points to the ordinary entry all the same. */
static void load_syscall_msrs(u32 id)
{
	msr_write(MSR_STAR, (u64)USER_CS32_UNUSED << 48 | (u64)KERNEL_CS << 32);
	msr_write(MSR_LSTAR, (u64)syscall_entry);
	msr_write(MSR_CSTAR, (u64)syscall_entry);
	/* Everything that would disturb the kernel or tell it about the program (hazards C1, S8, S9). */
	msr_write(MSR_FMASK, RFLAGS_USER | RFLAGS_IF | RFLAGS_IOPL);
	msr_write(MSR_SYSENTER_CS, 0);
	msr_write(MSR_SYSENTER_ESP, 0);
	msr_write(MSR_SYSENTER_EIP, 0);
	msr_write(MSR_TSC_AUX, id);
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE | EFER_NXE);
}

/* Bits not named stay 0: no CET, no LA57, no LAM, no protection keys until the entry code handles them (hazard C14). PCIDE is
 * added by mm/. */
static void load_control_registers(void)
{
	cr0_write(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG);
	u64 cr4 = CR4_DE | CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE |
		  CR4_OSXSAVE | CR4_SMEP | CR4_SMAP;
	if (cpu_features.umip)
		cr4 |= CR4_UMIP;
	cr4_write(cr4 | (cr4_read() & (CR4_PGE | CR4_PCIDE)));
	/* No breakpoint survives from whoever ran before us. */
	dr7_write(0x400);
	dr6_write(0xffff0ff0);
}

void cpu_load(u32 id)
{
	struct cpu *c = cpu_get(id);
	tables_load(cpu_tables(id));
	msr_write(MSR_GS_BASE, (u64)c);
	msr_write(MSR_KERNEL_GS_BASE, 0);
	msr_write(MSR_FS_BASE, 0);
	load_syscall_msrs(id);
	load_control_registers();
	fpu_load();
	if (id == 0)
		xstate_init();
}
