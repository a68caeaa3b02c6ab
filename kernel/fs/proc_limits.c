/* /proc/PID/limits: what a process may use (getrlimit(2)), each limit as it is at the moment. */
#include "fs/proc.h"
#include "proc/process.h"

static void show_value(struct proc_text *t, u64 value)
{
	if (value == RLIM64_INFINITY)
		proc_print(t, "%-20s ", "unlimited");
	else
		proc_print(t, "%-20lu ", value);
}

void proc_show_limits(struct proc_text *t, struct process *p)
{
	static const struct {
		const char *name, *unit;
	} limits[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = {"Max cpu time", "seconds"},
		[RLIMIT_FSIZE] = {"Max file size", "bytes"},
		[RLIMIT_DATA] = {"Max data size", "bytes"},
		[RLIMIT_STACK] = {"Max stack size", "bytes"},
		[RLIMIT_CORE] = {"Max core file size", "bytes"},
		[RLIMIT_RSS] = {"Max resident set", "bytes"},
		[RLIMIT_NPROC] = {"Max processes", "processes"},
		[RLIMIT_NOFILE] = {"Max open files", "files"},
		[RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
		[RLIMIT_AS] = {"Max address space", "bytes"},
		[RLIMIT_LOCKS] = {"Max file locks", "locks"},
		[RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
		[RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
		[RLIMIT_NICE] = {"Max nice priority", ""},
		[RLIMIT_RTPRIO] = {"Max realtime priority", ""},
		[RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
	};

	proc_print(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (u32 i = 0; i < RLIM_NLIMITS; i++) {
		spin_lock(&p->lock);
		struct rlimit64 l = p->limits[i];
		spin_unlock(&p->lock);
		proc_print(t, "%-25s ", limits[i].name);
		show_value(t, l.rlim_cur);
		show_value(t, l.rlim_max);
		proc_print(t, limits[i].unit[0] ? "%-10s\n" : "\n", limits[i].unit);
	}
}
