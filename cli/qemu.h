/* QEMU as a child of the command, and the channels between the two. */
#ifndef CLI_QEMU_H
#define CLI_QEMU_H

#include <signal.h>
#include <sys/types.h>

#include "text.h"

enum qemu_channel {
	CHANNEL_LOG,
	CHANNEL_INPUT,
	CHANNEL_OUTPUT,
	CHANNEL_ERRORS,
	CHANNEL_CONTROL,
	CHANNEL_TRACE,
	CHANNEL_STRACE,
	CHANNEL_MONITOR,
	CHANNEL_DIAGNOSIS,
	CHANNELS,
};

struct qemu {
	pid_t pid;
	/* Our ends of the channels, which do not block. */
	int ours[CHANNELS];
	/* QEMU's, until it has them. */
	int theirs[CHANNELS];
};

/* Makes the channels. The command ends if the host has none left. */
void qemu_open(struct qemu *qemu);

/*
 * Starts QEMU with this command line, the initial archive and its ends of the channels; what it blocks of signals is given. That it
 * can't be executed is said on the diagnosis channel. The command ends if there can be no child.
 */
void qemu_start(
	struct qemu *qemu, const struct text_list *arguments, int archive, const sigset_t *mask);

/* Closes our ends. */
void qemu_close(struct qemu *qemu);

/* Ends the command: 'cannot WHAT', with the reason in errno. */
_Noreturn void qemu_die(const char *what);

#endif
