/* What a process has got, and would like to have, of the host's processors. */
#ifndef CLI_CPUTIME_H
#define CLI_CPUTIME_H

#include <stdbool.h>
#include <sys/types.h>

/* Seconds of processor time, of all its threads, since it began; 0 if it is gone. */
double cputime_used(pid_t pid);
/* One of its threads runs at this moment, or waits for a processor or for the host's memory. */
bool cputime_wanted(pid_t pid);

#endif
