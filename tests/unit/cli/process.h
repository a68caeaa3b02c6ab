/* Runs the built command for a test and collects everything about it. */
#ifndef TESTS_CLI_PROCESS_H
#define TESTS_CLI_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	/* Our ends of its standard input, output and error; -1 once closed. */
	int input;
	int output;
	int errors;
	/* As a shell has it. */
	int status;
	char *out;
	size_t out_length;
	char *err;
};

/* Starts a program with these arguments, the last of which is NULL. */
void process_start_program(
	struct process *process, const char *program, const char *const *arguments);

/* Starts build/bin/airlock with these arguments, the last of which is NULL. */
void process_start(struct process *process, const char *const *arguments);

/* Feeds it `input`, reads all its output and waits for its end. */
void process_finish(struct process *process, const char *input, size_t length);

/* Both. */
void process_run(struct process *process, const char *const *arguments);

void process_free(struct process *process);

/* A file in the build folder. */
char *process_built(const char *name);

/* A new folder for files of the test. */
char *process_folder(void);

/* A path where nothing is. It lies in a folder of this test's own. */
const char *process_absent(void);

/* Writes a file with these permissions into a folder. */
void process_write(const char *folder, const char *name, const char *text, mode_t mode);

#endif
