/*
 * The host's terminal in raw mode.
 *
 * The settings are given back by the command when the VM is over. For the case that the command is killed before that, a small process,
 * the guardian, waits at a pipe whose other end is the command's alone: when it closes without a word, the guardian gives the settings
 * back. It ignores SIGTTOU, because by then a shell may have the terminal again.
 */
#include "terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void terminal_guard(const struct terminal *terminal, int end)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN};
	char word;
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		signal(ending[i], SIG_IGN);
	if (read(end, &word, 1) != 1)
		tcsetattr(terminal->fd, TCSADRAIN, &terminal->before);
	_exit(0);
}

static void terminal_start_guardian(struct terminal *terminal)
{
	int ends[2];
	terminal->guardian = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	/* Forked twice, so that nobody has to wait for it. */
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		if (fork() == 0)
			terminal_guard(terminal, ends[0]);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	close(ends[0]);
	terminal->guardian = ends[1];
}

void terminal_retake(const struct terminal *terminal)
{
	struct termios raw = terminal->before;
	if (!terminal->raw)
		return;
	cfmakeraw(&raw);
	tcsetattr(terminal->fd, TCSADRAIN, &raw);
}

void terminal_take(struct terminal *terminal, int fd)
{
	*terminal = (struct terminal){.fd = fd, .guardian = -1};
	if (tcgetattr(fd, &terminal->before) != 0)
		return;
	terminal_start_guardian(terminal);
	terminal->raw = true;
	terminal_retake(terminal);
}

void terminal_give_back(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	terminal->raw = false;
	tcsetattr(terminal->fd, TCSADRAIN, &terminal->before);
	if (terminal->guardian >= 0 && write(terminal->guardian, "d", 1) == 1)
		close(terminal->guardian);
}

void terminal_size(int fd, int *rows, int *columns)
{
	struct winsize size = {0};
	ioctl(fd, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}

/* Ctrl-] . leaves, Ctrl-] Ctrl-] is one Ctrl-], and before anything else it stands for itself. */
size_t terminal_filter(struct terminal *terminal, char *typed, size_t length, bool *leave)
{
	size_t kept = 0;
	for (size_t i = 0; i < length; i++) {
		char c = typed[i];
		if (!terminal->escaped && c == TERMINAL_ESCAPE) {
			terminal->escaped = true;
			continue;
		}
		if (terminal->escaped && c == '.')
			*leave = true;
		terminal->escaped = false;
		typed[kept++] = c;
	}
	return kept;
}
