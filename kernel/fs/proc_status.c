/*
 * /proc/PID/status: a process or a thread in lines, for people. What Linux counts of swap, of huge pages that are kept aside and of filters
 * for calls does not exist here and is 0.
 */
#include "arch/cpu.h"
#include "fs/proc_subject.h"
#include "proc/fscontext.h"
#include "proc/signal.h"
#include "proc/signal_count.h"

#define PAGES_KB (PAGE_SIZE / KIB)

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	case 't':
		return "tracing stop";
	default:
		return "zombie";
	}
}

/* What would end the line, or looks like what stands for it, is escaped. */
static void status_name(struct proc_text *t, const char *name)
{
	proc_print(t, "Name:\t");
	for (; *name; name++) {
		if (*name == '\n' || *name == '\\')
			proc_print(t, "\\%c", *name == '\n' ? 'n' : '\\');
		else
			proc_print(t, "%c", *name);
	}
}

static void show_group(void *text, u32 gid)
{
	proc_print(text, "%u ", gid);
}

static void status_groups(struct proc_text *t, struct process *p)
{
	proc_print(t, "Groups:\t");
	size_t before = t->used;
	groups_for_each(&p->groups, show_group, t);
	proc_print(t, "%s\n", t->used == before ? " " : "");
}

static void status_files(struct process *p, u32 *umask, u32 *room)
{
	spin_lock(&p->lock);
	*umask = p->fs ? fs_context_umask(p->fs) : UINT32_MAX;
	*room = p->files ? files_capacity(p->files) : 0;
	spin_unlock(&p->lock);
}

static void status_identity(struct proc_text *t, const struct proc_subject *s)
{
	struct process *p = s->p;
	u32 umask, room;

	status_name(t, s->name);
	status_files(p, &umask, &room);
	if (umask != UINT32_MAX)
		proc_print(t, "\nUmask:\t%04o", umask);
	proc_print(t,
		"\nState:\t%c (%s)\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t%u\n",
		s->state, state_name(s->state), p->pid, t->tid, process_parent_pid(p), s->tracer);
	spin_lock(&p->lock);
	struct credentials c = p->cred;
	spin_unlock(&p->lock);
	proc_print(t, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%u\n", c.uid, c.euid,
		c.suid, c.fsuid, c.gid, c.egid, c.sgid, c.fsgid, room);
	status_groups(t, p);
	proc_print(t, "NStgid:\t%u\nNSpid:\t%u\nNSpgid:\t%u\nNSsid:\t%u\n", p->pid, t->tid,
		READ_ONCE(p->group), READ_ONCE(p->session));
}

static void status_kb(struct proc_text *t, const char *key, u64 pages)
{
	proc_print(t, "%s:\t%8lu kB\n", key, pages * PAGES_KB);
}

static void status_memory(struct proc_text *t, const struct proc_subject *s)
{
	const struct mm *mm = s->mm;

	if (!mm)
		return;
	u64 resident = READ_ONCE(mm->pages), files = READ_ONCE(mm->file_pages);
	u64 stores = READ_ONCE(mm->store_pages), code = proc_code_pages(mm);
	u64 exec = READ_ONCE(mm->exec_pages);

	status_kb(t, "VmPeak", READ_ONCE(mm->mapped_peak));
	status_kb(t, "VmSize", READ_ONCE(mm->mapped_pages));
	status_kb(t, "VmLck", READ_ONCE(mm->locked_pages));
	status_kb(t, "VmPin", 0);
	status_kb(t, "VmHWM", MAX(s->used.peak_pages, resident));
	status_kb(t, "VmRSS", resident);
	status_kb(t, "RssAnon", resident > files + stores ? resident - files - stores : 0);
	status_kb(t, "RssFile", files);
	status_kb(t, "RssShmem", stores);
	status_kb(t, "VmData", READ_ONCE(mm->data_pages));
	status_kb(t, "VmStk", READ_ONCE(mm->stack_pages));
	status_kb(t, "VmExe", code);
	status_kb(t, "VmLib", exec > code ? exec - code : 0);
	status_kb(t, "VmPTE", READ_ONCE(mm->tables.table_pages));
	status_kb(t, "VmSwap", 0);
	status_kb(t, "HugetlbPages", 0);
	proc_print(t, "CoreDumping:\t0\nTHP_enabled:\t%u\n", !READ_ONCE(mm->no_huge));
}

static void status_signals(struct proc_text *t, const struct proc_subject *s)
{
	struct process *p = s->p;
	const struct thread *th = s->thread;
	u64 ignored, caught;

	signal_actions_sets(p, &ignored, &caught);
	proc_print(t, "Threads:\t%u\nSigQ:\t%lu/%lu\n", READ_ONCE(p->thread_count),
		signal_count(READ_ONCE(p->cred.uid)), proc_limit_of(p, RLIMIT_SIGPENDING));
	proc_print(t, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n",
		th ? READ_ONCE(th->signals.queue.pending) : 0, READ_ONCE(p->signals.queue.pending),
		th ? READ_ONCE(th->signals.blocked) : 0);
	proc_print(t, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", ignored, caught);
}

static void status_rights(struct proc_text *t, const struct proc_subject *s)
{
	struct process *p = s->p;

	spin_lock(&p->lock);
	struct credentials c = p->cred;
	spin_unlock(&p->lock);
	proc_print(t,
		"CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n",
		c.inheritable, c.permitted, c.effective, c.bounding, c.ambient);
	proc_print(t, "NoNewPrivs:\t%u\nSeccomp:\t0\nSeccomp_filters:\t0\n",
		READ_ONCE(p->no_new_privs));
}

/* Groups of 32 as Linux writes sets, as many digits as there are CPUs for. */
static void show_mask(struct proc_text *t, u64 set)
{
	u32 n = cpu_count();

	if (n > 32)
		proc_print(t, "%0*x,", (int)(n - 32 + 3) / 4, (u32)(set >> 32));
	proc_print(t, "%0*x", (int)(MIN(n, 32U) + 3) / 4, (u32)set);
}

void proc_print_ranges(struct proc_text *t, u64 set)
{
	const char *between = "";

	while (set) {
		u32 first = (u32)__builtin_ctzl(set);
		u64 above = ~(set >> first);
		u32 last = above ? first + (u32)__builtin_ctzl(above) - 1 : 63;

		proc_print(t, first == last ? "%s%u" : "%s%u-%u", between, first, last);
		set &= last == 63 ? 0 : ~0UL << (last + 1);
		between = ",";
	}
}

static void status_places(struct proc_text *t, const struct proc_subject *s)
{
	const struct thread *th = s->thread;
	u64 here = sched_online_cpus();
	u64 cpus = th ? READ_ONCE(th->affinity) & here : here;

	proc_print(t, "Cpus_allowed:\t");
	show_mask(t, cpus);
	proc_print(t, "\nCpus_allowed_list:\t");
	proc_print_ranges(t, cpus);
	/* Memory is one node. */
	proc_print(t, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
	proc_print(t, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		th ? READ_ONCE(th->voluntary) : 0, th ? READ_ONCE(th->involuntary) : 0);
}

void proc_show_status(struct proc_text *t, struct process *p)
{
	struct proc_subject s;

	proc_subject_get(&s, t, p);
	status_identity(t, &s);
	status_memory(t, &s);
	status_signals(t, &s);
	status_rights(t, &s);
	status_places(t, &s);
	proc_subject_put(&s);
}
