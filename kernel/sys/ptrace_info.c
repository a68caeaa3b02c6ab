/* ptrace(2): what a tracer asks about a tracee's signals, and about the call that it is in. */
#include <linux/audit.h>
#include <linux/ptrace.h>
#include <linux/signal.h>

#include "arch/registers.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/signal.h"
#include "sys/ptrace.h"
#include "sys/signal_info.h"

#define MASK_SIZE sizeof(u64)
#define ERROR_MAX 4095

s64 tracee_get_siginfo(struct thread *t, uaddr_t out)
{
	return t->trace.info ? signal_info_put(out, t->trace.info) : -EINVAL;
}

s64 tracee_set_siginfo(struct thread *t, uaddr_t from)
{
	struct signal_info info;
	s32 signal;

	if (copy_from_user(&signal, from, sizeof(signal)))
		return -EFAULT;
	int err = signal_info_get(&info, (u32)signal, from);
	if (err)
		return err;
	if (!t->trace.info)
		return -EINVAL;
	*t->trace.info = info;
	return 0;
}

s64 tracee_peek_siginfo(struct thread *t, uaddr_t arguments, uaddr_t out)
{
	struct ptrace_peeksiginfo_args a;
	struct signal_info info;
	s64 n = 0;

	if (copy_from_user(&a, arguments, sizeof(a)))
		return -EFAULT;
	if ((a.flags & ~(u32)PTRACE_PEEKSIGINFO_SHARED) || a.nr < 0)
		return -EINVAL;
	while (n < a.nr) {
		if (!ptrace_peek_signal(t, a.flags, a.off + (u64)n, &info))
			break;
		if (signal_info_put(out + (u64)n * sizeof(siginfo_t), &info))
			return n ? n : -EFAULT;
		n++;
		if (signal_pending(current_thread()))
			break;
	}
	return n;
}

s64 tracee_get_sigmask(struct thread *t, u64 size, uaddr_t out)
{
	return size == MASK_SIZE ? put_user_u64(out, ptrace_get_blocked(t)) : -EINVAL;
}

s64 tracee_set_sigmask(struct thread *t, u64 size, uaddr_t from)
{
	u64 mask;

	if (size != MASK_SIZE)
		return -EINVAL;
	if (copy_from_user(&mask, from, sizeof(mask)))
		return -EFAULT;
	ptrace_set_blocked(t, mask);
	return 0;
}

static u64 fill_entry(const struct thread *t, struct ptrace_syscall_info *i)
{
	static const u8 arguments[6] = {REGISTER(rdi), REGISTER(rsi), REGISTER(rdx), REGISTER(r10),
		REGISTER(r8), REGISTER(r9)};

	i->entry.nr = (u64)t->trace.call;
	for (u32 n = 0; n < 6; n++)
		i->entry.args[n] = arch_register_get(&t->arch, arguments[n]);
	return offsetof(struct ptrace_syscall_info, entry) + sizeof(i->entry);
}

static u64 fill_exit(const struct thread *t, struct ptrace_syscall_info *i)
{
	s64 result = (s64)arch_register_get(&t->arch, REGISTER_RAX);

	i->exit.rval = result;
	i->exit.is_error = result < 0 && result >= -ERROR_MAX;
	return offsetof(struct ptrace_syscall_info, exit.is_error) + sizeof(i->exit.is_error);
}

/* Only who asked for stops at calls to be told apart from others can ask for more about them. */
static u8 call_stop_of(const struct thread *t)
{
	const struct signal_info *info = t->trace.info;

	return info && info->si_code == (SIGTRAP | 0x80) ? t->trace.call_stop
							 : PTRACE_SYSCALL_INFO_NONE;
}

s64 tracee_get_call(struct thread *t, u64 size, uaddr_t out)
{
	struct ptrace_syscall_info i = {
		.op = call_stop_of(t),
		.arch = AUDIT_ARCH_X86_64,
		.instruction_pointer = arch_register_get(&t->arch, REGISTER(rip)),
		.stack_pointer = arch_register_get(&t->arch, REGISTER(rsp)),
	};
	u64 full = offsetof(struct ptrace_syscall_info, entry);

	if (i.op == PTRACE_SYSCALL_INFO_ENTRY)
		full = fill_entry(t, &i);
	else if (i.op == PTRACE_SYSCALL_INFO_EXIT)
		full = fill_exit(t, &i);
	return copy_to_user(out, &i, MIN(full, size)) ? -EFAULT : (s64)full;
}

s64 tracee_get_rseq(struct thread *t, u64 size, uaddr_t out)
{
	struct ptrace_rseq_configuration c = {
		.rseq_abi_pointer = t->rseq.area,
		.rseq_abi_size = t->rseq.length,
		.signature = t->rseq.signature,
	};

	return copy_to_user(out, &c, MIN(size, sizeof(c))) ? -EFAULT : (s64)sizeof(c);
}
