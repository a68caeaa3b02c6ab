/*
 * Page tables.
 *
 * struct pagetable is one address space's tables. Under isolation it has two roots that share
 * everything below the top level in the program's half: the kernel-side root (kernel slots whole,
 * program slots marked NX, hazard X12) and the user-side root (arch/x86_64/mm/pti.c). The two root
 * pages are adjacent, kernel side first.
 *
 * Locking: the caller (mm/) serialises all changes to one table. Walks by the CPU run at any time,
 * so an entry changes in one 8-byte store. Nothing here flushes a TLB, see arch/tlb.h for who must,
 * but where a large page is cut: then the CPUs are waited for, so IF=1 and no spinlock is held wherever
 * there may be one.
 */
#ifndef ARCH_PAGETABLE_H
#define ARCH_PAGETABLE_H

#include "arch/layout.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct tlb_state;

struct pagetable {
	paddr_t root;	       /* kernel side */
	paddr_t user_root;     /* user side; equal to root when isolation is off */
	u64 table_pages;       /* pages of tables below the roots, for accounting */
	u64 large_pages;       /* mapped at the moment */
	paddr_t tables;	       /* put aside, one for each of them: arch/x86_64/mm/large.c */
	struct tlb_state *tlb; /* constant: who has it loaded */
};

/* What one entry of the second level maps. */
#define LARGE_PAGE_SIZE (512 * PAGE_SIZE)
#define LARGE_PAGE_ORDER 9U

#define PT_READ 1U
#define PT_WRITE 2U
#define PT_EXEC 4U
#define PT_USER 8U
#define PT_NOCACHE 16U
/* Reported by lookups; a map with PT_DIRTY sets it in advance, which saves the CPU's own update at
 * the first write. */
#define PT_DIRTY 32U
#define PT_ACCESSED 64U

/* 0 or -ENOMEM. */
MUST_CHECK int pagetable_create(struct pagetable *pt, struct tlb_state *tlb);
/* Frees all tables; the frames they map are the caller's. No CPU may have the roots loaded. */
void pagetable_destroy(struct pagetable *pt);

/* Maps one page of the program's half, replacing what was there. *old gets the frame mapped before
 * (v == 0: none). With none of PT_READ, PT_WRITE and PT_EXEC the frame is kept but nobody can reach
 * it (PROT_NONE). 0 or -ENOMEM (then nothing changed). */
MUST_CHECK int pagetable_map(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot, paddr_t *old);

/* The same where nothing is mapped yet: -EEXIST if something is. */
MUST_CHECK int pagetable_map_new(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot);

/* Which of the n <= 64 pages from va on, that one table of the last level serves, are not mapped: bit i
 * is page i. */
u64 pagetable_find_empty(struct pagetable *pt, uaddr_t va, u32 n);
/* Maps those, frames[i] for bit i of `which`. 0 or -ENOMEM (then nothing changed). */
MUST_CHECK int pagetable_map_some(
	struct pagetable *pt, uaddr_t va, u64 which, const paddr_t *frames, u32 prot);

/* Removes one page. True if one was mapped: *pa and *flags (PT_*) say what. */
bool pagetable_unmap(struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags);

/* Changes the permissions of one mapped page; false if none is mapped. */
bool pagetable_protect(struct pagetable *pt, uaddr_t va, u32 prot);

bool pagetable_lookup(const struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags);

/* The same for every page in [start, end) that has one, by rising address. */
typedef void (*pagetable_unmap_fn)(void *arg, uaddr_t va, paddr_t pa);
void pagetable_unmap_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, pagetable_unmap_fn fn, void *arg);
/* fn says which permissions a page gets. True if there was one. */
typedef u32 (*pagetable_protect_fn)(void *arg, paddr_t pa);
bool pagetable_protect_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, pagetable_protect_fn fn, void *arg);

/* Large pages: a short way to write down 512 entries. All functions here see them as those; what works
 * on a part of one, or on single pages, cuts it, which can't fail. Frames are reported, and counted, one
 * by one. */

/* Nothing is mapped in the 2 MiB around va, and no table is in the way. */
bool pagetable_large_fits(const struct pagetable *pt, uaddr_t va);
/* Maps 512 adjacent frames; both addresses are multiples of LARGE_PAGE_SIZE. 0, -ENOMEM or -EEXIST (then
 * nothing changed). */
MUST_CHECK int pagetable_map_large(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot);
/* False if there is no large page around va. *pa: its first frame. */
bool pagetable_lookup_large(const struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags);
/* Of one that is there. */
void pagetable_protect_large(struct pagetable *pt, uaddr_t va, u32 prot);
/* Of all programs, at this moment. */
u64 pagetable_large_total(void);

/*
 * Gives `to` the pages that `from` has in [start, end), where `to` has none. Frames are reported in
 * batches, each once for every page that refers to it, before anybody can drop them: the callee
 * counts references. copy_on_write: no page stays writable, on either side; *tightened says whether
 * one of `from` was, so that its translations must be flushed. 0 or -ENOMEM: then a part has been
 * done, all of which was reported.
 */
typedef void (*pagetable_frames_fn)(void *arg, const paddr_t *frames, u32 n);
struct pagetable_share {
	bool copy_on_write;
	bool tightened; /* out; the caller clears it first */
	pagetable_frames_fn frames;
	void *arg;
};
MUST_CHECK int pagetable_share_range(struct pagetable *to, struct pagetable *from, uaddr_t start,
	uaddr_t end, struct pagetable_share *share);

/* Moves the entries of [start, end) to where nothing is mapped, from `to` on; the two do not overlap.
 * *moved: there was one, and the old range must be flushed. 0, or -ENOMEM: then nothing has moved,
 * but tables may have been made. */
MUST_CHECK int pagetable_move_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, uaddr_t to, bool *moved);

/* The next address at or after va that has a page mapped (or kept); end if none. */
uaddr_t pagetable_next(const struct pagetable *pt, uaddr_t va, uaddr_t end);

/* [start, end) has just been unmapped, and nothing is mapped in the hole around it. Takes out the
 * tables that served parts of [start, end) and now serve only the hole. They are chained, *freed
 * being the first (v == 0: none; the caller sets it so at first): after tlb_flush_all() (CPUs may
 * be walking them) the chain goes to pagetable_free_chain(). */
void pagetable_prune(struct pagetable *pt, uaddr_t start, uaddr_t end, uaddr_t hole_start,
	uaddr_t hole_end, paddr_t *freed);
void pagetable_free_chain(paddr_t freed);

/* The kernel's own mappings (vmalloc, device registers), in slots allocated at boot. 4 KiB pages.
 * IF any. */
MUST_CHECK int kernel_map_page(void *va, paddr_t pa, u32 prot);
/* Removes it; the caller must tlb_flush_kernel() before the address is used again. Returns what was
 * mapped. */
paddr_t kernel_unmap_page(void *va);
bool kernel_lookup(const void *va, paddr_t *pa, u32 *flags);

/* The first part of the vmalloc slot is for what stays mapped for ever; mm/kstack.c has the rest.
 */
#define KERNEL_FIXED_BASE VMALLOC_BASE
#define KERNEL_FIXED_SIZE GIB

/* Maps device registers uncached; stays mapped for ever. NULL if memory ran out. Before or after
 * frame_init(). */
void *kernel_map_device(paddr_t pa, size_t size);
/* The firmware's tables, read-only and cached; in the direct map if they are there. NULL if memory
 * ran out. */
const void *kernel_map_firmware(paddr_t pa, size_t size);

/* The root of the kernel's own table, with no program in it. */
paddr_t kernel_root(void);

#endif
