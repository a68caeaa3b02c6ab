/*
 * sweep: injects events at every instruction of the kernel's crossing (docs/sweep.md).
 *
 *	sweep --kernel FILE --gdb SOCKET [OPTION...] -- COMMAND...
 *
 * COMMAND starts a VM with this kernel, stopped, with QEMU's debugger stub on SOCKET, and in it the programs of
 * tests/programs/sweep, which end when their standard input does. Status 0: every pair was exercised and nothing differed.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "code.h"
#include "gdb.h"
#include "inject.h"
#include "sweep.h"

static const double CONNECT_SECONDS = 30, FINISH_SECONDS = 60;

struct options {
	const char *kernel, *socket, *phase;
	unsigned sample, part, parts;
	uint64_t seed;
	bool verbose, refused, isolation_off;
	enum event event;
	char **command;
};

static const char usage[] =
	"usage: sweep --kernel FILE --gdb SOCKET [OPTION...] -- COMMAND...\n"
	"  --sample N        only about one of N pairs\n"
	"  --seed N          which ones\n"
	"  --refused EVENT   '#DB' or '#MC': inject it into an NMI's handler, which the kernel refuses\n"
	"  --part K/N        where in the handler\n"
	"  --isolation-off   the kernel runs without page-table isolation\n"
	"  --phase NAME      only workload, frames, vectors, refused or nested\n"
	"  --list            list what is excluded, one by one\n";

static void parse_part(struct options *options, const char *text)
{
	char *rest = NULL;
	unsigned long part = strtoul(text, &rest, 10);
	unsigned long parts = *rest == '/' ? strtoul(rest + 1, &rest, 10) : 0;

	options->part = (unsigned)part;
	options->parts = (unsigned)parts;
	if (*rest != '\0' || parts == 0 || parts > UINT_MAX || part > parts)
		die("--part: '%s' is not K/N", text);
}

static void parse_option(struct options *options, int c)
{
	switch (c) {
	case 'k':
		options->kernel = optarg;
		break;
	case 'g':
		options->socket = optarg;
		break;
	case 'n':
		options->sample = (unsigned)strtoul(optarg, NULL, 10);
		break;
	case 's':
		options->seed = strtoul(optarg, NULL, 10);
		break;
	case 'r':
		options->refused = true;
		options->event = strcmp(optarg, event_names[EVENT_MC]) == 0 ? EVENT_MC : EVENT_DB;
		break;
	case 'p':
		parse_part(options, optarg);
		break;
	case 'i':
		options->isolation_off = true;
		break;
	case 'P':
		options->phase = optarg;
		break;
	case 'l':
		options->verbose = true;
		break;
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

static void parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{"kernel", required_argument, NULL, 'k'},
		{"gdb", required_argument, NULL, 'g'},
		{"sample", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'},
		{"refused", required_argument, NULL, 'r'},
		{"part", required_argument, NULL, 'p'},
		{"isolation-off", no_argument, NULL, 'i'},
		{"phase", required_argument, NULL, 'P'},
		{"list", no_argument, NULL, 'l'},
		{NULL, 0, NULL, 0},
	};
	int c;
	while ((c = getopt_long(argc, argv, "+", known, NULL)) != -1)
		parse_option(options, c);
	options->command = argv + optind;
	if (!options->kernel || !options->socket || !options->command[0])
		parse_option(options, '?');
}

/* Starts the command. Its standard input ends when *input is closed. */
static pid_t start(char **command, int *input)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[0], 0);
		execvp(command[0], command);
		die("cannot start %s: %s", command[0], strerror(errno));
	}
	if (child < 0)
		die("cannot start a process: %s", strerror(errno));
	close(ends[0]);
	*input = ends[1];
	return child;
}

static void tell_places(void)
{
	for (int cpu = 1; gdb_select(cpu); cpu++) {
		struct gdb_registers registers;
		gdb_read_registers(&registers);
		printf("CPU %d is at %s, IF=%d\n", cpu,
			code_place(gdb_register(&registers, GDB_RIP)),
			!!(gdb_flags(&registers) & RFLAGS_IF));
	}
}

/* Lets the programs end and the machine with them. */
static void finish(bool good, int input)
{
	close(input);
	if (good && gdb_continue(FINISH_SECONDS) == GDB_ENDED)
		return;
	if (good) {
		differs("the programs do not end");
		tell_places();
	}
	gdb_kill();
}

/* The command's own status: the first program's. */
static void check_status(pid_t child)
{
	int status;
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		differs("the run ended with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

int main(int argc, char **argv)
{
	struct options options = {.seed = 1, .parts = 1};
	int input;
	parse(&options, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	code_open(options.kernel);
	sites_make(!options.isolation_off);
	if (options.sample > 1)
		sites_sample(options.sample, options.seed);
	pid_t child = start(options.command, &input);
	gdb_connect(options.socket, CONNECT_SECONDS);
	if (options.refused) {
		sweep_refused(options.event, options.part, options.parts);
		gdb_continue(FINISH_SECONDS);
		waitpid(child, NULL, 0);
		return 0;
	}
	finish(sweep_all(options.phase), input);
	check_status(child);
	bool complete = sites_report(options.verbose);
	printf("%u differences\n", differences);
	return complete && differences == 0 ? 0 : 1;
}
