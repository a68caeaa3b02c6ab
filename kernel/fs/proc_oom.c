/*
 * /proc/PID/oom_score, oom_score_adj and oom_adj: who is ended when memory has run out (proc/oom.c), and what an
 * owner may say about that. Lower than it has been set with CAP_SYS_RESOURCE takes that capability.
 */
#include <linux/capability.h>

#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/cred.h"
#include "proc/oom.h"
#include "proc/process.h"

/* The old scale's ends. */
#define OLD_NEVER (-17)
#define OLD_MAX 15

void proc_show_oom_score(struct proc_text *t, struct process *p)
{
	proc_print(t, "%lu\n", oom_score(p));
}

void proc_show_oom_score_adj(struct proc_text *t, struct process *p)
{
	proc_print(t, "%d\n", READ_ONCE(p->oom_score_adj));
}

void proc_show_oom_adj(struct proc_text *t, struct process *p)
{
	s32 now = READ_ONCE(p->oom_score_adj);

	proc_print(t, "%d\n", now == OOM_ADJUST_MAX ? OLD_MAX : now * -OLD_NEVER / OOM_ADJUST_MAX);
}

/* Like a constant in C: a leading 0 means octal. */
static bool to_number(const char *text, u64 *out)
{
	if (text[0] != '0' || text[1] == 'x' || text[1] == 'X')
		return string_to_u64(text, out);
	*out = 0;
	for (; *text >= '0' && *text <= '7'; text++)
		*out = *out * 8 + (u64)(*text - '0');
	return *text == '\0';
}

/* A number with a sign and perhaps blanks around it. */
static int parse(const char *text, s64 *out)
{
	char digits[24];
	u64 n;

	while (*text == ' ' || *text == '\t')
		text++;
	bool negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	size_t length = strlen(text);
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\n'))
		length--;
	if (length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (!to_number(digits, &n))
		return -EINVAL;
	if (n > INT32_MAX)
		return -ERANGE;
	*out = negative ? -(s64)n : (s64)n;
	return 0;
}

static int set(struct process *p, s32 value, bool old_scale)
{
	bool may = capable(CAP_SYS_RESOURCE);
	int err = 0;

	spin_lock(&p->lock);
	if (value < (old_scale ? p->oom_score_adj : p->oom_score_least) && !may)
		err = -EACCES;
	if (!err)
		WRITE_ONCE(p->oom_score_adj, value);
	if (!err && may)
		p->oom_score_least = value;
	spin_unlock(&p->lock);
	return err;
}

int proc_store_oom_score_adj(struct process *p, const char *text)
{
	s64 n;
	int err = parse(text, &n);

	if (err)
		return err;
	if (n < OOM_ADJUST_NEVER || n > OOM_ADJUST_MAX)
		return -EINVAL;
	return set(p, (s32)n, false);
}

int proc_store_oom_adj(struct process *p, const char *text)
{
	s64 n;
	int err = parse(text, &n);

	if (err)
		return err;
	if (n < OLD_NEVER || n > OLD_MAX)
		return -EINVAL;
	return set(p, n == OLD_MAX ? OOM_ADJUST_MAX : (s32)n * OOM_ADJUST_MAX / -OLD_NEVER, true);
}
