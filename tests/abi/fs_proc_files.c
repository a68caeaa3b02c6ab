// summary: the files of /proc that ps, top, free and C libraries read: which lines they have, in which order and form
//
// Seen to fail: with the kernel before most of these files were there; with a blank less behind the names of memory in status.
#pragma GCC diagnostic ignored "-Wunused-function"
#include "fsabi.h"
#include <ctype.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "../programs/procfile.h"

/* -- forms: a number is 9, blanks are one -- */

static void form(char *s)
{
	char *to = s;

	for (const char *p = s; *p;) {
		if (isdigit((unsigned char)*p)) {
			*to++ = '9';
			while (isdigit((unsigned char)*p))
				p++;
		} else if (*p == ' ') {
			*to++ = ' ';
			while (*p == ' ')
				p++;
		} else {
			*to++ = *p++;
		}
	}
	*to = '\0';
}

/* The line of a file that begins with the key, as it is or as its form. */
static void show_line(const char *path, const char *key, int as_form)
{
	char line[4096] = "none";

	procfile_line(path, key, line, sizeof(line));
	if (as_form)
		form(line);
	printf("%s: %s\n", path, line);
}

static void show_forms(const char *path, const char *const keys[])
{
	for (; *keys; keys++)
		show_line(path, *keys, 1);
}

/* The keys stand in this order. */
static void show_order(const char *path, const char *const keys[])
{
	const char *at = procfile_text(path);

	for (; at && *keys; keys++) {
		char key[64];
		snprintf(key, sizeof(key), "%s", *keys);
		at = strstr(at, key);
		if (!at)
			printf("%s: %s is not where it belongs\n", path, *keys);
	}
	printf("%s: in order: %s\n", path, at ? "yes" : "no");
}

static void system_files(void)
{
	static const char *const stat_keys[] = {"cpu ", "cpu0 ", "ctxt ", "btime ", "processes ",
		"procs_running ", "procs_blocked ", "softirq ", NULL};
	static const char *const memory[] = {"MemTotal:", "MemFree:", "MemAvailable:", "Buffers:",
		"Cached:", "SwapCached:", "SwapTotal:", "SwapFree:", "Dirty:", "Writeback:",
		"Shmem:", "CommitLimit:", "Committed_AS:", "AnonHugePages:", "Hugepagesize:", NULL};
	static const char *const cpu[] = {"processor", "cpu family", "model\t", "stepping",
		"cpu MHz", "physical id", "siblings", "core id", "cpu cores", "apicid",
		"initial apicid", "fpu\t", "fpu_exception", "cpuid level", "wp", "bogomips",
		"clflush size", "cache_alignment", "address sizes", "power management", NULL};
	static const char *const cpu_names[] = {
		"processor", "vendor_id", "model name", "fpu\t", "flags", "bogomips", NULL};
	char text[400];

	show_forms("/proc/stat", stat_keys);
	show_order("/proc/stat", stat_keys);
	show_forms("/proc/meminfo", memory);
	show_order("/proc/meminfo", memory);
	show_forms("/proc/cpuinfo", cpu);
	show_order("/proc/cpuinfo", cpu);
	show_order("/proc/cpuinfo", cpu_names);
	procfile_line("/proc/cpuinfo", "flags", text, sizeof(text));
	HOLDS(strncmp(text, "flags\t\t: fpu ", 13) == 0);
	show_line("/proc/loadavg", "", 1);
	show_line("/proc/uptime", "", 1);
	show_line("/proc/swaps", "", 0);
	HOLDS(strncmp(procfile_text("/proc/version"), "Linux version ", 14) == 0);
	show_line("/proc/filesystems", "nodev\tproc", 0);
	show_line("/proc/sys/kernel/cap_last_cap", "", 1);
	show_line("/proc/sys/kernel/threads-max", "", 1);
	show_line("/proc/sys/kernel/ostype", "", 0);
}

static void system_values(void)
{
	long long made = procfile_number("/proc/stat", "processes "), idle_before, idle;
	double up = 0, idle_time = 0, load[3] = {-1, -1, -1};
	int running = 0, threads = 0, last = 0;
	struct timespec now;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	HOLDS(procfile_number("/proc/stat", "processes ") > made);
	HOLDS(procfile_number("/proc/stat", "ctxt ") > 0);
	HOLDS(procfile_number("/proc/stat", "intr ") > 0);
	HOLDS(procfile_number("/proc/stat", "procs_running ") >= 1);
	idle_before = procfile_number("/proc/stat", "btime ");
	clock_gettime(CLOCK_REALTIME, &now);
	HOLDS((long long)idle_before <= now.tv_sec && (long long)idle_before > 1000000000);
	HOLDS(sscanf(procfile_text("/proc/uptime"), "%lf %lf", &up, &idle_time) == 2);
	clock_gettime(CLOCK_BOOTTIME, &now);
	HOLDS(up > 0 && up <= (double)now.tv_sec + 1 && idle_time >= 0);
	HOLDS(sscanf(procfile_text("/proc/loadavg"), "%lf %lf %lf %d/%d %d", &load[0], &load[1],
		      &load[2], &running, &threads, &last) == 6);
	HOLDS(load[0] >= 0 && load[1] >= 0 && load[2] >= 0);
	HOLDS(running >= 1 && threads >= running && last > 0);
	/* Times of a CPU grow, each of them. */
	char line[400];
	unsigned long long first[4], second[4];
	procfile_line("/proc/stat", "cpu ", line, sizeof(line));
	HOLDS(sscanf(line, "cpu %llu %llu %llu %llu", &first[0], &first[1], &first[2], &first[3]) ==
		4);
	usleep(20000);
	procfile_line("/proc/stat", "cpu ", line, sizeof(line));
	HOLDS(sscanf(line, "cpu %llu %llu %llu %llu", &second[0], &second[1], &second[2],
		      &second[3]) == 4);
	idle = 0;
	for (int i = 0; i < 4; i++)
		idle += second[i] < first[i];
	HOLDS(idle == 0);
	double averages[3];
	HOLDS(getloadavg(averages, 3) == 3 && averages[0] >= 0);
	HOLDS(sysconf(_SC_NPROCESSORS_ONLN) >= 1 &&
		sysconf(_SC_NPROCESSORS_CONF) >= sysconf(_SC_NPROCESSORS_ONLN));
}

static void process_files(void)
{
	static const char *const status[] = {"Name:", "Umask:", "State:", "Tgid:", "Ngid:", "Pid:",
		"PPid:", "TracerPid:", "Uid:", "Gid:", "FDSize:", "NStgid:", "NSpid:", "NSpgid:",
		"NSsid:", "VmPeak:", "VmSize:", "VmLck:", "VmPin:", "VmHWM:", "VmRSS:", "RssAnon:",
		"RssFile:", "RssShmem:", "VmData:", "VmStk:", "VmExe:", "VmLib:", "VmPTE:",
		"VmSwap:", "HugetlbPages:", "CoreDumping:", "THP_enabled:", "Threads:", "SigQ:",
		"Seccomp:", "Seccomp_filters:", "Mems_allowed_list:", "voluntary_ctxt_switches:",
		"nonvoluntary_ctxt_switches:", NULL};
	static const char *const sets[] = {"SigPnd:", "ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:",
		"CapInh:", "NoNewPrivs:", NULL};

	/* Each once more, so that nothing hangs on what was there before. */
	umask(027);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, (void (*)(int))exit);
	signal(SIGRTMAX, SIG_IGN);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGTERM);
	kill(getpid(), SIGTERM);
	show_forms("/proc/self/status", status);
	show_order("/proc/self/status", status);
	for (const char *const *key = sets; *key; key++)
		show_line("/proc/self/status", *key, 0);
	show_line("/proc/self/status", "Umask:", 0);
	show_line("/proc/self/statm", "", 1);
	show_line("/proc/self/stat", "", 1);
	HOLDS(procfile_number("/proc/self/status", "VmExe:") > 0);
	HOLDS(procfile_number("/proc/self/status", "VmStk:") >= 4);
	HOLDS(procfile_number("/proc/self/status", "VmPTE:") > 0);
	HOLDS(procfile_number("/proc/self/status", "VmPeak:") >=
		procfile_number("/proc/self/status", "VmSize:"));
	HOLDS(procfile_number("/proc/self/status", "FDSize:") >= 1);
	long long rss, anon, file, shared;
	rss = procfile_number("/proc/self/status", "VmRSS:");
	anon = procfile_number("/proc/self/status", "RssAnon:");
	file = procfile_number("/proc/self/status", "RssFile:");
	shared = procfile_number("/proc/self/status", "RssShmem:");
	HOLDS(rss > 0 && anon > 0 && rss >= anon && anon + file + shared >= rss / 2);
	show_line("/proc/self/limits", "Limit ", 0);
	show_line("/proc/self/limits", "Max nice priority", 0);
	show_line("/proc/self/limits", "Max realtime timeout", 0);
	char *mount = strstr(procfile_text("/proc/self/mountinfo"), " / /proc rw,"), *end;
	HOLDS(mount != NULL);
	end = mount ? strchr(mount, '\n') : NULL;
	printf("mountinfo:%.*s\n", end ? (int)(end - mount) : 0, mount);
	HOLDS(strstr(procfile_text("/proc/self/mounts"), "proc /proc proc rw,relatime 0 0\n") !=
		NULL);
	HOLDS(strcmp(procfile_text("/proc/mounts"), procfile_text("/proc/self/mounts")) == 0);
}

static int number_of_mounts(void)
{
	int n = 0;

	for (const char *p = procfile_text("/proc/self/mounts"); (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

/* The fields of /proc/self/stat that mean the same everywhere. */
static void stat_values(void)
{
	long long f[60] = {0};
	char *p = strrchr(procfile_text("/proc/self/stat"), ')');
	int n = 3;

	if (!p)
		return;
	for (p = strtok(p + 4, " \n"); p && n < 59; p = strtok(NULL, " \n"))
		f[++n] = strtoll(p, NULL, 10);
	printf("fields: %d\n", n);
	HOLDS(f[4] == getppid() && f[5] == getpgrp() && f[6] == getsid(0));
	HOLDS(f[10] > 0);		   /* faults */
	HOLDS(f[18] == 20 && f[19] == 0);  /* priority and nice */
	HOLDS(f[20] == 1);		   /* threads */
	HOLDS(f[23] > 0 && f[24] > 0);	   /* memory */
	HOLDS(f[26] > 0 && f[27] > f[26]); /* code */
	HOLDS(f[28] > f[27]);		   /* stack */
	printf("signals: %lld %lld %lld %lld\n", f[31], f[32], f[33], f[34]);
	HOLDS(f[35] == 0);  /* it runs */
	HOLDS(f[38] == 17); /* SIGCHLD at its end */
	HOLDS(f[40] == 0 && f[41] == 0);
	HOLDS(f[46] > f[45] && f[47] >= f[46]);				       /* data, brk */
	HOLDS(f[49] > f[48] && f[48] > f[28] && f[51] >= f[50] && f[52] == 0); /* strings */
	HOLDS(nice(5) == 5);
	p = strrchr(procfile_text("/proc/self/stat"), ')');
	n = 3;
	for (p = strtok(p + 4, " \n"); p && n < 59; p = strtok(NULL, " \n"))
		f[++n] = strtoll(p, NULL, 10);
	HOLDS(f[18] == 25 && f[19] == 5);
}

static void changed_root(void)
{
	pid_t child = fork();

	if (child == 0) {
		HOLDS(number_of_mounts() > 1);
		mkdir("inside", 0755);
		int proc = open("/proc", O_RDONLY | O_DIRECTORY);
		char text[200];
		SHOW(chroot("inside"));
		/* None is below it. */
		int fd = openat(proc, "self/mounts", O_RDONLY);
		SHOW(read(fd, text, sizeof(text)));
		fd = openat(proc, "self/mountinfo", O_RDONLY);
		SHOW(read(fd, text, sizeof(text)));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(void)
{
	fsabi_begin();
	system_files();
	system_values();
	process_files();
	stat_values();
	fflush(stdout);
	changed_root();
	return 0;
}
