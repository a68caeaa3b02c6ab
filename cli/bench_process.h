/* What processes and threads cost: rows of `airlock bench`. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

/* Instructions for one of the figures that tests/programs/proc_cost.c prints. kernel may be NULL: the
 * built one. 0, or an exit status after one line. */
int bench_process(const char *kernel, const char *figure, double *value);

#endif
