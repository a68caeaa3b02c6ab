/*
 * What a text of /proc is about: one process or one of its threads, as it was when somebody looked (proc_subject.c). For proc_stat.c and
 * proc_status.c.
 */
#ifndef FS_PROC_SUBJECT_H
#define FS_PROC_SUBJECT_H

#include "arch/page.h"
#include "fs/proc.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sched/sched.h"

struct proc_subject {
	struct process *p;
	struct thread *thread; /* with a reference; NULL: it has ended */
	struct mm *mm;	       /* with a use; NULL: there is none any more */
	struct usage used, children;
	struct sched_attributes schedule;
	char name[PROCESS_NAME_SIZE];
	char state;
	bool visible; /* the reader may look into it */
	u32 tracer;
};

void proc_subject_get(struct proc_subject *s, const struct proc_text *t, struct process *p);
void proc_subject_put(struct proc_subject *s);

static inline u64 proc_limit_of(const struct process *p, u32 which)
{
	return READ_ONCE(p->limits[which].rlim_cur);
}

/* Whole pages of the program's own code. */
static inline u64 proc_code_pages(const struct mm *mm)
{
	return (ALIGN_UP(mm->code_end, PAGE_SIZE) - ALIGN_DOWN(mm->code_start, PAGE_SIZE)) /
	       PAGE_SIZE;
}

#endif
