// summary: a terminal's settings in the old form of System V, and what of them can be locked
//
// Seen to fail: as long as there was no TCGETA and no TIOCGLCKTRMIOS, which stress-ng's pty stressor asks for.
#include "pty.h"
#include <sys/wait.h>
#include <termios.h>

static void show_old(int fd)
{
	struct termio o;

	memset(&o, 0xff, sizeof(o));
	SHOW(ioctl(fd, TCGETA, &o));
	printf("%x %x %x %x %x:", o.c_iflag, o.c_oflag, o.c_cflag, o.c_lflag, o.c_line);
	for (int i = 0; i < NCC; i++)
		printf(" %d", o.c_cc[i]);
	puts("");
}

/* The form that System V had: halves of the flags. */
static void old_settings(void)
{
	struct termios t, u;
	struct termio o;
	char byte;

	HOLDS(tcgetattr(slave, &t) == 0);
	show_old(slave);
	show_old(master);
	t.c_lflag |= ECHOKE | EXTPROC;
	HOLDS(tcsetattr(slave, TCSANOW, &t) == 0);
	HOLDS(ioctl(slave, TCGETA, &o) == 0);
	o.c_lflag &= (unsigned short)~ECHO;
	o.c_iflag |= ISTRIP;
	o.c_cc[VINTR] = 5;
	SHOW(ioctl(slave, TCSETA, &o));
	show_old(slave);
	HOLDS(tcgetattr(slave, &u) == 0 && (u.c_lflag & EXTPROC) && !(u.c_lflag & ECHO));
	HOLDS(u.c_cc[VINTR] == 5 && u.c_cc[VLNEXT] == t.c_cc[VLNEXT]);
	o.c_lflag |= ECHO;
	SHOW(ioctl(slave, TCSETAW, &o));
	show_old(slave);
	HOLDS(write(master, "gone\n", 5) == 5);
	/* Linux sees in the background what was typed. */
	for (int n = 0; n < 5; usleep(1000))
		ioctl(slave, FIONREAD, &n);
	o.c_iflag &= (unsigned short)~ISTRIP;
	SHOW(ioctl(slave, TCSETAF, &o));
	show_old(slave);
	SHOW(read(slave, &byte, 1));
	SHOW(ioctl(slave, TCGETA, 8));
	SHOW(ioctl(slave, TCSETA, 8));
	SHOW(ioctl(0, TCGETA, 8) == -1);
	t.c_lflag &= ~(tcflag_t)EXTPROC;
	HOLDS(tcsetattr(slave, TCSAFLUSH, &t) == 0);
}

/* What is locked keeps its value. */
static void locked_settings(void)
{
	struct termios t, u;
	/* Linux's, which is shorter than the C library's. */
	unsigned char lock[64] = {0}, seen[64];

	HOLDS(tcgetattr(slave, &t) == 0);
	memset(seen, 0xff, sizeof(seen));
	SHOW(ioctl(slave, TIOCGLCKTRMIOS, seen));
	HOLDS(memcmp(seen, lock, 36) == 0 && seen[36] == 0xff);
	/* c_lflag and c_cc[VEOF] */
	lock[12] = ECHO;
	lock[17 + VEOF] = 1;
	SHOW(ioctl(slave, TIOCSLCKTRMIOS, lock));
	SHOW(ioctl(master, TIOCGLCKTRMIOS, seen));
	HOLDS(memcmp(seen, lock, 36) == 0);
	u = t;
	u.c_lflag ^= ECHO | ECHOE;
	u.c_cc[VEOF] ^= 1;
	u.c_cc[VKILL] ^= 1;
	SHOW(ioctl(slave, TCSETS, &u));
	HOLDS(tcgetattr(slave, &u) == 0 && u.c_lflag == (t.c_lflag ^ ECHOE));
	HOLDS(u.c_cc[VEOF] == t.c_cc[VEOF] && u.c_cc[VKILL] == (t.c_cc[VKILL] ^ 1));
	SHOW(ioctl(slave, TIOCSLCKTRMIOS, 8));
	SHOW(ioctl(slave, TIOCGLCKTRMIOS, 8));
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		if (setuid(1000))
			_exit(1);
		SHOW(ioctl(slave, TIOCSLCKTRMIOS, lock));
		SHOW(ioctl(slave, TIOCGLCKTRMIOS, seen));
		exit(0);
	}
	waitpid(child, NULL, 0);
	memset(lock, 0, sizeof(lock));
	SHOW(ioctl(slave, TIOCSLCKTRMIOS, lock));
	HOLDS(tcsetattr(slave, TCSANOW, &t) == 0 && tcgetattr(slave, &u) == 0);
	HOLDS(u.c_lflag == t.c_lflag && u.c_cc[VEOF] == t.c_cc[VEOF]);
}

int main(void)
{
	open_pair();
	old_settings();
	locked_settings();
	return 0;
}
