/* What the system says of itself. */
#include <linux/capability.h>
#include <linux/sysinfo.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "fs/content.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/user.h"
#include "proc/uts.h"
#include "sched/sched.h"
#include "sys/sys.h"

s64 sys_uname(uaddr_t to)
{
	struct new_utsname name;

	uts_get(&name);
	return copy_to_user(to, &name, sizeof(name));
}

static s64 set_name(enum uts_name which, uaddr_t from, s32 length)
{
	char name[__NEW_UTS_LEN];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (length < 0 || length > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(name, from, (size_t)length))
		return -EFAULT;
	uts_set(which, name, (size_t)length);
	return 0;
}

s64 sys_sethostname(uaddr_t name, s32 length)
{
	return set_name(UTS_HOST, name, length);
}

s64 sys_setdomainname(uaddr_t name, s32 length)
{
	return set_name(UTS_DOMAIN, name, length);
}

s64 sys_sysinfo(uaddr_t to)
{
	struct sysinfo s = {
		.uptime = clock_now_ns() / NS_PER_SEC,
		.totalram = frame_total_count() * PAGE_SIZE,
		.freeram = frame_free_count() * PAGE_SIZE,
		.sharedram = content_used() * PAGE_SIZE,
		.procs = MIN(user_threads_total(), (u32)UINT16_MAX),
		.mem_unit = 1,
	};
	u64 loads[SCHED_LOADS];

	_Static_assert(
		SCHED_LOAD_SHIFT == SI_LOAD_SHIFT && ARRAY_SIZE(s.loads) == SCHED_LOADS, "loads");
	sched_get_load(loads);
	for (u32 i = 0; i < SCHED_LOADS; i++)
		s.loads[i] = loads[i];
	return copy_to_user(to, &s, sizeof(s));
}
