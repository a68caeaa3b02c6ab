/* The virtual machine as a value: built from the options, then printed or executed. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdbool.h>

#include "accel.h"
#include "text.h"

/*
 * QEMU gets everything by number: the archive, the log's pipe and one end of a socket pair for each other channel.  The
 * numbers are fixed, so that the command line is the same in every run.
 */
enum machine_fd {
	MACHINE_FD_ARCHIVE = 3,
	MACHINE_FD_LOG,
	MACHINE_FD_STDIN,
	MACHINE_FD_STDOUT,
	MACHINE_FD_STDERR,
	MACHINE_FD_CONTROL,
	MACHINE_FD_TRACE,
	MACHINE_FD_STRACE,
	MACHINE_FD_MONITOR,
	MACHINE_FD_END,
};

struct machine {
	const char *qemu;
	const char *kernel;
	long memory_mib;
	long cpus;
	enum accel accel;
	bool icount;
	/* 0 for none. */
	long gdb_port;
	/* The kernel's command line, besides what describes the machine. */
	struct text_list kernel_args;
	/* False for a machine without archive and channels: the floor that the bench measures. */
	bool devices;
	/* Ports for what is watched. */
	bool trace, strace;
	/* A port for standard input; false if there is none to pass on. */
	bool input;
	/* QEMU's monitor, which can make the kernel report. */
	bool monitor;
};

/* The whole QEMU command line. */
void machine_arguments(const struct machine *machine, struct text_list *arguments);

/* Prints it so that a shell could read it. */
void machine_print(const struct text_list *arguments);

#endif
