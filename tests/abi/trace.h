/* What the tests of ptrace(2) share. */
#ifndef ABI_TRACE_H
#define ABI_TRACE_H

#include "proc.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/user.h>

/* The call itself: what PEEK reads goes where data says. glibc's differs there. */
static inline long trace(long request, long pid, unsigned long address, unsigned long data)
{
	return syscall(SYS_ptrace, request, pid, address, data);
}

#define DEBUG_REGISTER(n) (offsetof(struct user, u_debugreg) + 8UL * (n))
#define IN_USER(name) offsetof(struct user_regs_struct, name)

static inline unsigned long peek_user(pid_t pid, unsigned long offset)
{
	unsigned long value = 0xdead;

	if (trace(PTRACE_PEEKUSR, pid, offset, (unsigned long)&value))
		return 0xdead0000 + errno;
	return value;
}

/* "stopped 5", "call", "event 4 (5)", "exited 3". */
static inline const char *stop_text(int status)
{
	static char text[32];
	int event = status >> 16;

	if (!WIFSTOPPED(status))
		return status_text(status);
	if (event)
		snprintf(text, sizeof(text), "event %d (%d)", event, WSTOPSIG(status));
	else if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		snprintf(text, sizeof(text), "call");
	else
		snprintf(text, sizeof(text), "stopped %d", WSTOPSIG(status));
	return text;
}

/* Waits for the tracee and says what it tells. */
static inline int show_stop(const char *what, pid_t pid)
{
	int status = 0;
	pid_t got = waitpid(pid, &status, __WALL);

	printf("  %s: %s\n", what,
		got == pid ? stop_text(status)
		: got < 0  ? error_name(errno)
			   : "another");
	return status;
}

/* The same without a line. */
static inline int next_stop(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, __WALL) != pid)
		return -1;
	return status;
}

/* A child that is traced and stops by SIGSTOP before it runs the block. */
#define TRACEE(...)                                     \
	({                                              \
		pid_t tracee_ = CHILD({                 \
			trace(PTRACE_TRACEME, 0, 0, 0); \
			raise(SIGSTOP);                 \
			__VA_ARGS__;                    \
		});                                     \
		next_stop(tracee_);                     \
		tracee_;                                \
	})

static inline unsigned long message_of(pid_t pid)
{
	unsigned long message = -1;

	trace(PTRACE_GETEVENTMSG, pid, 0, (long)&message);
	return message;
}

static inline void go(pid_t pid, unsigned long signal)
{
	if (trace(PTRACE_CONT, pid, 0, signal))
		printf("  cont: %s\n", error_name(errno));
}

/* A thread, or a process, that only signals end. */
static inline void *thread_pauses(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static inline void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		;
}

#endif
