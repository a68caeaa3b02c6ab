/*
 * /proc/PID/maps, smaps and smaps_rollup: the areas of an address space, and what of each is in memory.
 *
 * The text is made under mm->lock in pieces (proc/text.h) of whole areas, each of one moment as far as other threads of the
 * process are concerned; what others share changes meanwhile (mm/usage.c). The next piece begins with the first area that ends
 * above the last one shown, whatever was mapped or merged since. smaps tells more than maps, so it is only for who may look into the
 * process.
 *
 * Of Linux's figures, those about what does not exist here are 0: KSM, swap, hugetlbfs, huge pages of
 * files, and memory that is freed lazily (MADV_FREE frees at once).
 */
#include "fs/proc.h"
#include "mm/mm.h"
#include "mm/usage.h"
#include "proc/process.h"
#include "proc/ptrace.h"

static void show_area(struct proc_text *t, struct mm *mm, const struct area *a) REQUIRES(&mm->lock)
{
	const char *name = "";

	if (a->source)
		name = a->source->ops->name(a->source);
	else if (a->flags & AREA_BRK)
		name = "[heap]";
	else if (a->flags & AREA_STACK)
		name = "[stack]";
	size_t before = t->used;
	proc_print(t, "%08lx-%08lx %c%c%c%c %08lx 00:00 0 ", a->start, a->end,
		a->prot & PT_READ ? 'r' : '-', a->prot & PT_WRITE ? 'w' : '-',
		a->prot & PT_EXEC ? 'x' : '-', a->flags & AREA_SHARED ? 's' : 'p',
		a->source ? a->offset : 0);
	/* Names stand below each other. */
	while (name && name[0] && t->used - before < 73 && !t->failed)
		proc_print(t, " ");
	proc_print(t, "%s\n", name ? name : "");
}

/* A piece of the text, of the areas behind the last one. */
static void show_areas(struct proc_text *t, struct mm *mm,
	void (*show)(struct proc_text *t, struct mm *mm, const struct area *a))
{
	mutex_lock(&mm->lock);
	for (struct area *a = area_at_or_after(mm, t->from); a && !t->more && !t->failed;
		a = area_next(a)) {
		show(t, mm, a);
		t->from = a->end;
		t->more = t->used >= TEXT_PIECE;
	}
	mutex_unlock(&mm->lock);
}

void proc_show_maps(struct proc_text *t, struct process *p)
{
	struct mm *mm = process_get_mm(p);

	if (!mm)
		return;
	show_areas(t, mm, show_area);
	mm_put_user(mm);
}

static void show_kb(struct proc_text *t, const char *key, u64 bytes)
{
	/* Numbers stand below each other. */
	size_t before = t->used;

	proc_print(t, "%s:", key);
	while (t->used - before < 16 && !t->failed)
		proc_print(t, " ");
	proc_print(t, "%8lu kB\n", bytes / KIB);
}

static void show_usage(struct proc_text *t, const struct mm_usage *u, bool rollup)
{
	u64 pss = u->pss_anon + u->pss_file + u->pss_store;

	show_kb(t, "Rss", u->resident);
	show_kb(t, "Pss", pss >> MM_PSS_SHIFT);
	show_kb(t, "Pss_Dirty", u->pss_dirty >> MM_PSS_SHIFT);
	if (rollup) {
		show_kb(t, "Pss_Anon", u->pss_anon >> MM_PSS_SHIFT);
		show_kb(t, "Pss_File", u->pss_file >> MM_PSS_SHIFT);
		show_kb(t, "Pss_Shmem", u->pss_store >> MM_PSS_SHIFT);
	}
	show_kb(t, "Shared_Clean", u->shared_clean);
	show_kb(t, "Shared_Dirty", u->shared_dirty);
	show_kb(t, "Private_Clean", u->private_clean);
	show_kb(t, "Private_Dirty", u->private_dirty);
	show_kb(t, "Referenced", u->referenced);
	show_kb(t, "Anonymous", u->anonymous);
	show_kb(t, "KSM", 0);
	show_kb(t, "LazyFree", 0);
	show_kb(t, "AnonHugePages", u->anon_huge);
	show_kb(t, "ShmemPmdMapped", 0);
	show_kb(t, "FilePmdMapped", 0);
	show_kb(t, "Shared_Hugetlb", 0);
	show_kb(t, "Private_Hugetlb", 0);
	show_kb(t, "Swap", 0);
	show_kb(t, "SwapPss", 0);
	show_kb(t, "Locked", u->pss_locked >> MM_PSS_SHIFT);
}

/* The two letters that Linux has for each, in its order. */
static void show_flags(struct proc_text *t, const struct area *a)
{
	static const struct {
		u32 flag;
		char name[3];
	} names[] = {
		{AREA_STACK, "gd"},
		{AREA_LOCKED, "lo"},
		{AREA_DONTFORK, "dc"},
		{AREA_LOCK_ON_FAULT, "lf"},
		{AREA_ACCOUNT, "ac"},
		{AREA_NORESERVE, "nr"},
		{AREA_WIPEONFORK, "wf"},
		{AREA_HUGE, "hg"},
		{AREA_NO_HUGE, "nh"},
	};
	bool shared = a->flags & AREA_SHARED;
	bool may_write = !shared || (a->flags & AREA_MAY_WRITE);

	proc_print(t, "VmFlags: %s%s%s%s", a->prot & PT_READ ? "rd " : "",
		a->prot & PT_WRITE ? "wr " : "", a->prot & PT_EXEC ? "ex " : "",
		shared && may_write ? "sh " : "");
	proc_print(t, "mr %sme %s", may_write ? "mw " : "", shared ? "ms " : "");
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (a->flags & names[i].flag)
			proc_print(t, "%s ", names[i].name);
	proc_print(t, "\n");
}

static void show_area_usage(struct proc_text *t, struct mm *mm, const struct area *a)
	REQUIRES(&mm->lock)
{
	struct mm_usage u = {0};

	mm_usage_add(mm, a, &u);
	show_area(t, mm, a);
	show_kb(t, "Size", a->end - a->start);
	show_kb(t, "KernelPageSize", PAGE_SIZE);
	show_kb(t, "MMUPageSize", PAGE_SIZE);
	show_usage(t, &u, false);
	proc_print(t, "THPeligible:    %8u\n", mm_huge_eligible(mm, a));
	show_flags(t, a);
}

/* NULL: there is nothing, or nothing for the reader. */
static struct mm *get_visible(struct process *p)
{
	return ptrace_may_access(p, false) ? NULL : process_get_mm(p);
}

void proc_show_smaps(struct proc_text *t, struct process *p)
{
	struct mm *mm = get_visible(p);

	if (!mm)
		return;
	show_areas(t, mm, show_area_usage);
	mm_put_user(mm);
}

void proc_show_smaps_rollup(struct proc_text *t, struct process *p)
{
	struct mm *mm = get_visible(p);
	struct mm_usage u = {0};
	uaddr_t first = 0, end = 0;

	if (!mm)
		return;
	mutex_lock(&mm->lock);
	for (struct rb_node *n = rb_first(&mm->areas); n; n = rb_next(n)) {
		const struct area *a = rb_entry(n, struct area, node);

		first = end ? first : a->start;
		end = a->end;
		mm_usage_add(mm, a, &u);
	}
	mutex_unlock(&mm->lock);
	mm_put_user(mm);
	proc_print(t, "%08lx-%08lx ---p 00000000 00:00 0 %24s[rollup]\n", first, end, "");
	show_usage(t, &u, true);
}
