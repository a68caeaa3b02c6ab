/* What the system says of itself. */
#include <linux/sysinfo.h>
#include <linux/utsname.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sys/sys.h"

s64 sys_uname(uaddr_t to)
{
	/* Programs look at the release to know what they may use: it is the Linux whose interface
	 * this is. */
	static const struct new_utsname name = {
		.sysname = "Linux",
		.nodename = "airlock",
		.release = "6.1.0-airlock",
		.version = "#1 SMP Airlock",
		.machine = "x86_64",
		.domainname = "(none)",
	};
	return copy_to_user(to, &name, sizeof(name));
}

s64 sys_sysinfo(uaddr_t to)
{
	struct sysinfo s = {
		.uptime = clock_now_ns() / NS_PER_SEC,
		.totalram = frame_total_count() * PAGE_SIZE,
		.freeram = frame_free_count() * PAGE_SIZE,
		.procs = process_count(),
		.mem_unit = 1,
	};
	return copy_to_user(to, &s, sizeof(s));
}
