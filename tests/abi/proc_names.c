// summary: the name of a thread: /proc/PID/comm, /proc/PID/task/TID/comm, /proc/thread-self and prctl see and set the same one
// flags: -pthread
//
// Seen to fail: with the kernel before comm could be written, and with a child that got its name from its parent's first thread.
#include "abi.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../programs/procfile.h"

static void show_text(const char *what, const char *text)
{
	printf("%s: ", what);
	for (; *text; text++)
		printf(*text == '\n' ? "\\n" : *text == '\t' ? "\\t" : "%c", *text);
	printf("\n");
}

static void show_names(const char *when)
{
	char name[17] = "unset", line[200] = "";

	prctl(PR_GET_NAME, name);
	show_text(when, name);
	show_text("comm", procfile_text("/proc/self/comm"));
	procfile_line("/proc/self/status", "Name:", line, sizeof(line));
	show_text("status", line);
	char *text = procfile_text("/proc/self/stat");
	char *end = strrchr(text, ')');
	if (end)
		end[1] = '\0';
	text = strchr(text, '(');
	show_text("stat", text ? text : "none");
}

static void set(const char *text)
{
	ssize_t n = procfile_write("/proc/self/comm", text, strlen(text));

	printf("written: %zd of %zu\n", n, strlen(text));
	show_names("now");
}

static void forms(void)
{
	struct stat st;

	HOLDS(stat("/proc/self/comm", &st) == 0 && (st.st_mode & 07777) == 0644 && st.st_size == 0);
	set("short");
	set("with a line's end\n");
	set("end\n");
	set("fifteen letters");
	set("sixteen letters!");
	set("far more letters than a name can have, which are not all kept");
	set("(a) b) R");
	set("tab\tback\\slash");
	SHOW(procfile_write("/proc/self/comm", "", 0));
	show_names("nothing written");
	SHOW(procfile_write("/proc/self/comm", "\0x", 2));
	show_names("a NUL written");
	SHOW(prctl(PR_SET_NAME, "by prctl"));
	show_names("by prctl");
	SHOW(open("/proc/self/comm", O_RDWR | O_TRUNC) >= 0);
	show_names("truncated");
	int fd = open("/proc/self/comm", O_RDWR);
	SHOW(write(fd, (void *)8, 5));
	SHOW(pwrite(fd, "later", 5, 3));
	char text[20] = "";
	SHOW(pread(fd, text, sizeof(text), 0));
	show_text("at its beginning", text);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(write(fd, "one", 3));
	SHOW(write(fd, "two", 3));
	close(fd);
	show_names("written twice");
}

/* -- threads -- */

static int turn[2][2];
static char thread_place[60];

static void *worker(void *arg)
{
	char byte, link[60], want[60];

	(void)arg;
	ssize_t n = readlink("/proc/thread-self", link, sizeof(link) - 1);
	link[n < 0 ? 0 : n] = '\0';
	snprintf(want, sizeof(want), "%d/task/%d", (int)getpid(), (int)gettid());
	HOLDS(strcmp(link, want) == 0);
	snprintf(thread_place, sizeof(thread_place), "/proc/self/task/%d/comm", (int)gettid());
	show_text("a new thread", procfile_text(thread_place));
	SHOW(prctl(PR_SET_NAME, "worker"));
	show_text("its own name", procfile_text("/proc/thread-self/comm"));
	show_text("its process's", procfile_text("/proc/self/comm"));
	(void)!write(turn[0][1], "x", 1);
	(void)!read(turn[1][0], &byte, 1);
	char name[17];
	prctl(PR_GET_NAME, name);
	show_text("from another thread", name);
	/* A child has the name of the thread that made it. */
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		show_text("a child of the thread", procfile_text("/proc/self/comm"));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return NULL;
}

static void threads(void)
{
	pthread_t t;
	char byte;

	prctl(PR_SET_NAME, "first");
	(void)!pipe(turn[0]);
	(void)!pipe(turn[1]);
	pthread_create(&t, NULL, worker, NULL);
	(void)!read(turn[0][0], &byte, 1);
	show_text("the other's", procfile_text(thread_place));
	SHOW(procfile_write(thread_place, "given", 5));
	show_text("the other's", procfile_text(thread_place));
	show_text("the first's", procfile_text("/proc/self/comm"));
	/* By its number alone, it is its process's folder with the thread's name. */
	char place[60];
	snprintf(place, sizeof(place), "/proc/%d/comm", atoi(strstr(thread_place, "task/") + 5));
	show_text("by its number", procfile_text(place));
	(void)!write(turn[1][1], "x", 1);
	pthread_join(t, NULL);
	SHOW(procfile_write(thread_place, "late", 4));
}

static void others(void)
{
	int p[2];
	char byte, place[40];

	(void)!pipe(p);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		(void)!read(p[0], &byte, 1);
		show_text("the child's", procfile_text("/proc/self/comm"));
		fflush(stdout);
		/* A parent is another process, too. */
		snprintf(place, sizeof(place), "/proc/%d/comm", (int)getppid());
		SHOW(procfile_write(place, "no", 2));
		fflush(stdout);
		_exit(0);
	}
	snprintf(place, sizeof(place), "/proc/%d/comm", (int)child);
	SHOW(procfile_write(place, "no", 2));
	SHOW(procfile_write(place, "", 0));
	show_text("the child's, from outside", procfile_text(place));
	(void)!write(p[1], "x", 1);
	siginfo_t info;
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	show_text("dead", procfile_text(place));
	SHOW(procfile_write(place, "no", 2));
	int fd = open(place, O_RDWR);
	waitpid(child, NULL, 0);
	SHOW(read(fd, place, 10));
	SHOW(write(fd, "no", 2));
	close(fd);
}

int main(void)
{
	prctl(PR_SET_NAME, "names");
	forms();
	threads();
	others();
	return 0;
}
