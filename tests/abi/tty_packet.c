// summary: a pseudo terminal's packet mode: what its master hears of flushing, stopping and new settings
// quick: most
//
// Seen to fail: before there was packet mode (ENOTTY); with tty_flush_input_locked() that notes nothing.
#include "pty.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <time.h>

/* When nothing comes for so long, nothing will: Linux's terminals do their work in the background. */
#define QUIET_MS 100

static void settle(void)
{
	struct timespec t = {0, QUIET_MS / 2 * 1000000L};

	nanosleep(&t, NULL);
}

static void print(const char *what, const char *s, ssize_t n)
{
	if (n < 0) {
		printf("%s: %s\n", what, error_name(errno));
		return;
	}
	printf("%s %zd:", what, n);
	for (ssize_t i = 0; i < n; i++)
		printf(s[i] > ' ' && s[i] < 0x7f ? " %c" : " <%02x>", (unsigned char)s[i]);
	printf("\n");
}

static void hears_up_to(const char *what, size_t max)
{
	struct pollfd p = {.fd = master, .events = POLLIN | POLLPRI | POLLRDNORM};
	char buffer[100];

	settle();
	(void)poll(&p, 1, 0);
	printf("[%s%s%s] ", p.revents & POLLIN ? "in" : "", p.revents & POLLPRI ? " pri" : "",
		p.revents & POLLHUP ? " hup" : "");
	errno = 0;
	ssize_t n = read(master, buffer, max);
	print(what, buffer, n);
}

static void hears(const char *what)
{
	hears_up_to(what, 100);
}

static void packet(int on)
{
	SHOW(ioctl(master, TIOCPKT, &on));
}

static void set(tcflag_t in, tcflag_t local, cc_t stop)
{
	struct termios t;

	tcgetattr(slave, &t);
	t.c_iflag = in;
	t.c_lflag = local;
	t.c_oflag = 0;
	t.c_cc[VSTOP] = stop;
	t.c_cc[VSTART] = 'Q' & 0x1f;
	SHOW(tcsetattr(slave, TCSANOW, &t));
}

static void type(const char *s)
{
	SHOW(write(master, s, strlen(s)) == (ssize_t)strlen(s));
	settle();
}

static void shows(const char *s)
{
	SHOW(write(slave, s, strlen(s)) == (ssize_t)strlen(s));
	settle();
}

static void asking(void)
{
	int on = -1;

	SHOW(ioctl(master, TIOCGPKT, &on));
	SHOW(on);
	packet(7);
	SHOW(ioctl(master, TIOCGPKT, &on));
	SHOW(on);
	packet(0);
	SHOW(ioctl(master, TIOCGPKT, &on));
	SHOW(on);
	SHOW(ioctl(slave, TIOCGPKT, &on));
	SHOW(ioctl(slave, TIOCPKT, &on));
	SHOW(ioctl(master, TIOCPKT, NULL));
	SHOW(ioctl(master, TIOCPKT, -1L));
	SHOW(ioctl(master, TIOCGPKT, NULL));
}

static void data(void)
{
	int n = -1;

	set(IXON, 0, 'S' & 0x1f);
	shows("abc");
	hears("without");
	packet(1);
	hears("nothing");
	shows("abc");
	hears("three bytes");
	shows("defg");
	hears_up_to("room for three", 3);
	hears_up_to("for two", 2);
	hears_up_to("for one", 1);
	hears("the rest");
	shows("xy");
	SHOW(ioctl(master, FIONREAD, &n));
	SHOW(n);
	packet(0);
	hears("without again");
}

static void flushing(void)
{
	packet(1);
	hears("nothing yet");
	SHOW(tcflush(slave, TCIFLUSH));
	hears("input");
	hears("once");
	shows("lost");
	SHOW(tcflush(slave, TCOFLUSH));
	hears("output");
	hears("nothing is left");
	shows("lost");
	SHOW(tcflush(slave, TCIOFLUSH));
	hears("both");
	hears("nothing is left");
	SHOW(tcflush(slave, TCIFLUSH));
	shows("kept");
	hears("the change comes first");
	hears("then this");
	SHOW(tcflush(slave, TCIFLUSH));
	hears_up_to("room for one", 1);
	SHOW(tcflush(slave, TCIFLUSH));
	packet(0);
	hears("not without");
	packet(1);
	hears("nor what was before");
}

static void stopping(void)
{
	SHOW(tcflow(slave, TCOOFF));
	hears("stopped");
	SHOW(tcflow(slave, TCOOFF));
	hears("still");
	SHOW(tcflow(slave, TCOON));
	hears("goes on");
	SHOW(tcflow(slave, TCOON));
	hears("still");
	SHOW(tcflow(slave, TCOOFF));
	SHOW(tcflow(slave, TCOON));
	hears("both at once");
	type("\023");
	hears("typed stop");
	type("\021");
	hears("typed start");
}

static void settings(void)
{
	set(IXON, 0, 'S' & 0x1f);
	hears("the same");
	set(0, 0, 'S' & 0x1f);
	hears("no flow");
	set(IXON, 0, 'S' & 0x1f);
	hears("flow");
	set(IXON, 0, 'X' & 0x1f);
	hears("other characters");
	set(0, 0, 'X' & 0x1f);
	hears("none of these");
	set(IXON, 0, 'S' & 0x1f);
	set(0, 0, 'S' & 0x1f);
	hears("to and fro");
	set(0, EXTPROC, 'S' & 0x1f);
	hears("external");
	set(0, EXTPROC | ECHO, 'S' & 0x1f);
	hears("and changed");
	set(0, 0, 'S' & 0x1f);
	hears("not external");
	set(0, ECHO, 'S' & 0x1f);
	hears("no more");
}

static void typed(void)
{
	set(IXON, 0, 'S' & 0x1f);
	packet(0);
	packet(1);
	type("x");
	hears("no echo");
	set(IXON, ECHO, 'S' & 0x1f);
	type("x");
	hears("echo");
	SHOW(tcflush(slave, TCIFLUSH));
	hears("forgotten");
	set(IXON, ECHO | ISIG | NOFLSH, 'S' & 0x1f);
	type("a");
	type("\003b");
	hears("a signal, without flushing");
	hears("nothing");
	set(IXON, ECHO | ISIG, 'S' & 0x1f);
	type("a");
	type("\003b");
	hears("a signal");
	hears("then");
	set(IXON, ECHO | ICANON, 'S' & 0x1f);
	hears("lines");
	type("cd");
	SHOW(tcsetattr(slave, TCSAFLUSH, &(struct termios){.c_cflag = CS8 | CREAD}));
	hears("settings that flush");
	hears("then");
}

static void hanging_up(void)
{
	packet(1);
	shows("last");
	SHOW(tcflush(slave, TCIFLUSH));
	close(slave);
	hears("a change");
	hears("last words");
	hears("over");
}

int main(void)
{
	open_pair();
	asking();
	data();
	flushing();
	stopping();
	settings();
	typed();
	hanging_up();
	return 0;
}
