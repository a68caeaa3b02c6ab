/* airlock run */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "options.h"
#include "vm.h"

/* Where the program's bytes come from and go to; -1 for nowhere. */
struct run_streams {
	int input;
	int output;
	int errors;
	/* The kernel's log. */
	int log;
	/* Decoded system calls. */
	int strace;
};

/* argv[0] is "airlock run".  The exit status. */
int run_command(int argc, char **argv);

/*
 * Runs the program of the options, whose accelerator is settled, in a VM. 0 and a result, which the
 * caller frees, or an exit status after one line when no VM could be started.
 */
int run_execute(const struct run_options *options, const struct run_streams *streams,
	struct vm_result *result);

#endif
