/*
 * signalfd(2): taking one's own signals by reading.
 *
 * The file holds nothing but a mask. Whoever reads, takes signals of his own thread and process; whoever polls asks about those. So the
 * queue that is woken is not the file's but the asking process's (process_signals.arrivals), which every sender wakes after the pending
 * bit is set. An epoll set that is to watch the file stays in the queue of the process that added it, as on Linux, and keeps
 * that process's memory until it leaves (pin). A mask that changes wakes who waits in the caller's process, to look again.
 */
#include "ipc/signalfd.h"

#include <asm/fcntl.h>
#include <asm/poll.h>
#include <linux/signalfd.h>

#include "ipc/anon.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "proc/text.h"

struct signalfd {
	atomic64_t mask;
};

static u64 mask_of(const struct file *f)
{
	return atomic64_load(&((struct signalfd *)f->private)->mask);
}

/* Which of siginfo_t's variants holds. */
enum layout {
	LAYOUT_KILL,
	LAYOUT_TIMER,
	LAYOUT_POLL,
	LAYOUT_FAULT,
	LAYOUT_CHILD,
	LAYOUT_RT,
	LAYOUT_SYS
};

static enum layout layout_of_kernels(u32 signal, s32 code)
{
	switch (signal) {
	case SIGILL:
	case SIGFPE:
	case SIGSEGV:
	case SIGBUS:
	case SIGTRAP:
		return LAYOUT_FAULT;
	case SIGCHLD:
		return LAYOUT_CHILD;
	case SIGPOLL:
		return LAYOUT_POLL;
	case SIGSYS:
		return LAYOUT_SYS;
	default:
		return code <= NSIGPOLL ? LAYOUT_POLL : LAYOUT_KILL;
	}
}

static enum layout layout_of(const struct signal_info *info)
{
	s32 code = info->si_code;

	if (code > SI_USER && code < SI_KERNEL)
		return layout_of_kernels((u32)info->si_signo, code);
	if (code == SI_TIMER)
		return LAYOUT_TIMER;
	if (code == SI_SIGIO)
		return LAYOUT_POLL;
	return code < 0 ? LAYOUT_RT : LAYOUT_KILL;
}

static void put_value(struct signalfd_siginfo *s, const struct signal_info *info)
{
	s->ssi_ptr = (u64)info->si_ptr;
	s->ssi_int = info->si_int;
}

static void put_sender(struct signalfd_siginfo *s, const struct signal_info *info)
{
	s->ssi_pid = (u32)info->si_pid;
	s->ssi_uid = info->si_uid;
}

static void put_variant(struct signalfd_siginfo *s, const struct signal_info *info)
{
	switch (layout_of(info)) {
	case LAYOUT_TIMER:
		s->ssi_tid = (u32)info->si_tid;
		s->ssi_overrun = (u32)info->si_overrun;
		put_value(s, info);
		break;
	case LAYOUT_POLL:
		s->ssi_band = (u32)info->si_band;
		s->ssi_fd = info->si_fd;
		break;
	case LAYOUT_FAULT:
		s->ssi_addr = (u64)info->si_addr;
		break;
	case LAYOUT_CHILD:
		put_sender(s, info);
		s->ssi_status = info->si_status;
		s->ssi_utime = (u64)info->si_utime;
		s->ssi_stime = (u64)info->si_stime;
		break;
	case LAYOUT_RT:
		put_sender(s, info);
		put_value(s, info);
		break;
	case LAYOUT_SYS:
		s->ssi_call_addr = (u64)info->si_call_addr;
		s->ssi_syscall = info->si_syscall;
		s->ssi_arch = info->si_arch;
		break;
	case LAYOUT_KILL:
		put_sender(s, info);
		break;
	}
}

/* One signal to the program: 128 bytes, or -EFAULT; the signal is gone then. */
static ssize_t put_info(struct iobuf *to, const struct signal_info *info)
{
	struct signalfd_siginfo s;

	memset(&s, 0, sizeof(s));
	s.ssi_signo = (u32)info->si_signo;
	s.ssi_errno = info->si_errno;
	s.ssi_code = info->si_code;
	put_variant(&s, info);
	return iobuf_put(to, &s, sizeof(s)) == sizeof(s) ? (ssize_t)sizeof(s) : -EFAULT;
}

/* The next signal: its number, -EAGAIN, -EINTR. */
static s64 take(const struct file *f, struct signal_info *info, bool wait)
{
	struct waitq *arrivals = &current_process()->signals.arrivals;
	u32 signal;

	while ((signal = signal_take(mask_of(f), info)) == 0) {
		if (!wait)
			return -EAGAIN;
		int err = wait_event(arrivals, signal_takable(mask_of(f)),
			THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	return signal;
}

static ssize_t signalfd_read(struct file *f, struct iobuf *to, u64 *pos)
{
	bool wait = !(atomic32_load_relaxed(&f->flags) & O_NONBLOCK);
	struct signal_info info;
	ssize_t done = 0, moved;

	if (to->left < sizeof(struct signalfd_siginfo))
		return -EINVAL;
	while (to->left >= sizeof(struct signalfd_siginfo)) {
		s64 signal = take(f, &info, wait && !done);
		moved = signal > 0 ? put_info(to, &info) : signal;
		if (moved < 0)
			return done ? done : moved;
		done += moved;
	}
	return done;
}

static u32 signalfd_poll(struct file *f)
{
	return signal_takable(mask_of(f)) ? POLLIN : 0;
}

static struct waitq *signalfd_poll_queue(struct file *f, u32 n)
{
	return n == 0 ? &current_process()->signals.arrivals : NULL;
}

static void *signalfd_poll_pin(struct file *f)
{
	struct process *p = current_process();

	process_get(p);
	return p;
}

static void signalfd_poll_unpin(void *pin)
{
	process_put(pin);
}

static void signalfd_show_info(struct file *f, struct proc_text *to)
{
	proc_print(to, "sigmask:\t%016lx\n", mask_of(f));
}

static void signalfd_release(struct file *f)
{
	kfree(f->private);
}

static const struct file_ops signalfd_ops = {
	.read = signalfd_read,
	.seek = anon_seek,
	.stat = anon_stat,
	.poll = signalfd_poll,
	.poll_queue = signalfd_poll_queue,
	.poll_pin = signalfd_poll_pin,
	.poll_unpin = signalfd_poll_unpin,
	.show_info = signalfd_show_info,
	.name = "[signalfd]",
	.stream = true,
	.release = signalfd_release,
};

int signalfd_set(struct file *f, u64 mask)
{
	struct signalfd *s = f->private;

	if (f->ops != &signalfd_ops)
		return -EINVAL;
	atomic64_store(&s->mask, mask & ~SIGNAL_ABSOLUTE);
	waitq_wake_all(&current_process()->signals.arrivals);
	return 0;
}

int signalfd_open(u64 mask, u32 flags, struct file **out)
{
	struct signalfd *s = kzalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	atomic64_store(&s->mask, mask & ~SIGNAL_ABSOLUTE);
	*out = file_create(&signalfd_ops, O_RDWR | flags, s);
	if (!*out)
		kfree(s);
	return *out ? 0 : -ENOMEM;
}
