/*
 * Single pages in the kernel's own table: stacks, device registers, CPU areas; and the end of
 * start-up.
 *
 * Entries and tables below the top level change under map_lock. Tables are never freed, so a lookup
 * needs no lock.
 */
#include "arch/image.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "arch/tlb.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "pte.h"
#include "sync/spinlock.h"

static struct spinlock map_lock = SPINLOCK_INIT("kernel map", RANK_KERNEL_MAP);
/* map_lock: end of what fixed_reserve() has given out. */
static u64 fixed_next = KERNEL_FIXED_BASE;

int kernel_map_page(void *va, paddr_t pa, u32 prot)
{
	u64 flags = spin_lock_irqsave(&map_lock);
	pte_t *slot = pte_walk(kernel_top(), (u64)va, PTE_KERNEL_TABLE, true);
	int err = -ENOMEM;

	ASSERT(!(prot & PT_WRITE) || !(prot & PT_EXEC));
	if (slot) {
		CHECK(pte_get(slot) == 0);
		pte_set(slot, pte_kernel(pa, prot) | kernel_global());
		err = 0;
	}
	spin_unlock_irqrestore(&map_lock, flags);
	return err;
}

paddr_t kernel_unmap_page(void *va)
{
	u64 flags = spin_lock_irqsave(&map_lock);
	pte_t *slot = pte_walk(kernel_top(), (u64)va, 0, false);

	CHECK(slot && (pte_get(slot) & PTE_P));
	paddr_t pa = pte_address(pte_get(slot));
	pte_set(slot, 0);
	spin_unlock_irqrestore(&map_lock, flags);
	return pa;
}

/* No lock: tables below a kernel slot are never freed, and an entry is read in one piece. Reports
 * come here from any context. */
bool kernel_lookup(const void *va, paddr_t *pa, u32 *flags)
{
	const pte_t *table = kernel_top();

	for (u32 level = PTE_TOP;; level--) {
		pte_t e = pte_get(&table[pte_index((u64)va, level)]);

		if (!(e & PTE_P))
			return false;
		if (level == 1 || (e & PTE_LARGE)) {
			u64 offset = (u64)va & ((1UL << pte_level_shift(level)) - 1);

			*pa = PADDR((pte_address(e).v & ~((1UL << pte_level_shift(level)) - 1)) +
				    offset);
			*flags = pte_flags(e);
			return true;
		}
		table = pte_table(e);
	}
}

/* Address space that is never given back; a page stays free after each piece. */
static void *fixed_reserve(size_t size)
{
	u64 flags = spin_lock_irqsave(&map_lock);
	u64 va = fixed_next;

	if (size >= KERNEL_FIXED_BASE + KERNEL_FIXED_SIZE - va)
		va = 0;
	else
		fixed_next = va + size + PAGE_SIZE;
	spin_unlock_irqrestore(&map_lock, flags);
	return (void *)va;
}

static void *map_fixed(paddr_t pa, size_t size, u32 prot)
{
	u64 offset = pa.v & ~PAGE_MASK;
	size_t bytes = ALIGN_UP(offset + size, PAGE_SIZE);
	char *va = fixed_reserve(bytes);

	for (size_t done = 0; va && done < bytes; done += PAGE_SIZE)
		if (kernel_map_page(va + done, PADDR((pa.v & PAGE_MASK) + done), prot))
			return NULL;
	return va ? va + offset : NULL;
}

void *kernel_map_device(paddr_t pa, size_t size)
{
	return map_fixed(pa, size, PT_READ | PT_WRITE | PT_NOCACHE);
}

static bool in_direct_map(u64 start, u64 end)
{
	paddr_t pa;
	u32 flags;

	for (u64 at = start & PAGE_MASK; at < end; at += PAGE_SIZE)
		if (!kernel_lookup(direct_map(PADDR(at)), &pa, &flags))
			return false;
	return true;
}

const void *kernel_map_firmware(paddr_t pa, size_t size)
{
	if (in_direct_map(pa.v, pa.v + size))
		return direct_map(pa);
	return map_fixed(pa, size, PT_READ);
}

static void set_read_only(const char *start, const char *end)
{
	for (const char *va = start; va < end; va += PAGE_SIZE) {
		pte_t *slot = pte_walk(kernel_top(), (u64)va, 0, false);

		CHECK(slot && (pte_get(slot) & PTE_P));
		pte_set(slot, pte_get(slot) & ~(PTE_W | PTE_D));
	}
}

/* An image part's other name, in the direct map. */
static const char *alias(const char *va)
{
	return direct_map(image_physical(va));
}

/*
 * Start-up's code goes before its frames become anybody's. An emulator keeps what it translated of a page until those bytes are
 * written, and looks at every write to such a page until then: a kernel stack in one of them, whose lower end is never written,
 * made its thread 30 times as slow (QEMU's TCG; scenario/many-areas).
 */
static void wipe_init_text(void)
{
	for (const char *va = __init_text_start; va < __init_text_end; va += PAGE_SIZE)
		clear_page(direct_map(image_physical(va)));
}

void kernel_map_seal(void)
{
	u64 flags = spin_lock_irqsave(&map_lock);

	set_read_only(__ro_after_init_start, __ro_after_init_end);
	set_read_only(alias(__text_start), alias(__text_end));
	set_read_only(alias(__rodata_start), alias(__rodata_end));
	set_read_only(alias(__ro_after_init_start), alias(__ro_after_init_end));
	for (const char *va = __init_start; va < __init_end; va += PAGE_SIZE)
		pte_set(pte_walk(kernel_top(), (u64)va, 0, false), 0);
	spin_unlock_irqrestore(&map_lock, flags);
	tlb_flush_kernel((void *)KERNEL_BASE, (size_t)(__image_end - (const char *)KERNEL_BASE));
	tlb_flush_kernel((void *)alias(__image_start), (size_t)(__image_end - __image_start));
	wipe_init_text();
	upcall_memory_add(image_physical(__init_start), image_physical(__init_end));
}
