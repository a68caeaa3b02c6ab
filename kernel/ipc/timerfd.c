/*
 * timerfd_create(2): a timer that is read.
 *
 * All state is guarded by the lock of the timer's own queue (queue.lock, RANK_WAITQ_INNER), under which it is also woken: the timer's
 * callback comes from an interrupt, and the news that the time of day was set comes in thread context (clock_wait.h). A reader joins
 * the queue, then looks at `ticks`; both wakers change `ticks` and wake under the lock: no wakeup is lost.
 *
 * A timer that has expired is not armed again until somebody reads it or asks (catch_up_locked()): then it counts what it has missed.
 * Its callback believes `armed` and `expires` rather than its own coming, so a setting need not wait for a callback of the one
 * before. The timer is cancelled when the file is released, after its watch has ended.
 *
 * Absolute times of day move when the clock is set: timerfd_clock_set() arms the timer anew. With TFD_TIMER_CANCEL_ON_SET the next read says
 * ECANCELED. Relative times on that clock don't care, as on Linux.
 */
#include "ipc/timerfd.h"

#include <asm/fcntl.h>
#include <asm/ioctl.h>
#include <asm/poll.h>
#include <linux/capability.h>
#include <linux/time.h>
#include <linux/timerfd.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "ipc/anon.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/text.h"
#include "sched/clock_wait.h"
#include "sched/wait.h"
#include "time/timer.h"

/* Locking key: (q) queue.lock; (c) constant. */
struct timerfd {
	struct waitq queue;
	struct timer timer;
	struct clock_watch watch; /* begun if the clock is one that can be set */
	s32 clock;		  /* (c) CLOCK_* */
	u32 flags;		  /* (q) of the last setting */
	bool realtime;		  /* (q) expires is a time of day, otherwise clock_now_ns() time */
	bool armed;		  /* (q) */
	bool expired;		  /* (q) not armed again since */
	bool may_cancel;	  /* (q) */
	bool cancelled;		  /* (q) the clock was set, and nobody has been told */
	u64 expires, interval;	  /* (q) ns */
	u64 ticks; /* (q) expirations that were not read; also read without it, as a hint */
};

static bool is_realtime(s32 clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
}

static bool is_alarm(s32 clock)
{
	return clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

static u64 now_locked(const struct timerfd *t)
{
	return clock_now_ns() + (t->realtime ? clock_boot_realtime_ns() : 0);
}

static void arm_locked(struct timerfd *t) REQUIRES(&t->queue.lock)
{
	u64 offset = t->realtime ? clock_boot_realtime_ns() : 0;

	t->armed = true;
	timer_arm(&t->timer, t->expires > offset ? t->expires - offset : 0);
}

static void tick_locked(struct timerfd *t) REQUIRES(&t->queue.lock)
{
	WRITE_ONCE(t->ticks, t->ticks + 1);
	(void)waitq_wake_locked(&t->queue, 1, POLLIN);
}

static void timerfd_fire(struct timer *timer)
{
	struct timerfd *t = CONTAINER_OF(timer, struct timerfd, timer);
	u64 flags = spin_lock_irqsave(&t->queue.lock);

	if (t->armed && now_locked(t) < t->expires) {
		arm_locked(t);
	} else if (t->armed) {
		t->armed = false;
		t->expired = true;
		tick_locked(t);
	}
	spin_unlock_irqrestore(&t->queue.lock, flags);
}

static void timerfd_clock_set(struct clock_watch *w)
{
	struct timerfd *t = CONTAINER_OF(w, struct timerfd, watch);
	u64 flags = spin_lock_irqsave(&t->queue.lock);

	if (t->armed && t->realtime)
		arm_locked(t);
	if (t->may_cancel && !t->cancelled) {
		t->cancelled = true;
		tick_locked(t);
	}
	spin_unlock_irqrestore(&t->queue.lock, flags);
}

/* A periodic timer that has expired goes on: how many times it has expired besides the one that was counted. */
static u64 catch_up_locked(struct timerfd *t) REQUIRES(&t->queue.lock)
{
	u64 now = now_locked(t), missed = 0;

	if (!t->expired || !t->interval)
		return 0;
	t->expired = false;
	t->expires += t->interval;
	if (t->expires <= now) {
		missed = (now - t->expires) / t->interval + 1;
		t->expires += missed * t->interval;
	}
	arm_locked(t);
	return missed;
}

/* Who is told now need not be told again. */
static bool take_cancelled_locked(struct timerfd *t)
{
	bool cancelled = t->may_cancel && t->cancelled;

	t->cancelled = false;
	return cancelled;
}

/* -- reading -- */

/* What a read gets: expirations, -ECANCELED, or 0: none yet. */
static s64 take(struct timerfd *t)
{
	u64 flags = spin_lock_irqsave(&t->queue.lock);
	s64 got = (s64)t->ticks;

	if (take_cancelled_locked(t))
		got = -ECANCELED;
	else if (got)
		got += (s64)catch_up_locked(t);
	WRITE_ONCE(t->ticks, 0);
	t->expired = false;
	spin_unlock_irqrestore(&t->queue.lock, flags);
	return got;
}

static ssize_t timerfd_read(struct file *f, struct iobuf *to, u64 *pos)
{
	struct timerfd *t = f->private;
	s64 got;

	if (to->left < sizeof(u64))
		return -EINVAL;
	while ((got = take(t)) == 0) {
		if (atomic32_load_relaxed(&f->flags) & O_NONBLOCK)
			return -EAGAIN;
		int err = wait_event(&t->queue, READ_ONCE(t->ticks) > 0,
			THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	if (got < 0)
		return got;
	return iobuf_put(to, &got, sizeof(got)) == sizeof(got) ? (ssize_t)sizeof(got) : -EFAULT;
}

static u32 timerfd_poll(struct file *f)
{
	const struct timerfd *t = f->private;

	return READ_ONCE(t->ticks) ? POLLIN : 0;
}

static struct waitq *timerfd_poll_queue(struct file *f, u32 n)
{
	return n == 0 ? &((struct timerfd *)f->private)->queue : NULL;
}

/* -- setting -- */

static u64 remaining_locked(const struct timerfd *t)
{
	u64 now = now_locked(t);

	return t->armed && t->expires > now ? t->expires - now : 0;
}

/* Now, or never if that is beyond the clock. */
static u64 saturating_sum(u64 a, u64 b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static void set_locked(struct timerfd *t, u32 flags, const struct timer_setting *new)
	REQUIRES(&t->queue.lock)
{
	bool absolute = flags & TFD_TIMER_ABSTIME;

	t->realtime = absolute && is_realtime(t->clock);
	t->expires = absolute ? new->value : saturating_sum(clock_now_ns(), new->value);
	t->interval = new->interval;
	t->expired = false;
	t->armed = false;
	WRITE_ONCE(t->ticks, 0);
	if (new->value)
		arm_locked(t);
}

/* The file's timer, or NULL. */
static struct timerfd *timerfd_of(struct file *f);

static bool may_wake_machine(void)
{
	return READ_ONCE(current_process()->cred.euid) == 0;
}

int timerfd_set(
	struct file *f, u32 flags, const struct timer_setting *new, struct timer_setting *old)
{
	struct timerfd *t = timerfd_of(f);

	if (!t)
		return -EINVAL;
	if (is_alarm(t->clock) && !may_wake_machine())
		return -EPERM;
	u64 irq = spin_lock_irqsave(&t->queue.lock);
	(void)catch_up_locked(t);
	*old = (struct timer_setting){.value = remaining_locked(t), .interval = t->interval};
	u32 both = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	t->may_cancel = is_realtime(t->clock) && (flags & both) == both;
	set_locked(t, flags, new);
	t->flags = flags;
	int err = new->value &&take_cancelled_locked(t) ? -ECANCELED : 0;
	spin_unlock_irqrestore(&t->queue.lock, irq);
	return err;
}

int timerfd_get(struct file *f, struct timer_setting *out)
{
	struct timerfd *t = timerfd_of(f);

	if (!t)
		return -EINVAL;
	u64 irq = spin_lock_irqsave(&t->queue.lock);
	WRITE_ONCE(t->ticks, t->ticks + catch_up_locked(t));
	*out = (struct timer_setting){.value = remaining_locked(t), .interval = t->interval};
	spin_unlock_irqrestore(&t->queue.lock, irq);
	return 0;
}

static int timerfd_ioctl(struct file *f, u32 command, u64 argument)
{
	struct timerfd *t = f->private;
	u64 ticks;

	if (command != TFD_IOC_SET_TICKS)
		return -ENOTTY;
	if (copy_from_user(&ticks, argument, sizeof(ticks)))
		return -EFAULT;
	if (!ticks)
		return -EINVAL;
	u64 irq = spin_lock_irqsave(&t->queue.lock);
	int err = take_cancelled_locked(t) ? -ECANCELED : 0;
	if (!err) {
		WRITE_ONCE(t->ticks, ticks);
		(void)waitq_wake_locked(&t->queue, 1, POLLIN);
	}
	spin_unlock_irqrestore(&t->queue.lock, irq);
	return err;
}

/* -- the file -- */

static void timerfd_show_info(struct file *f, struct proc_text *to)
{
	struct timerfd *t = f->private;

	u64 irq = spin_lock_irqsave(&t->queue.lock);
	u64 left = remaining_locked(t), interval = t->interval, ticks = t->ticks;
	u32 flags = t->flags;
	spin_unlock_irqrestore(&t->queue.lock, irq);
	proc_print(to,
		"clockid: %d\nticks: %lu\nsettime flags: 0%o\nit_value: (%lu, %lu)\nit_interval: (%lu, %lu)\n",
		t->clock, ticks, flags, left / NS_PER_SEC, left % NS_PER_SEC, interval / NS_PER_SEC,
		interval % NS_PER_SEC);
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->private;

	clock_watch_end(&t->watch);
	(void)timer_cancel(&t->timer);
	kfree(t);
}

static const struct file_ops timerfd_ops = {
	.read = timerfd_read,
	.seek = anon_seek,
	.stat = anon_stat,
	.ioctl = timerfd_ioctl,
	.poll = timerfd_poll,
	.poll_queue = timerfd_poll_queue,
	.show_info = timerfd_show_info,
	.name = "[timerfd]",
	.stream = true,
	.release = timerfd_release,
};

static struct timerfd *timerfd_of(struct file *f)
{
	return f->ops == &timerfd_ops ? f->private : NULL;
}

static bool has_timers(s32 clock)
{
	return is_realtime(clock) || is_alarm(clock) || clock == CLOCK_MONOTONIC ||
	       clock == CLOCK_BOOTTIME;
}

int timerfd_open(s32 clock, u32 flags, struct file **out)
{
	if (!has_timers(clock))
		return -EINVAL;
	if (is_alarm(clock) && !may_wake_machine())
		return -EPERM;
	struct timerfd *t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	waitq_init(&t->queue);
	spin_init(&t->queue.lock, "timerfd", RANK_WAITQ_INNER);
	timer_init(&t->timer, timerfd_fire);
	t->clock = clock;
	*out = file_create(&timerfd_ops, O_RDWR | flags, t);
	if (!*out) {
		kfree(t);
		return -ENOMEM;
	}
	if (is_realtime(clock))
		clock_watch_begin(&t->watch, timerfd_clock_set);
	return 0;
}
