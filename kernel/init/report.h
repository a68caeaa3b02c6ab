/* Events on the control port about programs (docs/host-protocol.md). */
#ifndef INIT_REPORT_H
#define INIT_REPORT_H

#include "lib/types.h"
#include "proc/process.h"

/* Registers with proc/ so that an out-of-memory kill is told when it happens. */
void report_init(void);

/* How the first program ended: an `exit` or `signal` event. */
void report_ended(const struct process *p);
/* A further program ended otherwise than with status 0: an `also` event. */
void report_also(const struct process *p);
void report_error(u32 status, const char *why);
void report_boot(void);
void report_syscalls(void);

#endif
