/* ptrace(2) for tests of code that asks it: nobody is traced. */
#ifndef FAKE_PTRACE_H
#define FAKE_PTRACE_H

#include "arch/registers.h"
#include "proc/ptrace.h"

bool ptrace_exec_keeps_ids(void)
{
	return false;
}

u32 ptrace_signal(struct signal_info *info)
{
	return 0;
}

void ptrace_group_stop(u32 signal)
{
}

void ptrace_trap(void)
{
}

void ptrace_call_end(void)
{
}

void ptrace_handler_entered(void)
{
}

bool ptrace_by_parent(const struct thread *t)
{
	return false;
}

void ptrace_rest_over(struct thread *t)
{
}

void arch_step_disable(struct arch_thread *t)
{
}

#endif
