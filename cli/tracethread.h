/* What is known of the VM's threads while a trace is read. */
#ifndef CLI_TRACETHREAD_H
#define CLI_TRACETHREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_call {
	bool open;
	uint32_t number;
	int64_t since;
	unsigned count;
	uint64_t args[6];
};

struct trace_trap {
	bool open;
	uint32_t vector;
	uint64_t rip, address;
	int64_t since;
};

struct trace_thread {
	uint32_t tid, pid;
	char name[32];
	struct trace_call call;
	struct trace_trap trap;
	/* The wakeup that it has not run since, or 0. */
	uint64_t flow;
};

struct trace_threads {
	/* In order of tid; each stays where it is. */
	struct trace_thread **items;
	size_t count, room;
};

/* The thread, made if it is new: then of a process with its own number, named after that. */
struct trace_thread *trace_threads_get(struct trace_threads *threads, uint32_t tid);
void trace_threads_name(struct trace_thread *thread, uint32_t pid, const char *name);
void trace_threads_free(struct trace_threads *threads);

/* "#PF", "timer". Returns text or a constant. */
const char *trace_vector_name(uint32_t vector, char text[32]);

#endif
