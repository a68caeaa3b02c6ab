/* Between the files of the address space. Everything needs mm->lock held unless it says otherwise.
 */
#ifndef MM_MM_PRIVATE_H
#define MM_MM_PRIVATE_H

#include "lib/list.h"
#include "mm/frame.h"
#include "mm/mm.h"

/* As Linux's vm.max_map_count. */
#define AREAS_MAX 65530
/* Kept free below a stack, so that running over its end is a fault and not somebody else's data. */
#define STACK_GUARD_GAP (256 * PAGE_SIZE)
#define STACK_LIMIT_DEFAULT (8 * MIB)
/* Linux's vm.mmap_min_addr. */
#define MAP_LOWEST (64 * KIB)

/* One frame more (n is 1) or less (-1UL) in the tables; not the zero frame. What kind it is of stays the same as long as it is mapped. */
static inline void mm_count_page(struct mm *mm, const struct page *page, u64 n)
{
	mm->pages += n;
	if (page->state == PAGE_RESERVED)
		mm->file_pages += n;
	else if (page->owner)
		mm->store_pages += n;
}

/* -- area.c: the tree -- */

void area_init(void);
/* Not filled in; NULL if memory ran out. */
struct area *area_alloc(void);
/* Its source is the caller's. NULL is fine. */
void area_free(struct area *a);
/* Fills in new as a copy of a, not linked, with a reference on the source. */
void area_copy(struct area *new, const struct area *a);

struct area *area_prev(const struct area *a);
struct area *area_at(const struct mm *mm, uaddr_t va);
/* True if areas cover all of [start, end). */
bool area_covers(const struct mm *mm, uaddr_t start, uaddr_t end);

/* Into and out of the tree and the counts. */
void area_link(struct mm *mm, struct area *a);
void area_unlink(struct mm *mm, struct area *a);
/* The same for the first area of a space that is being freed, whose tree is not kept in balance: the next, or NULL. */
struct area *area_unlink_first(struct mm *mm, struct area *a);
/* Changes what is counted of a linked area. */
void area_set_flags(struct mm *mm, struct area *a, u32 set, u32 clear);
void area_set_prot(struct mm *mm, struct area *a, u32 prot);
/* Moves a linked area's borders: the lower one only of an area without a source. */
void area_set_start(struct mm *mm, struct area *a, uaddr_t start);
void area_set_end(struct mm *mm, struct area *a, uaddr_t end);

/* The highest place for length bytes in [low, high) that touches no area and no stack's guard gap.
 */
bool area_find_gap(const struct mm *mm, u64 length, uaddr_t low, uaddr_t high, uaddr_t *out);

/* What a page of the area gets that the next write is to be noticed of. Memory that may be written can be
 * read, as on every x86, also where the program asked for PROT_WRITE alone: taking that away alone would leave
 * an entry that gives nothing, and a fault that is never over. */
static inline u32 area_prot_unwritten(const struct area *a)
{
	return a->prot & PT_WRITE ? (a->prot & ~PT_WRITE) | PT_READ : a->prot;
}

/* -- area_edit.c: splitting and merging -- */

/* Areas made before anything is changed, so that nothing can fail half-way: the upper parts of
 * those that will be cut. */
struct area_stock {
	struct area *spare[2];
};
/* Gives back what was not needed. */
void area_stock_drop(struct area_stock *stock);
/* What area_split_at() at start and at end will need to take the range out: 0 or -ENOMEM, also if there
 * would be too many areas. */
MUST_CHECK int area_stock_fill(
	struct area_stock *stock, const struct mm *mm, uaddr_t start, uaddr_t end);

/* Cuts the area that contains va in two there, with an area of the stock; nothing if there is none
 * or it starts there. The stock is empty when both its places have been cut. */
void area_split_at(struct mm *mm, uaddr_t va, struct area_stock *stock);
/* Joins what can be joined at the borders of areas in [start, end], both ends included. */
void area_merge(struct mm *mm, uaddr_t start, uaddr_t end);
/* Gives [start, end), which lies in a, these permissions and flags; a may be another area afterwards,
 * or none. 0, or -ENOMEM: no memory, or too many areas. */
MUST_CHECK int area_change(
	struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, u32 prot, u32 flags);
/* What each area has of [start, end), until fn, which may cut and join, gives an error, which is
 * returned. -ENOMEM for a hole: at once, or after the rest was done. */
typedef int (*area_fn)(struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, const void *arg);
MUST_CHECK int area_for_each(
	struct mm *mm, uaddr_t start, uaddr_t end, bool skip_holes, area_fn fn, const void *arg);

/* -- map.c -- */

/* Whole pages of the program's half. */
bool map_range_ok(uaddr_t start, u64 length);
/* More than can be kept, whatever is given back meanwhile. */
bool map_promise_too_large(u32 prot, u32 flags, u64 length);
/* 0 if so many bytes more of that kind are within the running process's limits; -ENOMEM, or -EAGAIN
 * for locked memory. */
MUST_CHECK int map_check_limits(const struct mm *mm, u32 prot, u32 flags, u64 more);
/* The same for memory that is mapped and becomes writable. */
MUST_CHECK int map_check_data_limit(const struct mm *mm, u32 flags, u64 more);
/* A free place, at the hint if that is one. 0 or -ENOMEM. */
MUST_CHECK int map_find_place(const struct mm *mm, uaddr_t hint, u64 length, uaddr_t *out);
/* Sets and clears AREA_* flags of [start, end), which lies in a. Errors as area_change(). */
MUST_CHECK int map_set_flags_of(
	struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, u32 set, u32 clear);
/* True if nothing is in [start, start+length), nor a stack's guard gap. */
bool map_is_free(const struct mm *mm, uaddr_t start, u64 length);
/* Takes everything out of [start, end), for which the stock was filled. */
void map_unmap_locked(struct mm *mm, uaddr_t start, uaddr_t end, struct area_stock *stock);

/* -- reverse.c -- */

void reverse_init(void);
/* Into the source's tree, with a new number, and out of it. */
void reverse_attach(struct mm *mm, struct area *a);
void reverse_detach(struct area *a);

/* -- zap.c: taking pages out -- */

/* Pages and tables on their way out: freed by zap_finish(), after every CPU has dropped them. */
#define ZAP_SHARED_MAX 64
struct zap {
	struct mm *mm;
	bool unused;			/* no CPU has it loaded, nor will: frames can go at once */
	uaddr_t flush_start, flush_end; /* what must be flushed; empty if start >= end */
	struct list own;		/* frames that nobody else has, by link */
	struct page *shared[ZAP_SHARED_MAX];
	u32 shared_count;
	paddr_t tables; /* a chain of tables */
};
void zap_start(struct zap *z, struct mm *mm);
/* For an address space that no CPU has loaded, nor will: no flush. */
void zap_start_unused(struct zap *z, struct mm *mm);
void zap_range(struct zap *z, uaddr_t start, uaddr_t end);
/* The same for frames that are s's own, not private copies. */
void zap_range_of(struct zap *z, uaddr_t start, uaddr_t end, const struct page_source *s);
/* [start, end) has no area any more: its tables go, too. */
void zap_tables(struct zap *z, uaddr_t start, uaddr_t end);
void zap_finish(struct zap *z);

/* -- fault.c -- */

/* Besides FAULT_* of arch/upcalls.h: whatever the area's protection says, but no write to what others
 * share. The page's own permissions stay the area's. */
#define FAULT_FORCED BIT(31)

extern paddr_t zero_frame;
void fault_init(void);
/* mm_fault() without the lock and without looking for memory elsewhere. */
MUST_CHECK int fault_locked(struct mm *mm, uaddr_t va, u32 access, int *code);
/* The frame is mapped here and nowhere else, and no source has it. */
bool page_is_own(paddr_t pa);

/* How many bytes of the page at va its source fills. */
u64 fault_source_fill(const struct area *a, uaddr_t va);

/* -- huge.c -- */

/* Whether the area may have huge pages at all. */
bool huge_is_wanted(const struct mm *mm, const struct area *a);
/* Where nothing is mapped at va: maps a huge page there, if one is wanted and to be had. */
bool huge_fault_absent(struct mm *mm, const struct area *a, uaddr_t va, u32 access);
/* A write to a page that is not writable: makes the huge page around it writable, if there is one that is
 * ours alone. */
bool huge_fault_present(struct mm *mm, const struct area *a, uaddr_t va);

/* -- fault_around.c -- */

/* Maps the pages at and around va that the area's source has in memory, as reads would. True if that
 * at va, which was not mapped, is among them. */
bool fault_around(struct mm *mm, const struct area *a, uaddr_t va);

/* -- oom.c; no lock held -- */

/* True if an allocation for a program that failed may be tried again. */
bool oom_try_again(void);

#endif
