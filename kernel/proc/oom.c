/*
 * Memory has run out.
 *
 * An allocation for a program failed, in a page fault or a system call, in thread context and
 * perhaps with the address space's mutex held. The process that is the worst (oom_badness(), Linux's
 * rule: what it has resident and in page tables, and its oom_score_adj in thousandths of all memory) is
 * ended with SIGKILL and reported; its threads leave without allocating anything (exit.c), and the caller
 * waits for the memory and tries again. Who has oom_score_adj -1000 is never chosen. The first program is
 * no init but the user's own: it is chosen like any other.
 *
 * Waiting is bounded, because the victim might need something that the caller holds: after
 * WAIT_STEP_NS the caller tries again anyway; when no memory has come back for PATIENCE_NS, those on
 * their way out no longer count, and another is chosen. It does not matter who told them to leave. With nobody
 * left to choose, or if the caller itself is being ended, its allocation fails at once.
 *
 * `choosing` is a flag, not a lock: who finds it set goes straight to waiting, so that one shortage
 * ends one process. The scan runs under the pid table's lock and takes each process's lock.
 */
#include "proc/oom.h"

#include <asm/signal.h>

#include "arch/clock.h"
#include "mm/frame.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/wait.h"

#define LOG_SUBSYSTEM "oom"
#include "trace/log.h"

#define WAIT_STEP_NS (50 * NS_PER_MS)
#define PATIENCE_NS (5 * NS_PER_SEC)

struct oom_choice {
	u32 pid; /* the worst; 0: none */
	s64 badness;
	u64 pages;
	bool dying; /* a process that has memory has been told to leave */
};

static struct waitq returned = WAITQ_INIT(returned);
/* Processes that have no address space any more, whose memory is being given back. */
static atomic32_t leaving;
static atomic64_t returns;  /* times that a process gave its memory back */
static atomic32_t choosing; /* 1: somebody is in oom_end_one() */
/* Since when somebody waits for those on their way out without any memory having come back; 0: nobody does. Set by who is `choosing`, cleared by
 * any return; one that comes between a look and a set is as good as not come yet: the wait is that much longer, by one scan. */
static atomic64_t waiting_since_ns;

static u64 process_pages(struct process *p)
{
	spin_lock(&p->lock);
	/* The counts belong to the address space's mutex; figures from a moment ago will do. */
	u64 pages = p->mm ? READ_ONCE(p->mm->pages) + READ_ONCE(p->mm->tables.table_pages) : 0;
	spin_unlock(&p->lock);
	return pages;
}

static s64 badness_of(u64 pages, s32 adjustment)
{
	return (s64)pages + adjustment * (s64)(frame_total_count() / 1000);
}

u64 oom_score(struct process *p)
{
	s32 adjustment = READ_ONCE(p->oom_score_adj);
	s64 total = (s64)frame_total_count();

	if (adjustment == OOM_ADJUST_NEVER || p->dead)
		return 0;
	s64 points = 1000 + badness_of(process_pages(p), adjustment) * 1000 / total;
	return points > 0 ? (u64)points * 2 / 3 : 0;
}

static bool oom_consider(struct process *p, void *arg)
{
	struct oom_choice *c = arg;
	u64 pages = process_pages(p);
	s32 adjustment = READ_ONCE(p->oom_score_adj);
	s64 badness = badness_of(pages, adjustment);

	if (pages == 0)
		return false;
	if (atomic32_load(&p->killed)) {
		c->dying = true;
	} else if (adjustment != OOM_ADJUST_NEVER && (!c->pid || badness > c->badness)) {
		c->pid = p->pid;
		c->badness = badness;
		c->pages = pages;
	}
	return false;
}

/* Those on their way out may still be waited for. */
static bool oom_is_patient(void)
{
	u64 now = clock_now_ns(), since = atomic64_load(&waiting_since_ns);

	if (!since)
		atomic64_store(&waiting_since_ns, now);
	return !since || (s64)(now - since) < (s64)PATIENCE_NS;
}

/* Ends the worst process unless one is already on its way out. False if there is nobody to end
 * and nobody to wait for. */
static bool oom_end_one(void)
{
	struct oom_choice c = {0};

	CHECK(!pid_table_search(oom_consider, &c));
	/* After the search: who took a process's address space out had been counted, under its lock. */
	if ((c.dying || atomic32_load(&leaving)) && oom_is_patient())
		return true;
	if (!c.pid)
		return false;
	struct process *victim = process_find(c.pid);
	/* Gone meanwhile, and its memory with it. */
	if (!victim)
		return true;
	log_info("out of memory: ending process %u (%s), which has %lu pages, oom_score_adj %d",
		victim->pid, victim->name, c.pages, READ_ONCE(victim->oom_score_adj));
	proc_report_oom(victim, c.pages);
	atomic64_store(&waiting_since_ns, clock_now_ns());
	process_kill_now(victim, "out of memory");
	process_put(victim);
	return true;
}

static bool oom_caller_is_ending(void)
{
	struct process *p = current_process();

	return p && atomic32_load(&p->killed);
}

static bool oom_out_of_memory(void)
{
	u64 seen = atomic64_load(&returns);
	bool hope = true;

	if (oom_caller_is_ending())
		return false;
	if (atomic32_exchange(&choosing, 1) == 0) {
		hope = oom_end_one();
		atomic32_store(&choosing, 0);
	}
	if (oom_caller_is_ending())
		return false;
	/* Nobody to wait for any more, if what there was has come back while we looked. */
	if (!hope)
		return atomic64_load(&returns) != seen;
	/* Both outcomes, memory or the end of the step, mean: try again. */
	int err = wait_event(&returned, atomic64_load(&returns) != seen, THREAD_SLEEPING,
		clock_now_ns() + WAIT_STEP_NS);
	return err == 0 || err == -ETIME;
}

static const struct mm_oom_ops oom_ops = {.out_of_memory = oom_out_of_memory};

void oom_memory_leaves(void)
{
	atomic32_fetch_add(&leaving, 1);
}

void oom_memory_returned(void)
{
	atomic64_store(&waiting_since_ns, 0);
	/* In this order: who counts nobody that leaves sees that something has come back. */
	atomic64_fetch_add(&returns, 1);
	atomic32_fetch_sub(&leaving, 1);
	waitq_wake_all(&returned);
}

INIT_TEXT void oom_init(void)
{
	mm_set_oom_ops(&oom_ops);
}
