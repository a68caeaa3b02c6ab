/*
 * What is to be exercised: pairs of a site and an event.
 *
 * A site is an instruction, and for the instructions that several paranoid doors share, one of these doors. A pair may be
 * excluded, with the reason; all others must be done.
 */
#ifndef SWEEP_SITE_H
#define SWEEP_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event { EVENT_NMI, EVENT_MC, EVENT_DB, EVENT_TIMER, EVENTS };

enum door {
	/* Reached by the workload itself, by whatever way. */
	DOOR_ANY,
	/* Handling one of these events, which interrupted the kernel. */
	DOOR_NMI,
	DOOR_MC,
	DOOR_DB,
	/* Handling a #DB that ring 3 raised. */
	DOOR_DB_USER,
	DOORS,
};

/* What it takes to get there. */
enum how {
	HOW_WORKLOAD,
	HOW_VECTOR,  /* an interrupt with this vector has to be sent */
	HOW_REFUSED, /* the IRETQ to ring 3 has to fault */
	HOW_NESTED,  /* an event has to be injected */
	HOW_USER_DB, /* a program has to raise #DB */
	HOW_C_CODE,  /* as HOW_WORKLOAD; timer only */
	HOW_FRAME,   /* as HOW_WORKLOAD; C code that makes what ring 3 returns to */
	HOW_ANY,
};

enum pair { PAIR_NONE, PAIR_WANTED, PAIR_DONE, PAIR_EXCLUDED, PAIR_SKIPPED };

struct site {
	uint64_t address;
	enum door door;
	enum how how;
	unsigned vector;
	bool first; /* of a function of C code that has to be reached */
	uint8_t pair[EVENTS];
	const char *reason[EVENTS];
	char text[64];
};

extern struct site *sites;
extern size_t site_count;

extern const char *const event_names[EVENTS];
extern const char *const door_names[DOORS];

/* Appends one. NMI, #MC and #DB are wanted there. The address is good until the next one is appended. */
struct site *site_add(uint64_t address, enum door door, enum how how, const char *text);
void site_exclude(struct site *site, enum event event, const char *reason);
/* Of C code: excludes what it still wants. */
void site_give_up(struct site *site);

/* Makes the list from the open kernel, which runs with page-table isolation or without. */
void sites_make(bool isolation);

/* Leaves only about one of `share` wanted pairs, chosen by the seed; the others are skipped. */
void sites_sample(unsigned share, uint64_t seed);

/* The first site of this kind with this address (0: any) that has a wanted pair; NULL if there is none. */
struct site *site_find(enum how how, uint64_t address);
/* The first of this vector's stub that has a wanted pair; NULL if there is none. */
struct site *site_find_vector(unsigned vector);
/* The one with this door whose instruction begins with this word. */
struct site *site_named(const char *word, enum door door);
/* Its next wanted pair's event; EVENTS if there is none. */
enum event site_next(const struct site *site);
size_t sites_wanted(enum how how);
size_t sites_count(enum how how, enum pair what);

/* Prints the table. True if every pair that is wanted was done. */
bool sites_report(bool verbose);

#endif
