/*
 * A program's address space: areas in a balanced tree, pages given on demand.
 *
 * struct mm is referenced by the threads of its process (users), and by every CPU whose cpu->mm it
 * is (lazily kept by idle and kernel threads). With the last user everything it maps is freed, its
 * tables too: first every CPU is made to leave them (hazard W7). Only the structure itself waits
 * for the CPUs' references.
 *
 * Locking: mm->lock (a sleeping mutex, RANK_MM_MAP) guards areas and tables. A page fault takes it,
 * so it is never held across a user copy. Sources are asked for pages under it.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "arch/pagetable.h"
#include "arch/tlb.h"
#include "lib/compiler.h"
#include "lib/rbtree.h"
#include "lib/refcount.h"
#include "mm/frame.h"
#include "sched/mutex.h"

/* Where the pages of an area come from when they are not zero. Reference-counted by its own
 * operations. */
struct page_source;
struct page_source_ops {
	/* The frame with page number index, with a reference for the caller, who may map it:
	 * read-only, or writable in a shared area. May sleep. 0, -EIO, -ENOMEM, or -ENXIO past the
	 * end (the program gets SIGBUS). */
	int (*get_page)(struct page_source *s, u64 index, struct page **out);
	void (*get)(struct page_source *s);
	void (*put)(struct page_source *s);
	/* Whether the page is in memory now; NULL: all are. */
	bool (*resident)(struct page_source *s, u64 index);
	/* Of the pages that `wanted` names (bit i: first + i) those that are in memory now, as get_page()
	 * would give them: out[i], with a reference for the caller, and their bits. Makes nothing and does
	 * not sleep. NULL: each is asked for when it is touched. */
	u64 (*get_resident)(struct page_source *s, u64 first, u64 wanted, paddr_t *out);
	/* Makes bytes [start, end) a hole, as fallocate(2) does; takes locks before RANK_MM_MAP. NULL: it has no holes. */
	int (*punch)(struct page_source *s, u64 start, u64 end);
	/* For /proc/self/maps and reports. */
	const char *(*name)(struct page_source *s);
	/* The kernel's own page, which a program is only shown: advice about it is refused. */
	bool is_kernels;
};
/* Zeroed but for ops at first. */
struct page_source {
	const struct page_source_ops *ops;
	/* The areas that map it: mm/reverse.c. */
	struct rb_root areas;
	u64 last_number;
	/* Shared areas that may be written to, and mm_map()s that are about to make one; -1: there
	 * can't be any. */
	atomic64_t writable;
};
/* False if nobody may map it to write; otherwise page_source_end_write() is owed. Any context. */
MUST_CHECK bool page_source_begin_write(struct page_source *s);
void page_source_end_write(struct page_source *s);
/* Nobody may from now on: false if somebody does. */
MUST_CHECK static inline bool page_source_deny_write(struct page_source *s)
{
	u64 old = 0;

	return atomic64_compare_exchange(&s->writable, &old, ~0UL) || old == ~0UL;
}
static inline bool page_source_is_written(const struct page_source *s)
{
	return (s64)atomic64_load(&s->writable) > 0;
}

/* All under mm->lock. */
struct area {
	struct rb_node node;
	/* Page-aligned, end exclusive. */
	uaddr_t start, end;
	u32 prot;  /* PT_READ, PT_WRITE, PT_EXEC */
	u32 flags; /* AREA_* */
	/* NULL: anonymous. */
	struct page_source *source;
	/* Bytes in the source at start, page-aligned. */
	u64 offset;
	/* Bytes from start that the source fills; the rest is zero (ELF's .bss). ~0: all. */
	u64 source_bytes;
	/* About this node's subtree, see area.c: where its areas begin and end, and the largest gap
	 * between two. */
	uaddr_t tree_start, tree_end;
	u64 tree_gap;
	/* In the source's tree, see reverse.c; mm is NULL while it is not. */
	struct rb_node source_node;
	u64 source_number;
	struct mm *mm;
};

#define AREA_SHARED 1U
/* Grows down as far as mm->stack_limit; a guard gap stays free below. */
#define AREA_STACK 2U
#define AREA_BRK 4U
#define AREA_NORESERVE 8U
/* Shared, of a source that may be written to: without this mm_protect() can't add PT_WRITE to a
 * shared area. */
#define AREA_MAY_WRITE 16U
/* madvise: not in the child of a fork; there, but without its contents. */
#define AREA_DONTFORK 32U
#define AREA_WIPEONFORK 64U
/* mlock: nothing is ever paged out here, so it is what is counted and reported. */
#define AREA_LOCKED 128U
#define AREA_LOCK_ON_FAULT 256U
/* madvise: huge pages are wanted here, or must not be. */
#define AREA_HUGE 512U
#define AREA_NO_HUGE 1024U
/* Counts as promised: mm/commit.h. */
#define AREA_ACCOUNT 2048U

struct mm {
	/* Threads; what is mapped goes with the last. */
	struct refcount users;
	/* All users together count as one, and each CPU whose cpu->mm this is. */
	struct refcount refs;
	struct mutex lock;
	struct rb_root areas;	 /* lock */
	u64 area_count;		 /* lock */
	struct pagetable tables; /* lock; walked by CPUs */
	struct tlb_state tlb;
	bool hidden;  /* lock: being made, nobody finds it through its sources yet */
	bool no_huge; /* PR_SET_THP_DISABLE: one word, for faults to come */
	/* Constant after exec: a place is searched downwards from mmap_base; an AREA_STACK grows to
	 * stack_limit bytes. */
	uaddr_t mmap_base, stack_top;
	u64 stack_limit;
	atomic32_t membarrier;	/* proc/membarrier.c: the commands it has registered for */
	uaddr_t brk_start, brk; /* lock; brk_start constant after exec */
	/* Constant after exec: where the stack began, and what of it /proc shows; where the program's code and data lie. */
	uaddr_t stack_start, arg_start, arg_end, env_start, env_end, auxv_start, auxv_end;
	uaddr_t code_start, code_end, data_start, data_end;
	u64 pages;	  /* lock: frames mapped (resident set) */
	u64 file_pages;	  /* lock: of those, the archive's own */
	u64 store_pages;  /* lock: of those, page stores' */
	u64 mapped_pages; /* lock: pages covered by areas */
	u64 mapped_peak;  /* lock: the most that those ever were */
	u64 data_pages;	  /* lock: of those, private writable ones but stacks */
	u64 stack_pages;  /* lock: of those, stacks */
	u64 exec_pages;	  /* lock: of those, executable ones that can't be written */
	u64 locked_pages; /* lock: of those, AREA_LOCKED ones */
	u32 new_flags;	  /* lock: AREA_LOCKED and so on, for all areas to come (mlockall) */
};

/* The first area that ends above va, or NULL: va lies in it or before it. The one behind it, or NULL. Both need mm->lock. */
struct area *area_at_or_after(const struct mm *mm, uaddr_t va);
struct area *area_next(const struct area *a);

/* No area yet; defaults for all constants. 0 or -ENOMEM. */
MUST_CHECK int mm_create(struct mm **out);
/* A copy of parent with copy-on-write pages, as fork(2) makes it, with one user for the caller. 0 or
 * -ENOMEM: then nothing has been made. Thread context, may sleep. */
MUST_CHECK int mm_fork(struct mm *parent, struct mm **out);
void mm_get_user(struct mm *mm);
/* Drops a thread's use; the last one unmaps everything and frees the frames. Thread context, may
 * sleep. */
void mm_put_user(struct mm *mm);
/* Drops a CPU's. Any context except NMI. */
void mm_put_ref(struct mm *mm);

/* Makes mm (NULL: none, the tables stay loaded as long as nobody minds) the address space of this
 * CPU. IF=0. The scheduler's, and exec's. */
void mm_switch(struct mm *mm);

#define MAP_AT_HINT 0U
#define MAP_AT_FIXED 1U		  /* replaces what is there */
#define MAP_AT_FIXED_NOREPLACE 2U /* -EEXIST if something is there */

/* Adds an area; *address is in and out. source may be NULL (its reference is taken by the callee).
 * Errors as mmap(2): -ENOMEM, -EINVAL, -EEXIST, -EPERM. */
MUST_CHECK int mm_map(struct mm *mm, uaddr_t *address, size_t length, u32 prot, u32 area_flags,
	u32 how, struct page_source *source, u64 offset, u64 source_bytes);
MUST_CHECK int mm_unmap(struct mm *mm, uaddr_t start, size_t length);
/* All parts of a mapping that began at start, of a source that is_kind() (which must only look) says
 * is meant. -EINVAL if there is none. */
MUST_CHECK int mm_unmap_whole(
	struct mm *mm, uaddr_t start, bool (*is_kind)(const struct page_source *s));
MUST_CHECK int mm_protect(struct mm *mm, uaddr_t start, size_t length, u32 prot);
/* brk(2) as the kernel does it: the new break, or the old one if it can't be moved. */
uaddr_t mm_set_brk(struct mm *mm, uaddr_t brk);
/* madvise: MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_FREE (areas without a source only). -EINVAL at the
 * first area that is locked, or has a source, where that matters; -ENOMEM if not all is mapped. */
MUST_CHECK int mm_discard(struct mm *mm, uaddr_t start, size_t length);
MUST_CHECK int mm_discard_locked(struct mm *mm, uaddr_t start, size_t length);
MUST_CHECK int mm_discard_anonymous(struct mm *mm, uaddr_t start, size_t length);

/* MADV_REMOVE: holes in what shared areas show. -EINVAL at the first area that is locked or of nothing that has holes, -EACCES if
 * it may not be written to, -ENOMEM if not all is mapped, or what the source says. */
MUST_CHECK int mm_punch(struct mm *mm, uaddr_t start, size_t length);
/* For advice that changes nothing, Linux's look: -EINVAL if a part is the kernel's own, or locked if that matters (MADV_COLD,
 * MADV_PAGEOUT); -ENOMEM if not all is mapped. */
MUST_CHECK int mm_check_advice(struct mm *mm, uaddr_t start, size_t length, bool unlocked);

/* madvise: sets and clears AREA_* flags of what lies in the range, area by area. 0; -EINVAL; -ENOMEM if
 * not all of it is mapped (the rest is done); -EAGAIN if memory or areas ran out. */
MUST_CHECK int mm_set_flags(struct mm *mm, uaddr_t start, size_t length, u32 set, u32 clear);

/* Pages [first, end) of s are no longer what they were: takes them out of every address space, where
 * they are found missing and are asked for again. copies: those that private areas made of them,
 * too. The caller has made sure that s does not give out the old pages any more; he holds no lock of
 * RANK_MM_MAP or higher. */
void mm_unmap_source(struct page_source *s, u64 first, u64 end, bool copies);

/*
 * The name of a word for futexes, the same for everybody who can reach it: compare object and
 * offset. Of shared memory it has a reference, so that the name stays its own; give it back with no
 * spinlock held.
 */
struct futex_key {
	const void *object; /* struct mm, or the source */
	u64 offset;
	struct page_source *source; /* NULL: private */
};
/* 0, or -EFAULT if nothing is mapped there, if it can't be accessed as asked, or if it is private
 * memory that can't change because nobody may write to it. May sleep. */
MUST_CHECK int mm_futex_key(struct mm *mm, uaddr_t address, bool write, struct futex_key *key);
void mm_futex_key_put_source(struct futex_key *key);
static inline void mm_futex_key_put(struct futex_key *key)
{
	if (UNLIKELY(key->source))
		mm_futex_key_put_source(key);
}
/* For words that the caller says are private (FUTEX_PRIVATE_FLAG): no lock, no reference. */
static inline struct futex_key mm_futex_key_private(const struct mm *mm, uaddr_t address)
{
	return (struct futex_key){.object = mm, .offset = address};
}

/* mremap(2), whose arguments are known to make sense by themselves; lengths are whole pages. */
struct remap {
	uaddr_t old;
	u64 old_length; /* 0: a second mapping of the same shared pages */
	u64 new_length;
	uaddr_t new; /* fixed: replaces what is there; otherwise a wish */
	bool may_move, fixed, keep_old;
	bool populate; /* out: what is new is locked and wants its pages */
};
MUST_CHECK int mm_remap(struct mm *mm, struct remap *r, uaddr_t *out);

/* Faults every page in; access is FAULT_*, or 0 for what each area's first access would be. Errors
 * as mm_fault(). */
MUST_CHECK int mm_populate(struct mm *mm, uaddr_t start, size_t length, u32 access, int *code);
/* mincore(2): out[i] is 1 if page i is in memory. -ENOMEM if one is not mapped. */
MUST_CHECK int mm_resident(struct mm *mm, uaddr_t start, u64 pages, u8 *out);

/* mlock and munlock of a range: flags are AREA_LOCKED and so on, or 0. 0; -ENOMEM: not all is mapped
 * (what is before the first hole is done), more than the limit, or too many areas. */
MUST_CHECK int mm_lock_range(struct mm *mm, uaddr_t start, size_t length, u32 flags);
/* mlockall and munlockall: what is there, if now says so, and what is to come. -ENOMEM: the limit. */
MUST_CHECK int mm_lock_all(struct mm *mm, bool now, u32 now_flags, u32 later_flags);
/* Faults in what can be of everything there is. */
void mm_populate_all(struct mm *mm);
/* msync(2)'s look: -ENOMEM if not all is mapped, -EBUSY if invalidate and a part is locked. */
MUST_CHECK int mm_sync_check(struct mm *mm, uaddr_t start, size_t length, bool invalidate);

/* What the running process may use, in bytes: its resource limits. Registered by proc. */
struct mm_limits {
	u64 address_space, data;
	u64 locked;	    /* UINT64_MAX for who may lock as he likes */
	bool administrates; /* may use what is kept for the administrator */
};
void mm_set_limits_op(void (*get)(struct mm_limits *out));
void mm_get_limits(struct mm_limits *out);

/* A page fault or a user copy's wish for the page: access is FAULT_* of arch/upcalls.h. 0; -EFAULT
 * (no area, or against its permissions: SIGSEGV with SEGV_MAPERR or SEGV_ACCERR in *code),
 * -EIO/-ENXIO (SIGBUS), -ENOMEM. May sleep. */
MUST_CHECK int mm_fault(struct mm *mm, uaddr_t address, u32 access, int *code);

/* Copies between kernel memory and an address space that need not be the current one (exec's new
 * one). May sleep. */
MUST_CHECK int mm_write(struct mm *mm, uaddr_t to, const void *from, size_t n);
MUST_CHECK int mm_read(struct mm *mm, void *to, uaddr_t from, size_t n);
/* The same whatever the protection says, for tracers: what may not be written is copied first if it is
 * private, and refused if it is shared. */
MUST_CHECK int mm_write_forced(struct mm *mm, uaddr_t to, const void *from, size_t n);
MUST_CHECK int mm_read_forced(struct mm *mm, void *to, uaddr_t from, size_t n);

/* Called when an allocation for a program failed: picks a process to end. Registered by proc. */
struct mm_oom_ops {
	/* True if memory will come back and the caller (not the victim) may try again; false: the
	 * caller must fail. */
	bool (*out_of_memory)(void);
};
void mm_set_oom_ops(const struct mm_oom_ops *ops);

void mm_init(void);

#endif
