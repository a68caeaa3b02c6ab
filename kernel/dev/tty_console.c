/*
 * The host's terminal as the program's: terminal 0, whose master is two kernel threads. One types what comes from the host; so a signal
 * is sent also while nobody reads. The other takes what is to be shown to the host. A third takes the host's word that its window
 * has another size (docs/host-protocol.md).
 *
 * At the end tty_drain_console() waits until the second one has nothing left: the ring is empty and it is not `showing`, which it sets before it
 * takes something (the lock of taking is between the two), and clears, and wakes, when the port has it.
 */
#include <asm/poll.h>

#include "dev/console.h"
#include "dev/console_device.h"
#include "dev/tty.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "sched/sched.h"
#include "sched/thread.h"

static struct tty *console_tty;
static bool showing;
static struct waitq shown_all = WAITQ_INIT(shown_all);

static void type_all(struct tty *t, const char *bytes, u32 n)
{
	for (u32 done = 0; done < n;) {
		u32 step = tty_type(t, bytes + done, n - done);
		done += step;
		if (step)
			continue;
		int err = wait_event(&t->typable, tty_can_type(t), THREAD_SLEEPING, WAIT_FOREVER);
		ASSERT(err == 0);
	}
}

/* The host closing its side is as if the line were cut. */
static void typing_main(void *arg)
{
	struct tty *t = arg;
	char piece[TTY_PIECE];

	for (;;) {
		struct iobuf to;
		iobuf_init_kernel(&to, piece, sizeof(piece));
		ssize_t n = port_read(console_port(CONSOLE_STDIN), &to, PORT_WAIT);
		if (n <= 0)
			break;
		type_all(t, piece, (u32)n);
	}
	tty_hang_up(t);
	tty_put(t);
}

static void showing_main(void *arg)
{
	struct tty *t = arg;
	char piece[TTY_PIECE];

	for (;;) {
		struct iobuf from;
		WRITE_ONCE(showing, true);
		u32 n = tty_take_output(t, piece, sizeof(piece));
		if (n) {
			iobuf_init_kernel(&from, piece, n);
			/* A host that has gone away shows nothing any more. */
			(void)!port_write(console_port(CONSOLE_STDOUT), &from, PORT_WAIT);
		}
		WRITE_ONCE(showing, false);
		waitq_wake_all(&shown_all);
		if (n)
			continue;
		int err = wait_event(&t->shown,
			READ_ONCE(t->written) != READ_ONCE(t->shown_count) &&
				!READ_ONCE(t->stopped),
			THREAD_SLEEPING, WAIT_FOREVER);
		ASSERT(err == 0);
	}
}

static u32 number(const char **s)
{
	u32 n = 0;

	while (**s == ' ')
		(*s)++;
	for (; **s >= '0' && **s <= '9' && n < 10000; (*s)++)
		n = n * 10 + (u32)(**s - '0');
	return n;
}

/* "size ROWS COLUMNS" */
static void obey(struct tty *t, const char *line)
{
	struct winsize size = {0};

	if (memcmp(line, "size ", 5) != 0)
		return;
	line += 5;
	size.ws_row = (u16)number(&line);
	size.ws_col = (u16)number(&line);
	tty_set_size(t, &size);
}

static void size_main(void *arg)
{
	struct tty *t = arg;
	char line[64] = "";
	u32 used = 0;

	for (;;) {
		struct iobuf to;
		char c;
		iobuf_init_kernel(&to, &c, 1);
		if (port_read(console_port(CONSOLE_CONTROL), &to, PORT_WAIT) <= 0)
			break;
		if (c != '\n') {
			line[used] = c;
			used += used < sizeof(line) - 1;
			continue;
		}
		line[used] = '\0';
		used = 0;
		obey(t, line);
	}
	tty_put(t);
}

static int start(const char *name, void (*fn)(void *), struct tty *t)
{
	struct thread *thread = thread_create_kernel(name, fn, t);

	if (!thread)
		return -ENOMEM;
	tty_get(t);
	thread_start(thread);
	thread_put(thread);
	return 0;
}

int tty_start_console(u32 rows, u32 columns, struct tty **out)
{
	struct tty *t;

	int err = tty_create(&t);
	if (err)
		return err;
	t->size = (struct winsize){.ws_row = (u16)rows, .ws_col = (u16)columns};
	t->is_console = true;
	console_tty = t;
	err = start("typing", typing_main, t);
	if (!err)
		err = start("showing", showing_main, t);
	if (!err && console_port(CONSOLE_CONTROL) &&
		!port_start_input(console_port(CONSOLE_CONTROL)))
		err = start("window", size_main, t);
	*out = t;
	return err;
}

void tty_drain_console(void)
{
	struct tty *t = console_tty;

	if (!t)
		return;
	spin_lock(&t->lock);
	WRITE_ONCE(t->stopped, false);
	spin_unlock(&t->lock);
	waitq_wake_all(&t->shown);
	int err = wait_event(&shown_all,
		READ_ONCE(t->written) == READ_ONCE(t->shown_count) && !READ_ONCE(showing),
		THREAD_SLEEPING, WAIT_FOREVER);
	ASSERT(err == 0);
}
