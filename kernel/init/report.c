#define LOG_SUBSYSTEM "init"
#include "init/report.h"

#include "arch/boot_info.h"
#include "arch/clock.h"
#include "arch/thread.h"
#include "dev/console.h"
#include "mm/frame.h"
#include "proc/signal.h"
#include "sys/count.h"

/* What a program controls, its name, is escaped by console_event_escape(). */
static void oom(const struct process *p, u64 pages)
{
	char name[64];
	console_event_escape(name, sizeof(name), p->name);
	console_event("{\"event\":\"oom\",\"pid\":%u,\"name\":\"%s\",\"pages\":%lu}\n", p->pid,
		name, pages);
}

static const struct proc_report_ops ops = {.oom = oom};

void report_init(void)
{
	proc_set_report_ops(&ops);
}

void report_ended(const struct process *p)
{
	if (!p->exit_signal_number) {
		console_event(
			"{\"event\":\"exit\",\"pid\":%u,\"status\":%u}\n", p->pid, p->exit_status);
		return;
	}
	console_event(
		"{\"event\":\"signal\",\"pid\":%u,\"signal\":%u,\"name\":\"%s\",\"address\":\"%#lx\","
		"\"ip\":\"%#lx\",\"why\":\"%s\"}\n",
		p->pid, p->exit_signal_number, signal_name(p->exit_signal_number), p->fault_address,
		p->fault_ip, p->kill_reason ? p->kill_reason : "");
}

void report_also(const struct process *p)
{
	char name[64];
	if (!p->exit_signal_number && !p->exit_status)
		return;
	console_event_escape(name, sizeof(name), p->name);
	console_event("{\"event\":\"also\",\"pid\":%u,\"name\":\"%s\",\"status\":%u,\"signal\":%u,"
		      "\"address\":\"%#lx\",\"ip\":\"%#lx\"}\n",
		p->pid, name, p->exit_status, p->exit_signal_number, p->fault_address, p->fault_ip);
}

void report_error(u32 status, const char *why)
{
	char text[256];
	console_event_escape(text, sizeof(text), why);
	console_event("{\"event\":\"error\",\"status\":%u,\"why\":\"%s\"}\n", status, text);
}

void report_boot(void)
{
	console_event(
		"{\"event\":\"boot\",\"entry_tsc\":%lu,\"user_tsc\":%lu,\"tsc_khz\":%lu,\"free_kib\":%lu}\n",
		boot_info.entry_tsc, arch_first_user_tsc, clock_tsc_khz(),
		frame_free_count() * PAGE_SIZE / KIB);
}

void report_syscalls(void)
{
	struct syscall_count c;
	for (u32 i = 0; syscall_count_next(&i, &c);)
		console_event(
			"{\"event\":\"syscall\",\"name\":\"%s\",\"number\":%u,\"calls\":%lu,\"enosys\":%s}\n",
			c.name, c.number, c.calls, c.enosys ? "true" : "false");
}
