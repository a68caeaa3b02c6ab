/* Threads: their end, their bases, what they tell the kernel about themselves. */
#include <asm/prctl.h>

#include "arch/layout.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/sys.h"

s64 sys_exit(s32 status)
{
	process_exit_thread(status);
}

s64 sys_exit_group(s32 status)
{
	process_exit_group(status);
}

s64 sys_set_tid_address(uaddr_t word)
{
	struct thread *t = current_thread();

	t->clear_child_tid = word;
	return t->tid;
}

static s64 set_base(void (*set)(u64 base), u64 base)
{
	/* A base beyond the program's half would fault in the kernel when it is loaded (hazard
	 * X8). */
	if (base >= USER_END)
		return -EPERM;
	set(base);
	return 0;
}

s64 sys_arch_prctl(s32 option, u64 argument)
{
	switch (option) {
	case ARCH_SET_FS:
		return set_base(arch_set_fs_base, argument);
	case ARCH_SET_GS:
		return set_base(arch_set_gs_base, argument);
	case ARCH_GET_FS:
		return put_user_u64(argument, arch_get_fs_base());
	case ARCH_GET_GS:
		return put_user_u64(argument, arch_get_gs_base());
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		/* CPUID can't be made to fault. */
		return -ENODEV;
	default:
		return -EINVAL;
	}
}
