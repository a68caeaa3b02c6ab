/* The host's CPUs. */
#include "arch/cpu.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "arch/irqflags.h"
#include "arch/trace_slot.h"

struct cpu fake_cpu[FAKE_CPUS] = {
	{.self = &fake_cpu[0], .id = 0},
	{.self = &fake_cpu[1], .id = 1},
	{.self = &fake_cpu[2], .id = 2},
	{.self = &fake_cpu[3], .id = 3},
};
u32 fake_cpu_count = 1;
u8 fake_ring[FAKE_CPUS][CPU_RING_SIZE] __attribute__((aligned(8)));
_Thread_local u32 fake_cpu_id;
_Thread_local bool fake_irq_enabled = true;
_Thread_local void (*fake_halt)(void);

u32 cpu_count(void)
{
	return fake_cpu_count;
}

struct cpu *cpu_get(u32 id)
{
	return &fake_cpu[id];
}

/* Not through the C library's sched_yield(), a name that the kernel has, too. */
void cpu_relax(void)
{
	syscall(SYS_sched_yield);
}
