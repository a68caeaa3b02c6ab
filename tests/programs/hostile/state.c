/*
 * A bad stack pointer at every door.
 *
 * The kernel must never use RSP of ring 3 (hazards S1, I7): so a value that cannot be a stack
 * must not matter to any entry that does not push on it.  The fatal events end the process by
 * their own signal, not by a stack fault.
 */
#include "state.h"
#include "hostile.h"

#include <string.h>
#include <sys/mman.h>

/* About 20 ms in an emulated machine. */
#define SPIN_COUNT 2000000

const struct state_event surviving_events[] = {
	{"syscall", state_run_syscall},
	{"enosys", state_run_enosys},
	{"yield", state_run_yield},
	{"sleep", state_run_sleep},
	{"spin", state_run_spin},
	{"demand", state_run_demand},
};
const size_t surviving_event_count = COUNT(surviving_events);

const struct state_event fatal_events[] = {
	{"int3", state_run_int3},
	{"int1", state_run_int1},
	{"ud2", state_run_ud2},
	{"div", state_run_div},
	{"read0", state_run_read0},
	{"gp", state_run_gp},
};
const size_t fatal_event_count = COUNT(fatal_events);

static uint64_t own_fs(void)
{
	uint64_t base;
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

void state_init(struct machine_state *s)
{
	memset(s, 0, sizeof(*s));
	s->rsp = (uint64_t)(page_end(PROT_READ | PROT_WRITE) - 2048);
	s->flags = 0x202;
	s->fs = own_fs();
	s->page = fresh_pages(1, PROT_READ | PROT_WRITE);
	s->count = SPIN_COUNT;
	s->time.tv_nsec = 2000000;
}

static void stack_survives(const struct hostile_case *c)
{
	for (size_t i = 0; i < surviving_event_count; i++) {
		struct machine_state s;
		state_init(&s);
		s.rsp = c->a;
		surviving_events[i].run(&s);
		say("%s: RSP %s\n", surviving_events[i].name,
			s.rsp == c->a ? "unchanged" : "CHANGED");
	}
}

static void stack_dies(const struct hostile_case *c)
{
	struct machine_state s;
	state_init(&s);
	s.rsp = c->a;
	fatal_events[c->b].run(&s);
}

/* Close to the ends of a page that stands alone, and at odd addresses. */
static void stack_edges(const struct hostile_case *c)
{
	(void)c;
	char *end = page_end(PROT_READ | PROT_WRITE);
	for (int offset = -4104; offset <= 8; offset += offset < -4080 || offset > -24 ? 1 : 173) {
		for (size_t i = 0; i < surviving_event_count; i++) {
			struct machine_state s;
			state_init(&s);
			s.count = 1000;
			s.time.tv_nsec = 1000;
			s.rsp = (uint64_t)(end + offset);
			surviving_events[i].run(&s);
			if (s.rsp != (uint64_t)(end + offset))
				say("%s at %d: RSP changed\n", surviving_events[i].name, offset);
			munmap(s.page, 4096);
		}
	}
	say("edges done\n");
}

static void stack_push(const struct hostile_case *c)
{
	struct machine_state s;
	state_init(&s);
	s.rsp = c->a;
	state_run_push(&s);
}

void state_cases(void)
{
	case_add(SURVIVES, stack_edges, 0, 0, "rsp.edges");
	for (size_t i = 0; i < bad_address_count; i++) {
		const struct bad_address *bad = &bad_addresses[i];
		case_add(SURVIVES, stack_survives, bad->value, 0, "rsp.%s", bad->name);
		case_add(DIES, stack_push, bad->value, 0, "rsp.%s.push", bad->name);
		for (size_t e = 0; e < fatal_event_count; e++)
			case_add(DIES, stack_dies, bad->value, e, "rsp.%s.%s", bad->name,
				fatal_events[e].name);
	}
}
