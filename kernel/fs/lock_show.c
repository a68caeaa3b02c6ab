/* /proc/locks: each lock with a number, and under it who waits for it first of all. */
#include "fs/lock_private.h"
#include "proc/text.h"

static const char *kind_name(enum lock_kind kind)
{
	switch (kind) {
	case LOCK_OF_FLOCK:
		return "FLOCK ";
	case LOCK_OF_PROCESS:
		return "POSIX ";
	default:
		return "OFDLCK";
	}
}

static void show_claim(struct proc_text *t, const struct lock_set *s, const struct lock_claim *c)
{
	proc_print(t, "%s ADVISORY  %s %d 00:%02lx:%lu ", kind_name(c->kind),
		c->type == F_WRLCK ? "WRITE" : "READ", c->pid, s->dev, s->ino);
	if (c->last == LOCK_END)
		proc_print(t, "%ld EOF\n", c->first);
	else
		proc_print(t, "%ld %ld\n", c->first, c->last);
}

static void show_list(struct proc_text *t, struct lock_set *s, enum lock_kind kind, u32 *number)
	REQUIRES(&lock_mutex)
{
	struct list *held = lock_set_list(s, kind);
	struct lock_request *r;
	struct file_lock *l;

	list_for_each_entry (l, held, link) {
		proc_print(t, "%u: ", ++*number);
		show_claim(t, s, &l->claim);
		list_for_each_entry (r, &s->waiting, link) {
			if (lock_set_list(s, r->claim.kind) != held ||
				lock_list_conflict(held, &r->claim) != l)
				continue;
			proc_print(t, "%u: -> ", *number);
			show_claim(t, s, &r->claim);
		}
	}
}

void lock_show(struct proc_text *t)
{
	u32 number = 0;

	mutex_lock(&lock_mutex);
	for (struct lock_set *s = lock_set_next(NULL); s; s = lock_set_next(s)) {
		show_list(t, s, LOCK_OF_FLOCK, &number);
		show_list(t, s, LOCK_OF_PROCESS, &number);
	}
	mutex_unlock(&lock_mutex);
}
