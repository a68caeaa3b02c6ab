/* What the kernel's command line asks for: docs/host-protocol.md. Constant after start-up. */
#ifndef INIT_OPTIONS_H
#define INIT_OPTIONS_H

#include "arch/pti.h"
#include "lib/types.h"
#include "trace/log.h"

struct options {
	enum pti_mode pti;
	bool aslr;
	enum log_level level;
	u32 hz; /* 0: the scheduler's default */
	u64 seed;
	bool serial_console;
	bool no_input; /* standard input is at its end from the start */
	bool log_crossings;
	bool report_boot, report_syscalls;
	bool trace, strace;
	u32 watchdog;	  /* seconds, 0: off; UINT32_MAX: the scheduler's default */
	char test[64];	  /* glob; "": run the program */
	u32 irqoff_ms;	  /* debug kernels: report interrupts that are off for longer; 0: don't */
	u64 schedfuzz;	  /* debug kernels: the seed of schedule fuzzing; 0: none */
	char planted[64]; /* a planted bug instead of tests; "": none */
};

extern struct options options;

/* Boot CPU, first of all; sets the log's level. Words it can't make sense of are warned about by options_warn(), once the log
 * can print. */
void options_parse(const char *line);
void options_warn(const char *line);

#endif
