/*
 * Stands in for QEMU and the kernel in tests of the command: it takes the channels by the same
 * numbers and does what the lines of AIRLOCK_FAKE say.
 *
 *   echo           copies the program's input to its output, to the end of file
 *   out:TEXT       writes to the program's output            err:TEXT  to its error output
 *   flood:BYTES    writes so many bytes, a counting pattern, to the output
 *   log:TEXT       a line of the kernel's log                 event:JSON  a line on the control port
 *   say:TEXT       what QEMU itself says                      sleep:SECONDS
 *   pid:FILE       writes its process number there            exit:STATUS
 *   die:SIGNAL     ends itself by a signal                    archive:FILE  copies the archive there
 *   starve:SECONDS works for so long, while it hardly ever gets its processor
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/machine.h"

static void put(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, data, length);
		if (done <= 0)
			_exit(99);
		data += done;
		length -= (size_t)done;
	}
}

static void copy(int from, int to)
{
	char buffer[4096];
	ssize_t got;
	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		put(to, buffer, (size_t)got);
}

static void flood(long bytes)
{
	for (long i = 0; i < bytes; i += (long)sizeof(long))
		put(MACHINE_FD_STDOUT, (const char *)&i, sizeof(i));
}

static void put_line(int fd, const char *text)
{
	put(fd, text, strlen(text));
	put(fd, "\n", 1);
}

static void copy_archive(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	lseek(MACHINE_FD_ARCHIVE, 0, SEEK_SET);
	copy(MACHINE_FD_ARCHIVE, fd);
	close(fd);
}

static void write_pid(const char *file)
{
	FILE *stream = fopen(file, "w");
	if (!stream)
		_exit(99);
	fprintf(stream, "%ld\n", (long)getpid());
	fclose(stream);
}

static void work(double seconds)
{
	time_t start = time(NULL);
	while (difftime(time(NULL), start) < seconds)
		continue;
}

/* On one processor with a process that has three hundred times its share. */
static void starve(double seconds)
{
	cpu_set_t here;
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
	pid_t hog = fork();
	if (hog == 0) {
		work(seconds);
		_exit(0);
	}
	sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
	work(seconds);
	waitpid(hog, NULL, 0);
}

static void obey(const char *verb, const char *value)
{
	if (strcmp(verb, "echo") == 0)
		copy(MACHINE_FD_STDIN, MACHINE_FD_STDOUT);
	else if (strcmp(verb, "out") == 0)
		put(MACHINE_FD_STDOUT, value, strlen(value));
	else if (strcmp(verb, "err") == 0)
		put(MACHINE_FD_STDERR, value, strlen(value));
	else if (strcmp(verb, "flood") == 0)
		flood(atol(value));
	else if (strcmp(verb, "log") == 0)
		put_line(MACHINE_FD_LOG, value);
	else if (strcmp(verb, "event") == 0)
		put_line(MACHINE_FD_CONTROL, value);
	else if (strcmp(verb, "say") == 0)
		put_line(STDERR_FILENO, value);
	else if (strcmp(verb, "sleep") == 0)
		usleep((useconds_t)(atof(value) * 1e6));
	else if (strcmp(verb, "starve") == 0)
		starve(atof(value));
	else if (strcmp(verb, "pid") == 0)
		write_pid(value);
	else if (strcmp(verb, "archive") == 0)
		copy_archive(value);
	else if (strcmp(verb, "die") == 0)
		raise(atoi(value));
	else if (strcmp(verb, "exit") == 0)
		_exit(atoi(value));
	else
		_exit(98);
}

int main(void)
{
	const char *script = getenv("AIRLOCK_FAKE");
	char *copy_of_script = strdup(script ? script : ""), *rest = copy_of_script, *line;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *colon = strchr(line, ':');
		if (colon)
			*colon = '\0';
		if (line[0])
			obey(line, colon ? colon + 1 : "");
	}
	return 0;
}
