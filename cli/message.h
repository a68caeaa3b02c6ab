/* The lines the command itself says, and the exit statuses it can give. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

/*
 * The statuses that are not the program's own; the same as those of env(1), timeout(1) and
 * `docker run`.  A program that signal N ended gives STATUS_SIGNAL + N.
 */
enum {
	STATUS_TIMEOUT = 124,
	STATUS_AIRLOCK = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128,
};

/* Prints "airlock: ..." as one line on standard error. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and returns `status`, so that a caller can end with it. */
int message_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
