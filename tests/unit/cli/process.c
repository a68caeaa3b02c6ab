/* Runs the built command for a test. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

char *process_built(const char *name)
{
	/* This test is build/tests/unit/NAME. */
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	check(length > 0, "/proc/self/exe");
	path[length] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	char *result;
	check(asprintf(&result, "%s/%s", path, name) > 0, "asprintf");
	return result;
}

char *process_folder(void)
{
	char *name = strdup("/tmp/airlock-test-XXXXXX");
	check(mkdtemp(name) != NULL, "mkdtemp");
	return name;
}

static char *absent_folder;

static void remove_absent_folder(void)
{
	rmdir(absent_folder);
}

const char *process_absent(void)
{
	static char *path;
	if (path)
		return path;
	absent_folder = process_folder();
	check(atexit(remove_absent_folder) == 0, "atexit");
	check(asprintf(&path, "%s/absent", absent_folder) > 0, "asprintf");
	return path;
}

void process_write(const char *folder, const char *name, const char *text, mode_t mode)
{
	char *path;
	check(asprintf(&path, "%s/%s", folder, name) > 0, "asprintf");
	for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		check(mkdir(path, 0755) == 0 || errno == EEXIST, path);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	check(file && fputs(text, file) >= 0 && fclose(file) == 0, path);
	check(chmod(path, mode) == 0, path);
	free(path);
}

void process_start_program(
	struct process *process, const char *program, const char *const *arguments)
{
	int in[2], out[2], err[2];
	*process = (struct process){0};
	check(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0,
		"pipe");
	signal(SIGPIPE, SIG_IGN);
	process->pid = fork();
	check(process->pid >= 0, "fork");
	if (process->pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		char *argv[64] = {(char *)program};
		for (int i = 0; arguments[i]; i++)
			argv[i + 1] = (char *)arguments[i];
		execv(program, argv);
		_exit(120);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	process->input = in[1];
	process->output = out[0];
	process->errors = err[0];
	fcntl(process->input, F_SETFL, O_NONBLOCK);
}

void process_start(struct process *process, const char *const *arguments)
{
	char *airlock = process_built("bin/airlock");
	process_start_program(process, airlock, arguments);
	free(airlock);
}

/* Appends what can be read; closes at the end of file. */
static void take(int *fd, char **data, size_t *length)
{
	*data = realloc(*data, *length + 65537);
	ssize_t got = read(*fd, *data + *length, 65536);
	if (got <= 0) {
		close(*fd);
		*fd = -1;
		got = 0;
	}
	*length += (size_t)got;
	(*data)[*length] = '\0';
}

static void give(struct process *process, const char **input, size_t *length)
{
	ssize_t done = *length ? write(process->input, *input, *length) : 0;
	if (done > 0) {
		*input += done;
		*length -= (size_t)done;
	}
	if (*length == 0 || (done < 0 && errno != EAGAIN)) {
		close(process->input);
		process->input = -1;
	}
}

void process_finish(struct process *process, const char *input, size_t length)
{
	size_t err_length = 0;
	while (process->output >= 0 || process->errors >= 0) {
		struct pollfd entries[] = {
			{.fd = process->input, .events = POLLOUT},
			{.fd = process->output, .events = POLLIN},
			{.fd = process->errors, .events = POLLIN},
		};
		check(poll(entries, 3, 60000) > 0, "the command hangs");
		if (process->input >= 0 && entries[0].revents)
			give(process, &input, &length);
		if (process->output >= 0 && entries[1].revents)
			take(&process->output, &process->out, &process->out_length);
		if (process->errors >= 0 && entries[2].revents)
			take(&process->errors, &process->err, &err_length);
	}
	if (process->input >= 0)
		close(process->input);
	int status;
	check(waitpid(process->pid, &status, 0) == process->pid, "waitpid");
	process->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void process_run(struct process *process, const char *const *arguments)
{
	process_start(process, arguments);
	process_finish(process, NULL, 0);
}

void process_free(struct process *process)
{
	free(process->out);
	free(process->err);
}
