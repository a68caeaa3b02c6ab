/* The host's terminal while a program in the VM has it. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* What to type to leave: Ctrl-] and a full stop. */
enum { TERMINAL_ESCAPE = ']' - '@' };

struct terminal {
	int fd;
	bool raw;
	bool escaped;
	struct termios before;
	/* Its end is the guardian's signal that the command has ended. */
	int guardian;
};

/* Takes the terminal: keys go to the VM as they are. Whatever ends the command, the terminal gets its settings back. Does nothing if the
 * descriptor is no terminal. */
void terminal_take(struct terminal *terminal, int fd);
void terminal_give_back(struct terminal *terminal);
/* After a stop of the command: raw again. */
void terminal_retake(const struct terminal *terminal);

/* How large it is: 24 by 80 if it doesn't say. */
void terminal_size(int fd, int *rows, int *columns);

/* Takes the escapes out of what was typed: how many bytes are left. *leave: somebody wants to leave. */
size_t terminal_filter(struct terminal *terminal, char *typed, size_t length, bool *leave);

#endif
