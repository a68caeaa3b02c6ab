/*
 * The fake arch: struct cpu is the real one, but a thread of the host plays a CPU, and which one is a variable. The real
 * header's functions that read GS are renamed out of the way.
 */
#ifndef FAKE_ARCH_CPU_H
#define FAKE_ARCH_CPU_H

#define this_cpu gs_this_cpu
#define current_thread gs_current_thread
#include_next "arch/cpu.h"
#undef this_cpu
#undef current_thread

#define FAKE_CPUS 4

extern struct cpu fake_cpu[FAKE_CPUS];
extern u32 fake_cpu_count;
/* Which of them this thread of the host is: 0 unless the test says otherwise. */
extern _Thread_local u32 fake_cpu_id;

static inline struct cpu *this_cpu(void)
{
	return &fake_cpu[fake_cpu_id];
}

static inline struct thread *current_thread(void)
{
	return this_cpu()->current;
}

#endif
