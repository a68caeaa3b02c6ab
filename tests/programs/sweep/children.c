/*
 * First returns: of a child process, of one that borrows the memory, of a thread, and of a program into a new image; and a
 * process that stops and goes on.
 *
 * A child of crossing_spawn stores its registers to a page that it shares with the parent, and ends. All are the parent's, but RAX,
 * and a thread's RSP and FS base. A new image's registers are all clean: its first instruction stores them.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kind.h"

#define PAGE 4096
#define THREAD_FS 0x123456789000
#define THREAD_FLAGS                                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
		CLONE_SETTLS | CLONE_CHILD_CLEARTID)

static char thread_stack[PAGE] __attribute__((aligned(64)));
static uint32_t thread_id;
static struct registers loaded;

void kinds_child_ready(void)
{
	if (mmap(&crossing_child, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != &crossing_child)
		differs("children", "a shared page", (uint64_t)&crossing_child, 0);
}

static void prepare_child(const struct kind *kind)
{
	(void)kind;
	memset(&crossing_child, 0, sizeof(crossing_child));
	thread_id = 1;
	loaded = crossing_in;
}

static void wait_for(const struct kind *kind, pid_t pid)
{
	int status = -1;
	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			differs(kind->name, "waitpid", (uint64_t)pid, (uint64_t)errno);
	if (status != 0)
		differs(kind->name, "the child's status", 0, (uint64_t)status);
}

static void settle_process(const struct kind *kind)
{
	wait_for(kind, (pid_t)kind_take_result(kind));
	kind_expect_call(kind, &loaded);
	loaded.general[RAX] = 0;
	kind_compare("the child", &loaded, &crossing_child, 0);
}

static void settle_thread(const struct kind *kind)
{
	kind_take_result(kind);
	for (uint32_t id; (id = __atomic_load_n(&thread_id, __ATOMIC_ACQUIRE)) != 0;)
		syscall(SYS_futex, &thread_id, FUTEX_WAIT, id, NULL, NULL, 0);
	kind_expect_call(kind, &loaded);
	loaded.general[RAX] = 0;
	loaded.general[RSP] = kind->arguments[1];
	loaded.fs = THREAD_FS;
	kind_compare("the thread", &loaded, &crossing_child, 0);
}

/* -- new images -- */

static const char *own_path(void)
{
	return (const char *)getauxval(AT_EXECFN);
}

static char *const born_arguments[] = {"sweep", "born", NULL};

static void act_exec(const struct kind *kind)
{
	pid_t pid;
	if (posix_spawn(&pid, own_path(), NULL, NULL, born_arguments, NULL) != 0)
		differs(kind->name, "posix_spawn", 0, 1);
	wait_for(kind, pid);
}

static void *exec_here(void *unused)
{
	execve(own_path(), born_arguments, NULL);
	return unused;
}

/* The first thread of a process sleeps while the second makes the process a new image. */
static void act_exec_thread(const struct kind *kind)
{
	pthread_t thread;
	pid_t pid = fork();
	if (pid != 0) {
		wait_for(kind, pid);
		return;
	}
	if (pthread_create(&thread, NULL, exec_here, NULL) == 0)
		pthread_join(thread, NULL);
	_exit(2);
}

/* -- stopping -- */

static const struct kind stop_itself = {.name = "stop-itself",
	.cross = crossing_call,
	.number = SYS_kill,
	.arguments = {0, SIGSTOP},
	.given = 2};

static void prepare_stop(const struct kind *kind)
{
	(void)kind;
	crossing_in.general[RDI] = (uint64_t)getpid();
}

static void stop_in_child(void)
{
	struct kind kind = stop_itself;
	kind.prepare = prepare_stop;
	kind_make(&kind, mix(variant));
	_exit(0);
}

static void act_stop(const struct kind *kind)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0)
		stop_in_child();
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		differs(kind->name, "a stop", 1, (uint64_t)status);
	kill(pid, SIGCONT);
	wait_for(kind, pid);
}

const struct kind kinds_child[] = {
	{.name = "fork",
		.cross = crossing_spawn,
		.number = SYS_fork,
		.prepare = prepare_child,
		.settle = settle_process},
	{.name = "vfork",
		.cross = crossing_spawn,
		.number = SYS_vfork,
		.prepare = prepare_child,
		.settle = settle_process},
	{.name = "thread",
		.cross = crossing_spawn,
		.number = SYS_clone,
		.arguments = {THREAD_FLAGS, (uint64_t)thread_stack + sizeof(thread_stack), 0,
			(uint64_t)&thread_id, THREAD_FS},
		.given = 5,
		.prepare = prepare_child,
		.settle = settle_thread},
	{.name = "exec", .act = act_exec},
	{.name = "exec-thread", .act = act_exec_thread},
	{.name = "stop", .act = act_stop},
	{0},
};
