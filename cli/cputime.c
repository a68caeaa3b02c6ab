/*
 * What a process has got, and would like to have, of the host's processors.
 *
 * For limits that are to find out that a VM hangs: they must not run while the host lets the VM's threads wait. (The time that a
 * thread has waited, in /proc/PID/schedstat, is told only once it has got its processor.)
 */
#include "cputime.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

double cputime_used(pid_t pid)
{
	struct timespec used;
	clockid_t clock;
	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
		return 0;
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* The letter of proc_pid_stat(5), behind the name, which ends at the last parenthesis; 0 if the thread is gone. */
static char thread_state(pid_t pid, const char *thread)
{
	char name[64], line[256] = "";
	snprintf(name, sizeof(name), "/proc/%d/task/%.16s/stat", (int)pid, thread);
	FILE *file = fopen(name, "re");
	if (!file)
		return 0;
	char *read = fgets(line, sizeof(line), file);
	fclose(file);
	const char *end = read ? strrchr(line, ')') : NULL;
	return end && end[1] == ' ' ? end[2] : 0;
}

bool cputime_wanted(pid_t pid)
{
	char name[32];
	bool wanted = false;
	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	DIR *threads = opendir(name);
	if (!threads)
		return false;
	for (const struct dirent *entry; !wanted && (entry = readdir(threads)) != NULL;) {
		char state = entry->d_name[0] == '.' ? 0 : thread_state(pid, entry->d_name);
		wanted = state == 'R' || state == 'D';
	}
	closedir(threads);
	return wanted;
}
