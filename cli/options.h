/* The options of `airlock run`. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

#include "accel.h"
#include "text.h"

struct run_options {
	long memory_mib;
	/* Leave it to the kernel to find that this is too little. */
	bool any_memory;
	long cpus;
	/* "K=V" for the program, later ones win; "K" was replaced by the host's "K=V". */
	struct text_list environment;
	const char *workdir;
	long uid;
	long gid;
	const char *rootfs;
	/* Pairs: a path of the host, a path in the VM. */
	struct text_list volumes;      /* HOST, GUEST of each */
	struct text_list volume_modes; /* ro:GUEST or rw:GUEST */
	bool interactive;
	bool tty;
	/* Seconds, 0 for none. */
	double timeout;
	/* Seconds until the VM must have shown a sign of life. */
	double boot_timeout;
	enum accel accel;
	const char *pti;
	struct text_list kernel_args;
	const char *kernel;
	const char *qemu;
	bool log_crossings;
	const char *log_level;
	/* Any line in the kernel's log at level warn is a failure. */
	bool strict;
	bool syscall_summary;
	/* The file for the trace, NULL for none. */
	const char *trace;
	/* Decoded system calls are wanted: on standard error, or in a file. */
	bool strace;
	const char *strace_file;
	/* The folder for crash reports, NULL for the default. */
	const char *crash_folder;
	/* Port of the debugger, 0 for none. */
	long gdb_port;
	bool dry_run;
	bool icount;
	/* In-kernel tests run instead of a program (there was a --kernel-arg test=). */
	bool kernel_tests;
	/* The program and its arguments; NULL at the end. */
	char **program;
};

/* What holds when no option is given; there is no program yet. */
void options_default(struct run_options *options);

/* Reads the arguments of `airlock run`.  Ends the command on --help and on a mistake (125). */
void options_parse(int argc, char **argv, struct run_options *options);

#endif
