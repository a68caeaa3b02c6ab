// summary: pseudo terminals: line editing, echo, raw mode, signals, job control, hanging up, /dev/tty
// quick: most
//
// Seen to fail: with the wake of `readable` left out (kernel/dev/tty_input.c): a read that never ends; and before the end of a
// session's leader hung its terminal up.
#include "proc.h"
#include "pty.h"
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <time.h>

/* Linux's terminals do their work in the background: when nothing comes for so long, nothing will. */
#define QUIET_MS 100

/* Prints bytes so that all can be seen. */
static void print(const char *what, const char *s, ssize_t n)
{
	printf("%s %zd: ", what, n);
	for (ssize_t i = 0; i < n; i++)
		if (s[i] >= ' ' && s[i] < 0x7f)
			putchar(s[i]);
		else
			printf("<%02x>", (unsigned char)s[i]);
	puts("");
}

/* Linux's line discipline works beside the writer: what was typed is there when the echo is. */
static void settle(void)
{
	struct timespec t = {0, QUIET_MS / 2 * 1000000L};
	nanosleep(&t, NULL);
}

static void type(const char *s)
{
	if (write(master, s, strlen(s)) != (ssize_t)strlen(s))
		printf("typed less: %s\n", error_name(errno));
	settle();
}

/* All that is shown. */
static void shown(void)
{
	char buffer[4096];
	struct pollfd p = {.fd = master, .events = POLLIN};
	ssize_t n = 0, more;

	while (poll(&p, 1, QUIET_MS) > 0 &&
		(more = read(master, buffer + n, sizeof(buffer) - (size_t)n)) > 0)
		n += more;
	errno = 0;
	if (n == 0)
		n = read(master, buffer, sizeof(buffer));
	if (n < 0)
		printf("shown: %s\n", error_name(errno));
	else
		print("shown", buffer, n);
}

static void got(size_t max)
{
	char buffer[5000];
	errno = 0;
	ssize_t n = read(slave, buffer, max);
	if (n < 0)
		printf("got: %s\n", error_name(errno));
	else
		print("got", buffer, n);
}

static void lines(void)
{
	const char *typed[] = {"abc", "def\n", "one\ntwo\nthree\n", "ab\177c\n", "\177\177x\n",
		"hello world\027there\n", "a b  \027c\n", "some text\025new\n", "\004", "abc\004",
		"\004\n", "a\026\003b\n", "a\026\177b\n", "x\001y\n",
		"tab\there\177\177\177\177\177z\n", "cr\rlf\n", "a\022b\n", "\001\177\177q\n",
		"w\tx\177\177y\n"};
	for (unsigned i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		type(typed[i]);
		shown();
		int n = -1;
		ioctl(slave, FIONREAD, &n);
		printf("there %d\n", n);
		got(3);
		got(100);
		got(100);
		got(100);
	}
}

static void set(int slave_fd, tcflag_t in, tcflag_t out, tcflag_t local)
{
	struct termios t;
	tcgetattr(slave_fd, &t);
	t.c_iflag = in;
	t.c_oflag = out;
	t.c_lflag = local;
	SHOW(tcsetattr(slave_fd, TCSANOW, &t));
}

static void settings(void)
{
	struct termios t, u;
	HOLDS(tcgetattr(slave, &t) == 0);
	printf("%x %x %x %x\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
	for (int i = 0; i < NCCS; i++)
		printf("%d ", t.c_cc[i]);
	puts("");
	HOLDS(tcgetattr(master, &u) == 0 && u.c_lflag == t.c_lflag);
	t.c_lflag &= ~ECHO;
	SHOW(tcsetattr(slave, TCSAFLUSH, &t));
	HOLDS(tcgetattr(master, &u) == 0 && u.c_lflag == t.c_lflag);
	type("quiet\n");
	shown();
	got(100);
	t.c_lflag |= ECHONL;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	type("quiet\n");
	shown();
	got(100);
	t.c_lflag = (t.c_lflag | ECHO) & ~(ECHOE | ECHOK | ECHOKE | ECHOCTL);
	SHOW(tcsetattr(slave, TCSANOW, &t));
	type("abc\177d\001\025e\n");
	shown();
	got(100);
	t.c_cc[VEOL] = ';';
	SHOW(tcsetattr(slave, TCSANOW, &t));
	type("a;b\n");
	shown();
	got(100);
	got(100);
	SHOW(tcsetattr(slave, 7, &t));
	SHOW(ioctl(slave, TCGETS, 8));
	SHOW(ioctl(slave, TCSETS, 8));
	SHOW(ioctl(slave, 0x5499, 0));
	SHOW(isatty(slave));
	SHOW(isatty(master));
	SHOW(lseek(slave, 0, SEEK_SET));
	SHOW(lseek(master, 0, SEEK_SET));
}

static void translation(void)
{
	const char *typed = "a\rb\nC\n";
	const tcflag_t in[] = {0, ICRNL, IGNCR, INLCR, ICRNL | INLCR, IUCLC};
	for (unsigned i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		set(slave, in[i], OPOST | ONLCR, ICANON | IEXTEN);
		type(typed);
		got(100);
		got(100);
		got(100);
		SHOW(tcflush(slave, TCIOFLUSH));
	}
	const tcflag_t out[] = {0, OPOST, OPOST | ONLCR, OPOST | OCRNL, OPOST | ONOCR,
		OPOST | ONLRET, OPOST | TAB3, OPOST | OLCUC};
	for (unsigned i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		set(slave, 0, out[i], ICANON);
		SHOW(write(slave, "\rab\tc\n\rd\r\re", 12));
		settle();
		shown();
	}
}

static void raw(void)
{
	struct termios t;
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	SHOW(tcsetattr(slave, TCSANOW, &t));
	got(10);
	type("ab\003\r\004");
	shown();
	got(2);
	got(10);
	fcntl(slave, F_SETFL, 0);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	got(10);
	t.c_cc[VTIME] = 1;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	got(10);
	type("xyz");
	got(2);
	got(10);
	t.c_cc[VMIN] = 5;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	type("12");
	got(10);
	t.c_cc[VTIME] = 0;
	t.c_cc[VMIN] = 3;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	type("ab");
	struct pollfd p = {slave, POLLIN | POLLOUT, 0};
	SHOW(poll(&p, 1, 0));
	printf("%x\n", p.revents);
	type("c");
	SHOW(poll(&p, 1, 0));
	printf("%x\n", p.revents);
	got(10);
	/* Half a line is bytes in raw mode, and the other way round. */
	t.c_cc[VMIN] = 1;
	t.c_lflag |= ICANON;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	type("half");
	t.c_lflag &= ~ICANON;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	got(10);
	fcntl(slave, F_SETFL, O_NONBLOCK);
}

static void polling(void)
{
	struct pollfd p[2] = {{master, POLLIN | POLLOUT, 0}, {slave, POLLIN | POLLOUT, 0}};
	poll(p, 2, 0);
	printf("%x %x\n", p[0].revents, p[1].revents);
	type("ab\n");
	poll(p, 2, 0);
	printf("%x %x\n", p[0].revents, p[1].revents);
	shown();
	got(100);
	/* Stopped output. */
	type("\023");
	SHOW(write(slave, "later", 5));
	settle();
	shown();
	type("\021");
	shown();
	SHOW(write(slave, "later", 5));
	settle();
	shown();
}

static void sizes(void)
{
	struct winsize w = {0};
	HOLDS(ioctl(slave, TIOCGWINSZ, &w) == 0);
	printf("%d %d\n", w.ws_row, w.ws_col);
	w = (struct winsize){33, 77, 1, 2};
	HOLDS(ioctl(master, TIOCSWINSZ, &w) == 0);
	memset(&w, 0, sizeof(w));
	HOLDS(ioctl(slave, TIOCGWINSZ, &w) == 0);
	printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
	SHOW(ioctl(slave, TIOCGWINSZ, 8));
	SHOW(ioctl(slave, TIOCSWINSZ, 8));
}

static void close_pair(void)
{
	close(slave);
	close(master);
}

static volatile int handled;

static void on_signal(int n)
{
	handled = n;
}

/* In a session of its own, with the terminal as its own. */
static void session(void)
{
	int n = 0;
	SHOW(ioctl(slave, TIOCGPGRP, &n));
	SHOW(ioctl(slave, TIOCGSID, &n));
	SHOW(ioctl(slave, TIOCSCTTY, 0));
	SHOW(open("/dev/tty", O_RDWR));
	HOLDS(setsid() == getpid());
	SHOW(open("/dev/tty", O_RDWR));
	SHOW(ioctl(slave, TIOCSCTTY, 0));
	SHOW(ioctl(slave, TIOCSCTTY, 0));
	HOLDS(ioctl(slave, TIOCGPGRP, &n) == 0 && n == getpid());
	HOLDS(ioctl(slave, TIOCGSID, &n) == 0 && n == getpid());
	HOLDS(ioctl(master, TIOCGPGRP, &n) == 0 && n == getpid());
	int tty = open("/dev/tty", O_RDWR);
	HOLDS(tty >= 0 && write(tty, "hi", 2) == 2);
	settle();
	shown();
	n = 1 << 30;
	SHOW(ioctl(slave, TIOCSPGRP, &n));
	n = -1;
	SHOW(ioctl(slave, TIOCSPGRP, &n));
	n = getppid();
	SHOW(ioctl(slave, TIOCSPGRP, &n));
	SHOW(ioctl(slave, TIOCSPGRP, 8));
	struct sigaction a = {.sa_handler = on_signal};
	const struct {
		const char *typed;
		int signal;
	} keys[] = {{"\003", SIGINT}, {"\034", SIGQUIT}, {"\032", SIGTSTP}};
	for (int i = 0; i < 3; i++) {
		sigaction(keys[i].signal, &a, NULL);
		handled = 0;
		type("lost");
		type(keys[i].typed);
		printf("handled %d\n", handled);
		shown();
		got(100);
	}
	sigaction(SIGWINCH, &a, NULL);
	struct winsize w = {10, 20, 0, 0};
	handled = 0;
	ioctl(master, TIOCSWINSZ, &w);
	printf("handled %d\n", handled == SIGWINCH);
	handled = 0;
	ioctl(master, TIOCSWINSZ, &w);
	printf("handled %d\n", handled);
	fflush(stdout);
	/* A background child. */
	pid_t child = fork();
	if (child == 0) {
		char c;
		setpgid(0, 0);
		fcntl(slave, F_SETFL, 0);
		_exit(read(slave, &c, 1) == 1 ? c : 99);
	}
	setpgid(child, child);
	int status;
	HOLDS(waitpid(child, &status, WUNTRACED) == child);
	puts(status_text(status));
	SHOW(tcsetpgrp(slave, child));
	kill(child, SIGCONT);
	type("A\n");
	HOLDS(waitpid(child, &status, WUNTRACED) == child);
	puts(status_text(status));
	/* Now this is the background: SIGTTOU, unless ignored. */
	signal(SIGTTOU, SIG_IGN);
	SHOW(tcsetpgrp(slave, getpid()));
	signal(SIGTTOU, SIG_DFL);
	shown();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		SHOW(write(slave, "x", 1));
		struct termios t;
		tcgetattr(slave, &t);
		fflush(stdout);
		tcsetattr(slave, TCSANOW, &t);
		_exit(5);
	}
	setpgid(child, child);
	HOLDS(waitpid(child, &status, WUNTRACED) == child);
	puts(status_text(status));
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	shown();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		signal(SIGTTIN, SIG_IGN);
		char c;
		SHOW(read(slave, &c, 1));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	/* Giving the terminal up. */
	signal(SIGHUP, on_signal);
	handled = 0;
	SHOW(ioctl(slave, TIOCNOTTY));
	printf("handled %d\n", handled);
	SHOW(ioctl(slave, TIOCNOTTY));
	SHOW(open("/dev/tty", O_RDWR));
	SHOW(ioctl(slave, TIOCGPGRP, &n));
	fflush(stdout);
	_exit(0);
}

/* The leader ends: its terminal is hung up, and the foreground hears of it. */
static void leader_ends(void)
{
	int status, p[2];
	HOLDS(pipe(p) == 0);
	fflush(stdout);
	pid_t leader = fork();
	if (leader == 0) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		if (fork() == 0) {
			signal(SIGHUP, on_signal);
			if (write(p[1], "r", 1) != 1)
				_exit(1);
			while (!handled)
				settle();
			char c;
			errno = 0;
			long n = read(slave, &c, 1);
			long w = write(slave, "x", 1);
			printf("handled %d, read %ld, write %ld %s\n", handled, n, w,
				error_name(errno));
			SHOW(open("/dev/tty", O_RDWR));
			fflush(stdout);
			if (write(p[1], "d", 1) != 1)
				_exit(1);
			_exit(0);
		}
		char c;
		_exit(read(p[0], &c, 1) != 1);
	}
	waitpid(leader, &status, 0);
	char c = 0;
	HOLDS(read(p[0], &c, 1) == 1 && c == 'd');
	close(p[0]);
	close(p[1]);
}

static void hang_ups(void)
{
	struct pollfd p;
	open_pair();
	SHOW(write(slave, "last words", 10));
	close(slave);
	settle();
	p = (struct pollfd){master, POLLIN, 0};
	SHOW(poll(&p, 1, 0));
	printf("%x\n", p.revents);
	shown();
	shown();
	SHOW(poll(&p, 1, 0));
	printf("%x\n", p.revents);
	close(master);
	open_pair();
	type("unread\n");
	close(master);
	p = (struct pollfd){slave, POLLIN | POLLOUT, 0};
	SHOW(poll(&p, 1, 0));
	printf("%x\n", p.revents);
	got(100);
	SHOW(write(slave, "x", 1));
	struct termios t;
	SHOW(tcgetattr(slave, &t));
	close(slave);
}

/* A reader that sleeps is woken by a line, not by its beginning; and, in raw mode, by a byte. */
static void asleep(void)
{
	char buffer[16];
	struct termios t;

	fcntl(slave, F_SETFL, 0);
	for (int raw = 0; raw < 2; raw++) {
		tcgetattr(slave, &t);
		t.c_lflag = raw ? t.c_lflag & ~(tcflag_t)ICANON : t.c_lflag | ICANON;
		SHOW(tcsetattr(slave, TCSANOW, &t));
		fflush(stdout);
		pid_t child = fork();
		if (child == 0) {
			until_state(getppid(), 'S');
			_exit(write(master, "li", 2) != 2 || write(master, "ne\n", 3) != 3);
		}
		ssize_t n = read(slave, buffer, raw ? 2 : sizeof(buffer));
		print("woken with", buffer, n);
		waitpid(child, NULL, 0);
		settle();
		tcflush(slave, TCIOFLUSH);
	}
}

int main(void)
{
	open_pair();
	asleep();
	close_pair();
	open_pair();
	lines();
	close_pair();
	open_pair();
	settings();
	close_pair();
	open_pair();
	translation();
	close_pair();
	open_pair();
	raw();
	close_pair();
	open_pair();
	polling();
	sizes();
	close_pair();
	open_pair();
	fflush(stdout);
	pid_t child = fork();
	int status;
	if (child == 0)
		session();
	waitpid(child, &status, 0);
	puts(status_text(status));
	leader_ends();
	close_pair();
	hang_ups();
	return 0;
}
