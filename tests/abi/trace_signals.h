/* For tests of a tracee's signals: what its handler has seen, and what its tracer is told. */
#ifndef ABI_TRACE_SIGNALS_H
#define ABI_TRACE_SIGNALS_H

#include "trace.h"

static volatile int handled;
static volatile int flags_in_handler __attribute__((unused));

static inline void on_signal(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	handled = number * 1000 + info->si_code + 500;
	flags_in_handler = (u->uc_mcontext.gregs[REG_EFL] & 0x100) != 0;
}

static inline void handle(int number)
{
	struct sigaction a = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	sigaction(number, &a, NULL);
}

static inline void show_info(pid_t pid)
{
	siginfo_t info = {0};

	if (trace(PTRACE_GETSIGINFO, pid, 0, (long)&info))
		printf("  siginfo: %s\n", error_name(errno));
	else
		printf("  siginfo: %d code %d %s\n", info.si_signo, info.si_code,
			info.si_pid == pid	  ? "its own"
			: info.si_pid == getpid() ? "ours"
						  : "nobody's");
}

#endif
