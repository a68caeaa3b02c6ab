/*
 * Which terminals there are. A number belongs to a terminal from tty_create() until its last reference is put, under the table's
 * lock, so who finds it there can take a reference.
 */
#include "dev/tty.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"

static struct spinlock table_lock = SPINLOCK_INIT("tty table", RANK_TTY_TABLE);
static struct tty *table[TTYS_MAX] GUARDED_BY(table_lock);

/* As Linux gives a new terminal (the control characters are those of termios(3)). */
static const struct termios2 first_settings = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_ispeed = 38400,
	.c_ospeed = 38400,
	.c_cc = {[VINTR] = 'C' - '@',
		[VQUIT] = '\\' - '@',
		[VERASE] = 0x7f,
		[VKILL] = 'U' - '@',
		[VEOF] = 'D' - '@',
		[VMIN] = 1,
		[VSTART] = 'Q' - '@',
		[VSTOP] = 'S' - '@',
		[VSUSP] = 'Z' - '@',
		[VREPRINT] = 'R' - '@',
		[VDISCARD] = 'O' - '@',
		[VWERASE] = 'W' - '@',
		[VLNEXT] = 'V' - '@'},
};

static int publish(struct tty *t)
{
	int err = -ENOSPC;

	spin_lock(&table_lock);
	for (u32 i = 0; i < TTYS_MAX && err; i++) {
		if (table[i])
			continue;
		t->number = i;
		table[i] = t;
		err = 0;
	}
	spin_unlock(&table_lock);
	return err;
}

int tty_create(struct tty **out)
{
	struct tty *t = kzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	refcount_init(&t->refs);
	spin_init(&t->lock, "tty", RANK_TTY);
	waitq_init(&t->readable);
	waitq_init(&t->writable);
	waitq_init(&t->shown);
	waitq_init(&t->typable);
	t->settings = first_settings;
	t->master = true;
	t->uid = current_thread()->process ? READ_ONCE(current_process()->cred.fsuid) : 0;
	int err = publish(t);
	if (err)
		kfree(t);
	else
		*out = t;
	return err;
}

void tty_get(struct tty *t)
{
	refcount_get(&t->refs);
}

void tty_put(struct tty *t)
{
	spin_lock(&table_lock);
	bool last = refcount_put(&t->refs);
	if (last)
		table[t->number] = NULL;
	spin_unlock(&table_lock);
	if (last)
		kfree(t);
}

struct tty *tty_find(u32 number)
{
	spin_lock(&table_lock);
	struct tty *t = number < TTYS_MAX ? table[number] : NULL;
	if (t)
		tty_get(t);
	spin_unlock(&table_lock);
	return t;
}

struct tty *tty_of_session(u32 session)
{
	struct tty *found = NULL;

	spin_lock(&table_lock);
	for (u32 i = 0; i < TTYS_MAX && !found && session; i++)
		if (table[i] && READ_ONCE(table[i]->session) == session)
			found = table[i];
	if (found)
		tty_get(found);
	spin_unlock(&table_lock);
	return found;
}

u32 tty_next(u32 number, u32 *uid)
{
	spin_lock(&table_lock);
	/* One whose master has gone can't be opened any more. */
	while (number < TTYS_MAX && !(table[number] && READ_ONCE(table[number]->master)))
		number++;
	if (number < TTYS_MAX)
		*uid = table[number]->uid;
	spin_unlock(&table_lock);
	return number;
}
