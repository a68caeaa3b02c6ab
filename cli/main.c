/* The command `airlock`: finds the subcommand and hands over to it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "check.h"
#include "message.h"
#include "run.h"
#include "shell.h"
#include "test.h"
#include "text.h"
#include "trace.h"
#include "version.h"

static const struct {
	const char *name;
	int (*command)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{"run", run_command, "run a program in a VM of its own"},
	{"shell", shell_command, "a shell in a VM"},
	{"test", test_command, "run Airlock's tests"},
	{"bench", bench_command, "measure Airlock"},
	{"trace", trace_command, "print a trace as text"},
	{"check", check_command, "check kernel entry code for races"},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int main_help(void)
{
	printf("Usage: airlock COMMAND [OPTIONS] [ARGUMENTS]\n"
	       "Runs Linux programs, each in a VM of its own, on a kernel of its own.\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-8s%s\n", commands[i].name, commands[i].summary);
	printf("\n  --help     this text; after a command: the command's options\n"
	       "  --version  the version\n\n"
	       "Try: airlock run busybox echo hello\n");
	return 0;
}

static int main_version(void)
{
	printf("airlock %s\n", AIRLOCK_VERSION);
	return 0;
}

/* A file that is opened later must not become standard input, output or error by accident. */
static void main_open_standard(void)
{
	int fd;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Output that could not be written makes the command fail. */
static int main_finish(int status)
{
	if (fclose(stdout) != 0 && status == 0)
		return message_fail(
			STATUS_AIRLOCK, "cannot write to standard output: %s", strerror(errno));
	return status;
}

static int main_dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
		return main_help();
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		return main_version();
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		/* What argp calls the program in its help. */
		argv[1] = text_format("airlock %s", commands[i].name);
		program_invocation_name = argv[1];
		program_invocation_short_name = argv[1];
		return commands[i].command(argc - 1, argv + 1);
	}
	if (!name[0])
		return message_fail(STATUS_AIRLOCK, "a command is missing (airlock --help)");
	return message_fail(
		STATUS_AIRLOCK, "there is no command '%s' (airlock --help lists them)", name);
}

int main(int argc, char **argv)
{
	main_open_standard();
	return main_finish(main_dispatch(argc, argv));
}
