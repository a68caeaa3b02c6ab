/*
 * QEMU as a child.
 *
 * It is in a session of its own, so that Ctrl-C reaches only the command, and dies with the command however that ends. It gets
 * its ends of the channels under fixed numbers (machine.h), and nothing else that the command has open.
 */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "machine.h"
#include "message.h"

enum { LOG_PIPE_SIZE = 1 << 18 };

_Noreturn void qemu_die(const char *what)
{
	exit(message_fail(STATUS_AIRLOCK, "cannot %s: %s", what, strerror(errno)));
}

/* The log's is a pipe (machine.c says why). */
static int qemu_make_channel(int channel, int ends[2])
{
	if (channel != CHANNEL_LOG)
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* A user who has many pipes gets a smaller one, which does as well. */
	fcntl(ends[0], F_SETPIPE_SZ, LOG_PIPE_SIZE);
	return 0;
}

void qemu_open(struct qemu *qemu)
{
	for (int i = 0; i < CHANNELS; i++) {
		int ends[2];
		if (qemu_make_channel(i, ends) != 0)
			qemu_die("make the channels of the VM");
		/* Only our end: QEMU sets its own as it likes. */
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		qemu->ours[i] = ends[0];
		qemu->theirs[i] = ends[1];
	}
}

/* Puts every descriptor at its number; the first step moves them out of each other's way. */
static bool qemu_place_descriptors(const struct qemu *qemu, int archive)
{
	int from[MACHINE_FD_END] = {
		[0] = open("/dev/null", O_RDONLY),
		[1] = qemu->theirs[CHANNEL_DIAGNOSIS],
		[2] = qemu->theirs[CHANNEL_DIAGNOSIS],
		[MACHINE_FD_ARCHIVE] = archive,
		[MACHINE_FD_LOG] = qemu->theirs[CHANNEL_LOG],
		[MACHINE_FD_STDIN] = qemu->theirs[CHANNEL_INPUT],
		[MACHINE_FD_STDOUT] = qemu->theirs[CHANNEL_OUTPUT],
		[MACHINE_FD_STDERR] = qemu->theirs[CHANNEL_ERRORS],
		[MACHINE_FD_CONTROL] = qemu->theirs[CHANNEL_CONTROL],
		[MACHINE_FD_TRACE] = qemu->theirs[CHANNEL_TRACE],
		[MACHINE_FD_STRACE] = qemu->theirs[CHANNEL_STRACE],
		[MACHINE_FD_MONITOR] = qemu->theirs[CHANNEL_MONITOR],
	};
	for (int i = 0; i < MACHINE_FD_END; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, MACHINE_FD_END);
		if (from[i] < 0)
			return false;
	}
	for (int i = 0; i < MACHINE_FD_END; i++)
		if (dup2(from[i], i) < 0)
			return false;
	return true;
}

/* In the child: becomes QEMU, or says on the diagnosis channel why not. */
static _Noreturn void qemu_become(
	const struct qemu *qemu, pid_t parent, char **arguments, int archive, const sigset_t *mask)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The command may have died before that. */
	if (getppid() != parent || !qemu_place_descriptors(qemu, archive))
		_exit(1);
	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(arguments[0], arguments);
	dprintf(STDERR_FILENO, "%s: %s", arguments[0], strerror(errno));
	_exit(1);
}

void qemu_start(
	struct qemu *qemu, const struct text_list *arguments, int archive, const sigset_t *mask)
{
	pid_t parent = getpid();
	qemu->pid = fork();
	if (qemu->pid < 0)
		qemu_die("start QEMU");
	if (qemu->pid == 0)
		qemu_become(qemu, parent, arguments->items, archive, mask);
	for (int i = 0; i < CHANNELS; i++)
		close(qemu->theirs[i]);
}

void qemu_close(struct qemu *qemu)
{
	for (int i = 0; i < CHANNELS; i++)
		close(qemu->ours[i]);
}
