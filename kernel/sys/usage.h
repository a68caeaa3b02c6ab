/* Between the files of sys/ that tell what processes have used. */
#ifndef SYS_USAGE_H
#define SYS_USAGE_H

#include "proc/process.h"

struct rusage;

/* As getrusage(2) and wait4(2) tell it. */
void usage_convert(struct rusage *r, const struct usage *u);

#endif
