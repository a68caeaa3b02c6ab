/*
 * The names of the system (proc/uts.h). Two of them change, seldom, under a spinlock; who asks gets a copy made under it, so a name is never
 * half the old one and half the new one.
 */
#include "proc/uts.h"

#include "lib/string.h"
#include "sync/spinlock.h"

static struct spinlock uts_lock = SPINLOCK_INIT("uts", RANK_UTS);

/* Programs look at the release to know what they may use: it is the Linux whose interface this is. uts_lock: the two that can be set. */
static struct new_utsname names = {
	.sysname = "Linux",
	.nodename = "airlock",
	.release = "6.1.0-airlock",
	.version = "#1 SMP Airlock",
	.machine = "x86_64",
	.domainname = "(none)",
};

void uts_get(struct new_utsname *out)
{
	spin_lock(&uts_lock);
	*out = names;
	spin_unlock(&uts_lock);
}

void uts_set(enum uts_name which, const char *name, size_t length)
{
	length = MIN(length, (size_t)__NEW_UTS_LEN);
	spin_lock(&uts_lock);
	char *to = which == UTS_HOST ? names.nodename : names.domainname;
	memcpy(to, name, length);
	memset(to + length, 0, __NEW_UTS_LEN + 1 - length);
	spin_unlock(&uts_lock);
}
