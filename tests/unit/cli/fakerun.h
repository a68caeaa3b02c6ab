/* `airlock run` with a stand-in for QEMU (fake_qemu.c), which does what a script says. */
#ifndef TESTS_CLI_FAKERUN_H
#define TESTS_CLI_FAKERUN_H

#include "process.h"

#define BOOT "event:{\"event\":\"boot\"}\n"
#define EXIT(status) "event:{\"event\":\"exit\",\"pid\":1,\"status\":" #status "}\nexit:33\n"

/* The stand-in, and what it is given: a kernel and a program that are never looked into. */
extern char *fakerun_fake;
extern char *fakerun_kernel;
extern char *fakerun_program;

/* First of all. */
void fakerun_init(void);

/* Starts a run in which the stand-in does `script`; `option` and its value, or NULL, come before the program. */
void fakerun_start(
	struct process *process, const char *script, const char *option, const char *value);

/* A whole run, and how it must end: `err` is in its one line, or "" if there must be none. */
void fakerun_expect(const char *script, const char *option, const char *value, int status,
	const char *out, const char *err);

#endif
