/* Between main.c, which goes through the ways, and site.c, which makes the sites of one of them fail in a process of its own. */
#ifndef DRIVE_H
#define DRIVE_H

#include "failing.h"

/* Threads that have just ended may have something still; more only when there is a failure to tell. */
#define SETTLES_MS 5000

/* Shared with the processes of the ways. */
struct figures {
	unsigned long ways, sites, errors, killed, tolerated, wrong;
	unsigned at; /* the site that is failing */
	int reached; /* the call came to its end */
};
extern struct figures *figures;

extern int verbose;
/* The sites are user copies. */
extern int copies;
extern const struct way *current;

/* The way's own process, which starts with site number `from`. */
__attribute__((noreturn)) void drive_process(const struct way *w, unsigned from);

#endif
