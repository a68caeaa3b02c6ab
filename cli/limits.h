/* The times after which the command gives a VM up. */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include <stdbool.h>
#include <sys/types.h>

/* Moments, INFINITY for never. */
struct limits {
	double boot;
	double timeout;
	double report;
	double final;
	/* QEMU's processor time when `final` was set. */
	double final_used;
	double linger;
};

enum limit { LIMIT_NONE, LIMIT_TIMEOUT, LIMIT_REPORT, LIMIT_BOOT, LIMIT_FINAL };

/* Both in seconds from now, 0 for no limit. */
void limits_start(struct limits *limits, double boot, double timeout);

/* The VM has given a sign of life. */
void limits_booted(struct limits *limits);

/* Whether the VM has nothing more to do than to end; `moved` says that it has done something since the last look. */
void limits_set_final(struct limits *limits, bool due, bool moved, pid_t qemu);

/* The kernel was asked for its report, or could not be. */
void limits_asked(struct limits *limits, bool able);

/* The command ends the VM. */
void limits_ended(struct limits *limits);

/* Which limit is over now. */
enum limit limits_over(struct limits *limits, pid_t qemu);

/* The VM's last output has had its time. */
bool limits_lingered(const struct limits *limits);

/* Milliseconds until the next one, rounded up, for poll(2); -1 for never. */
int limits_wait_time(const struct limits *limits, bool reaped);

#endif
