/* Results that the kernel told. */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "report.h"

/* Of in-kernel tests and benchmarks, to standard output: a line for each, for people and for `airlock test`. */
void results_print(const struct report *report);

/* --syscall-summary, to standard error: most frequent first; what is not implemented is marked. */
void results_print_syscalls(const struct report *report);

#endif
