/*
 * What /proc/PID/stat says of the controlling terminal: its device and the group in the foreground. TIOCSTI: who types without hands.
 *
 * Seen to fail: when both were 0 for everybody; before TIOCSTI was built.
 */
#include "proc.h"

#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

static int number = -1;

/* Its device, as stat(2) would have it, and the foreground group. */
static void look(const char *what, pid_t pid)
{
	char path[40], text[1000];
	int tty = 0, group = 0, own = 0, session = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	const char *end = strrchr(text, ')');
	if (!end || sscanf(end, ") %*c %*d %d %d %d %d", &own, &session, &tty, &group) != 4) {
		printf("%s: no line\n", what);
		return;
	}
	printf("%s: terminal %s, foreground %s\n", what,
		tty == 0			   ? "none"
		: tty == (int)makedev(136, number) ? "that"
						   : "NO",
		group == -1	   ? "-1"
		: group == own	   ? "itself"
		: group == session ? "the leader"
		: group		   ? "another"
				   : "none");
}

static void types_itself(int slave)
{
	char line[20] = "";
	const char *text = "typed\n";

	for (int i = 0; text[i]; i++)
		if (ioctl(slave, TIOCSTI, text + i) != 0)
			printf("TIOCSTI: %s\n", error_name(errno));
	SHOW(read(slave, line, sizeof(line)));
	printf("%s", line);
	SHOW(ioctl(slave, TIOCSTI, NULL));
	SHOW(ioctl(slave, TIOCSTI, 8));
	SHOW(ioctl(slave, TIOCSTI, -8L));
	/* A character that edits. */
	text = "abd\177c\n";
	for (int i = 0; text[i]; i++)
		ioctl(slave, TIOCSTI, text + i);
	memset(line, 0, sizeof(line));
	SHOW(read(slave, line, sizeof(line)));
	printf("%s", line);
	SHOW_CHILD({
		setsid();
		/* Not its terminal, but root may. Others are told differently by different Linuxes. */
		SHOW(ioctl(slave, TIOCSTI, "x"));
	});
	SHOW(tcflush(slave, TCIFLUSH));
}

static void session(const char *slave_path)
{
	look("a new session", getpid());
	int slave = open(slave_path, O_RDWR);
	look("with a terminal", getpid());
	types_itself(slave);
	int ready[2];
	if (pipe(ready) != 0)
		return;
	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	pid_t child = CHILD({
		char c;
		close(ready[1]);
		(void)!read(ready[0], &c, 1);
	});
	look("its child", child);
	SHOW(setpgid(child, child));
	look("in a group of its own", child);
	SHOW(tcsetpgrp(slave, child));
	look("in the foreground", child);
	look("in the background", getpid());
	SHOW(tcsetpgrp(slave, getpgrp()));
	look("in the background", child);
	pid_t other = CHILD({
		setsid();
		look("a session in the session", getpid());
	});
	show_end("other", other);
	other = CHILD({
		SHOW(ioctl(slave, TIOCNOTTY));
		look("gave it up", getpid());
	});
	show_end("other", other);
	look("still", getpid());
	SHOW(ioctl(slave, TIOCNOTTY));
	look("the leader gave it up", getpid());
	look("so its child has none", child);
	close(ready[1]);
	waitpid(child, NULL, 0);
}

int main(void)
{
	char path[32];
	int unlocked = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	HOLDS(ioctl(master, TIOCGPTN, &number) == 0);
	HOLDS(ioctl(master, TIOCSPTLCK, &unlocked) == 0);
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	pid_t child = CHILD({
		setsid();
		session(path);
	});
	show_end("session", child);
	return 0;
}
