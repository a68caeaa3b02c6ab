/*
 * Shootdowns and PCIDs against a model of the CPU's translation cache: entries are tagged with the
 * PCID they were made under, survive a CR3 load with the no-flush bit, and go only when something
 * says so. No emulator at hand models that.
 *
 * The CPUs take turns; an interrupt is delivered at once. After each step no CPU may be able to use
 * a translation that is no longer true, neither with the root it has loaded nor with the two that
 * its words name.
 *
 * Seen to fail: with every slot taken for fresh; with the user side not dropped at a load, in
 * tlb_drop_address(), or in tlb_drop_space(); with one PCID for both sides; with a range's slot
 * taken for up to date although it missed a step; with generations not raised (test_pcid_keeps);
 * with the CPU's bit not set or not cleared, or its words left behind; with a CPU still lazy after
 * a switch; with kernel addresses dropped for one PCID only, or not at all above 32 pages; with a
 * request not done here or there.
 */
#include "unit.h"

#include "arch/cpu.h"
#include "arch/features.h"
#include "arch/pti.h"
#include "arch/smp.h"
#include "lib/types.h"

/* What invalidate.h has: the CPU's instructions, here on the model. */
#define MM_INVALIDATE_H
#define INVPCID_ADDRESS 0UL
#define INVPCID_CONTEXT 1UL
#define INVPCID_EVERYTHING 2UL
static void invpcid(u64 type, u64 pcid, u64 va);
static void invlpg(u64 va);
static void cr3_write(u64 v);
static u64 cr3_read(void);
static void invalidate_by_cr4(void);

#include "arch/x86_64/mm/tlb.c"
#include "arch/x86_64/mm/tlb_switch.c"

#define CPUS 3
#define SPACES 12
#define PAGES 4
#define ENTRIES 4096
#define NOFLUSH BIT(63)
#define KERNEL_VA 0xffffc00000100000UL

struct cpu_features cpu_features;
static bool isolation;

bool pti_enabled(void)
{
	return isolation;
}

paddr_t kernel_root(void)
{
	return PADDR(0x1000);
}

/* -- the model: what a page is now, by number; and what CPUs remember -- */

struct space {
	struct pagetable tables;
	struct tlb_state tlb;
	u64 version[PAGES];
};
static struct space spaces[SPACES];
/* What each CPU runs a program of, or NULL. */
static struct space *running[CPUS];
static u64 kernel_version;

struct entry {
	u64 pcid;
	u64 root; /* that it was read from */
	u64 va, version;
	bool global;
};
static struct {
	u64 cr3;
	struct entry entry[ENTRIES];
	u32 count;
} machine[CPUS];

static void drop_if(bool (*match)(const struct entry *e, u64 a, u64 b), u64 a, u64 b)
{
	u32 cpu = this_cpu()->id;

	for (u32 i = 0; i < machine[cpu].count;)
		if (match(&machine[cpu].entry[i], a, b))
			machine[cpu].entry[i] = machine[cpu].entry[--machine[cpu].count];
		else
			i++;
}

static u64 current_pcid(void)
{
	return tlb_uses_pcid() ? machine[this_cpu()->id].cr3 & 0xfff : 0;
}

static bool match_address(const struct entry *e, u64 pcid, u64 va)
{
	return e->va == va && (e->pcid == pcid || e->global);
}

static bool match_address_not_global(const struct entry *e, u64 pcid, u64 va)
{
	return e->va == va && e->pcid == pcid && !e->global;
}

static bool match_pcid(const struct entry *e, u64 pcid, u64 unused)
{
	return e->pcid == pcid && !e->global;
}

static bool match_all(const struct entry *e, u64 unused, u64 unused_too)
{
	return true;
}

static void invpcid(u64 type, u64 pcid, u64 va)
{
	assert_true(tlb_uses_pcid());
	if (type == INVPCID_ADDRESS)
		drop_if(match_address_not_global, pcid, va);
	else if (type == INVPCID_CONTEXT)
		drop_if(match_pcid, pcid, 0);
	else
		drop_if(match_all, 0, 0);
}

static void invlpg(u64 va)
{
	drop_if(match_address, current_pcid(), va);
}

static void cr3_write(u64 v)
{
	if (!tlb_uses_pcid())
		assert_int_equal(v & (NOFLUSH | 0xfff), 0);
	machine[this_cpu()->id].cr3 = v & ~NOFLUSH;
	if (!(v & NOFLUSH))
		drop_if(match_pcid, current_pcid(), 0);
}

static u64 cr3_read(void)
{
	return machine[this_cpu()->id].cr3;
}

static void invalidate_by_cr4(void)
{
	drop_if(match_all, 0, 0);
}

void smp_send_ipi(u32 id, u32 reasons)
{
	u32 self = fake_cpu_id;

	assert_int_not_equal(id, self);
	fake_cpu_id = id;
	fake_irq_enabled = false;
	tlb_ipi();
	fake_irq_enabled = true;
	fake_cpu_id = self;
}

/* -- steps -- */

/* The space whose root this is, or NULL for the kernel's. */
static struct space *space_of(u64 root)
{
	for (u32 i = 0; i < SPACES; i++)
		if (spaces[i].tables.root.v == root || spaces[i].tables.user_root.v == root)
			return &spaces[i];
	return NULL;
}

static u64 true_version(u64 root, u64 va)
{
	struct space *s = space_of(root);

	return va == KERNEL_VA ? kernel_version : s ? s->version[va / PAGE_SIZE] : 0;
}

/* An access with the root that is loaded. What the cache has is used; it must be true. */
static void access_page(u64 va)
{
	u32 cpu = fake_cpu_id;
	u64 root = machine[cpu].cr3 & ~0xfffUL, now = true_version(root, va);

	for (u32 i = 0; i < machine[cpu].count; i++) {
		struct entry *e = &machine[cpu].entry[i];
		if (!match_address(e, current_pcid(), va))
			continue;
		assert_int_equal(e->version, now);
		if (!e->global)
			assert_int_equal(e->root, root);
		return;
	}
	assert_true(machine[cpu].count < ENTRIES);
	bool global = va == KERNEL_VA && !isolation;
	machine[cpu].entry[machine[cpu].count++] =
		(struct entry){current_pcid(), root, va, now, global};
}

/* Ring 3 and back, through the words, as the crossing does it. */
static void visit_ring_3(u64 va)
{
	struct cpu *c = this_cpu();

	if (isolation)
		cr3_write(c->user_cr3);
	access_page(va);
	if (isolation)
		cr3_write(c->kernel_cr3);
}

static struct space *loaded_here(void)
{
	return space_of(machine[fake_cpu_id].cr3 & ~0xfffUL);
}

static void switch_to(struct space *s)
{
	fake_irq_enabled = false;
	tlb_switch(&s->tables, &s->tlb);
	fake_irq_enabled = true;
	running[fake_cpu_id] = s;
	assert_true(atomic64_load(&s->tlb.cpus) & BIT(fake_cpu_id));
}

static void step_switch(void)
{
	switch_to(&spaces[unit_random_below(SPACES)]);
}

static void step_access(void)
{
	struct space *s = loaded_here();

	if (unit_random_below(4) == 0)
		access_page(KERNEL_VA);
	if (!s)
		return;
	if (unit_random_below(2) && running[fake_cpu_id])
		visit_ring_3(unit_random_below(PAGES) * PAGE_SIZE);
	else
		access_page(unit_random_below(PAGES) * PAGE_SIZE);
}

static void step_lazy(void)
{
	fake_irq_enabled = false;
	tlb_enter_lazy();
	fake_irq_enabled = true;
	running[fake_cpu_id] = NULL;
}

/* Any CPU may change any space, whether it has it loaded or not. */
static void step_change(void)
{
	struct space *s = &spaces[unit_random_below(SPACES)];
	u64 first = unit_random_below(PAGES), n = 1 + unit_random_below(PAGES - first);

	for (u64 i = first; i < first + n; i++)
		s->version[i]++;
	if (unit_random_below(3))
		tlb_flush_range(&s->tlb, first * PAGE_SIZE, (first + n) * PAGE_SIZE);
	else if (unit_random_below(2))
		tlb_flush_range(&s->tlb, 0, 1000 * PAGE_SIZE);
	else
		tlb_flush_all(&s->tlb);
}

static void step_change_kernel(void)
{
	kernel_version++;
	if (unit_random_below(2))
		tlb_flush_kernel((void *)KERNEL_VA, PAGE_SIZE);
	else
		tlb_flush_kernel((void *)(KERNEL_VA - 500 * PAGE_SIZE), 1000 * PAGE_SIZE);
}

static void make_space(struct space *s)
{
	static u64 next_root = 0x100000;

	s->tables.root = PADDR(next_root);
	s->tables.user_root = PADDR(isolation ? next_root + PAGE_SIZE : next_root);
	next_root += 2 * PAGE_SIZE;
	tlb_state_init(&s->tlb);
}

/* A space ends: no CPU has it afterwards, and another takes its place. */
static void step_end(void)
{
	struct space *s = &spaces[unit_random_below(SPACES)];

	for (u32 i = 0; i < CPUS; i++)
		if (running[i] == s)
			return;
	tlb_leave(&s->tlb);
	for (u32 i = 0; i < CPUS; i++) {
		assert_int_not_equal(machine[i].cr3 & ~0xfffUL, s->tables.root.v);
		assert_int_not_equal(
			cpu_get(i)->user_cr3 & ~(NOFLUSH | 0xfff), s->tables.user_root.v);
	}
	make_space(s);
}

static void step(void)
{
	fake_cpu_id = (u32)unit_random_below(CPUS);
	switch (unit_random_below(16)) {
	case 0:
	case 1:
	case 2:
		step_switch();
		break;
	case 3:
	case 4:
		step_change();
		break;
	case 5:
		if (unit_random_below(4) == 0)
			step_lazy();
		break;
	case 6:
		if (unit_random_below(4) == 0)
			step_change_kernel();
		break;
	case 7:
		if (unit_random_below(8) == 0)
			step_end();
		break;
	default:
		step_access();
	}
	for (u32 i = 0; i < CPUS; i++) {
		u64 cr3 = machine[i].cr3, user_cr3 = cpu_get(i)->user_cr3 & ~NOFLUSH;
		/* The kernel's side is what C code always runs on. */
		assert_int_equal(cr3, cpu_get(i)->kernel_cr3 & ~NOFLUSH);
		if (!running[i])
			continue;
		assert_int_equal(cr3 & ~0xfffUL, running[i]->tables.root.v);
		assert_int_equal(user_cr3 & ~0xfffUL, running[i]->tables.user_root.v);
	}
}

static void start(bool pti, bool pcid)
{
	isolation = pti;
	cpu_features.pcid = cpu_features.invpcid = pcid;
	fake_cpu_count = CPUS;
	memset(cpus, 0, sizeof(cpus));
	memset(machine, 0, sizeof(machine));
	memset(running, 0, sizeof(running));
	for (u32 i = 0; i < CPUS; i++) {
		atomic32_store(&cpu_get(i)->online, 1);
		cpu_get(i)->kernel_cr3 = cpu_get(i)->user_cr3 = machine[i].cr3 = kernel_root().v;
	}
	for (u32 i = 0; i < SPACES; i++)
		make_space(&spaces[i]);
	fake_cpu_id = 0;
}

static void run(bool pti, bool pcid)
{
	start(pti, pcid);
	for (u32 i = 0; i < 300000; i++)
		step();
	fake_cpu_id = 0;
}

static void test_plain(void **state)
{
	run(false, false);
}

static void test_isolation(void **state)
{
	run(true, false);
}

static void test_pcid(void **state)
{
	run(false, true);
}

static void test_isolation_with_pcid(void **state)
{
	run(true, true);
}

/* A range whose shootdown missed a step of the space must not make the slot look up to date. */
static void test_missed_generation(void **state)
{
	start(true, true);
	struct space *s = &spaces[0];
	switch_to(s);
	visit_ring_3(0);
	/* As if another CPU were between changing the table and flushing. */
	s->version[0]++;
	atomic64_fetch_add(&s->tlb.generation, 1);
	tlb_flush_range(&s->tlb, PAGE_SIZE, 2 * PAGE_SIZE);
	visit_ring_3(0);
}

/* What PCIDs are for: the translations of the last few spaces stay. */
static void test_pcid_keeps(void **state)
{
	start(true, true);
	for (u32 i = 0; i < TLB_SLOTS; i++) {
		switch_to(&spaces[i]);
		access_page(0);
		visit_ring_3(PAGE_SIZE);
	}
	u32 count = machine[0].count;
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < TLB_SLOTS; i++) {
			switch_to(&spaces[i]);
			visit_ring_3(PAGE_SIZE);
			/* A change of another page, in the space that is loaded. */
			tlb_flush_range(&spaces[i].tlb, 3 * PAGE_SIZE, 4 * PAGE_SIZE);
		}
		assert_int_equal(machine[0].count, count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_isolation),
		cmocka_unit_test(test_pcid),
		cmocka_unit_test(test_isolation_with_pcid),
		cmocka_unit_test(test_missed_generation),
		cmocka_unit_test(test_pcid_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
