/* The machine state that an event is tried with; state.S does it, and knows these offsets. */
#ifndef HOSTILE_STATE_H
#define HOSTILE_STATE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct machine_state {
	uint64_t rsp, flags, fs, gs;
	/* For the events that need them. */
	void *page;
	uint64_t count;
	struct timespec time;
	/* What the event left in RAX. */
	uint64_t result;
};

_Static_assert(offsetof(struct machine_state, time) == 48, "state.S");
_Static_assert(offsetof(struct machine_state, result) == 64, "state.S");

void state_run_syscall(struct machine_state *s);
void state_run_enosys(struct machine_state *s);
void state_run_yield(struct machine_state *s);
void state_run_sleep(struct machine_state *s);
void state_run_spin(struct machine_state *s);
void state_run_demand(struct machine_state *s);
void state_run_int3(struct machine_state *s);
void state_run_int1(struct machine_state *s);
void state_run_ud2(struct machine_state *s);
void state_run_div(struct machine_state *s);
void state_run_read0(struct machine_state *s);
void state_run_gp(struct machine_state *s);
void state_run_push(struct machine_state *s);

struct state_event {
	const char *name;
	void (*run)(struct machine_state *s);
};
extern const struct state_event surviving_events[], fatal_events[];
extern const size_t surviving_event_count, fatal_event_count;

/* The state as it is, ready to be changed in one respect. */
void state_init(struct machine_state *s);

#endif
