/*
 * membarrier(2): afterwards every thread that the command names has executed a full barrier since the
 * call began, without having one in its own fast path.
 *
 * Threads that do not run have: they were switched out, and will be switched in, by way of atomic
 * operations on run queues. Those that run are interrupted (smp_barrier()): the interrupt's entry is a
 * barrier on that CPU, and its IRET serialises the instruction stream, which is what the SYNC_CORE
 * form asks for. A CPU whose thread belongs to another address space can be left out: it becomes one of
 * ours only by a switch. That is read from cpu->mm after a full barrier; a switch to our address space
 * that we do not see yet is itself a full barrier that comes after our stores.
 *
 * For SYNC_CORE all CPUs are interrupted, as a thread may come back to ring 3 by SYSRET, which
 * serialises nothing.
 *
 * What an address space has registered for is one word in it, set by atomic OR and never cleared.
 */
#include "proc/membarrier.h"

#include <linux/membarrier.h>

#include "arch/cpu.h"
#include "arch/smp.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "sched/thread.h"

#define REGISTRATIONS                                                                           \
	(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | \
		MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |                           \
		MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)

u32 membarrier_commands(void)
{
	return REGISTRATIONS | MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
	       MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
	       MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
}

/* Online CPUs besides this one; mm: only those that have it loaded. */
static u64 other_cpus(const struct mm *mm)
{
	struct cpu *c;
	u64 cpus = 0;
	u32 i;

	/* Pairs with the switch: see the head of the file. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	cpu_for_each (c, i)
		if (c != this_cpu() && atomic32_load(&c->online) && (!mm || READ_ONCE(c->mm) == mm))
			cpus |= BIT(i);
	return cpus;
}

/* The registration that a private command needs. */
static u32 needed(u32 command)
{
	return command << 1;
}

static int private_call(u32 command, u32 cpu)
{
	struct mm *mm = current_thread()->mm;
	bool all = command == MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE;
	bool rseq = command == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;

	if (!(atomic32_load(&mm->membarrier) & needed(command)))
		return -EPERM;
	u64 cpus = other_cpus(all ? NULL : mm);
	if (cpu != UINT32_MAX)
		cpus &= cpu < MAX_CPUS ? BIT(cpu) : 0;
	smp_barrier(cpus, rseq);
	return 0;
}

int membarrier_call(u32 command, u32 cpu)
{
	struct mm *mm = current_thread()->mm;

	switch (command) {
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		smp_barrier(other_cpus(NULL), false);
		return 0;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		atomic32_fetch_or(&mm->membarrier, command);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return private_call(command, cpu);
	default:
		return -EINVAL;
	}
}
