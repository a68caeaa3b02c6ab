/* Structures. One that the call fills is shown as an address if the call failed. */
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <linux/eventpoll.h>
#include <linux/resource.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/utsname.h>

#include "proc/signal.h"
#include "sys/show.h"

#define POLLFDS_SHOWN 8

/* The structure at the argument; false if it was shown as an address. */
static bool take(struct show *s, enum arg_type type, void *to, size_t n)
{
	if (show_is_out(type) && s->result < 0) {
		show_address(s, type);
		return false;
	}
	return show_copy(s, s->args[s->index], to, n);
}

void show_number_out(struct show *s, enum arg_type type)
{
	s32 value;

	if (take(s, type, &value, sizeof(value)))
		show_put(s, "[%d]", value);
}

void show_fd_pair(struct show *s, enum arg_type type)
{
	s32 fds[2];

	if (take(s, type, fds, sizeof(fds)))
		show_put(s, "[%d, %d]", fds[0], fds[1]);
}

/* -- files -- */

static const struct show_name kinds[] = {SHOW_NAME(S_IFSOCK), SHOW_NAME(S_IFLNK),
	SHOW_NAME(S_IFREG), SHOW_NAME(S_IFBLK), SHOW_NAME(S_IFDIR), SHOW_NAME(S_IFCHR),
	SHOW_NAME(S_IFIFO), SHOW_END};

void show_stat(struct show *s, enum arg_type type)
{
	struct stat st;

	if (!take(s, type, &st, sizeof(st)))
		return;
	show_put(s, "{st_mode=");
	show_one(s, kinds, st.st_mode & S_IFMT);
	show_put(s, "|%#o, ", st.st_mode & 07777);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		show_put(s, "st_rdev=%#lx, ...}", (u64)st.st_rdev);
	else
		show_put(s, "st_size=%ld, ...}", (s64)st.st_size);
}

static const struct show_name poll_names[] = {SHOW_NAME(POLLIN), SHOW_NAME(POLLPRI),
	SHOW_NAME(POLLOUT), SHOW_NAME(POLLERR), SHOW_NAME(POLLHUP), SHOW_NAME(POLLNVAL),
	SHOW_NAME(POLLRDNORM), SHOW_NAME(POLLWRNORM), SHOW_NAME(POLLRDHUP), SHOW_END};

void show_pollfds(struct show *s, enum arg_type type)
{
	uaddr_t at = s->args[s->index];
	u64 count = (u32)s->args[s->index + 1];
	struct pollfd p;

	show_put(s, "[");
	for (u32 i = 0; i < count; i++, at += sizeof(p)) {
		show_put(s, "%s", i ? ", " : "");
		if (i == POLLFDS_SHOWN) {
			show_put(s, "...");
			break;
		}
		if (!show_copy(s, at, &p, sizeof(p)))
			break;
		show_put(s, "{fd=%d, events=", p.fd);
		show_flags(s, poll_names, (u16)p.events, "0");
		show_put(s, "}");
	}
	show_put(s, "]");
}

void show_epoll_event(struct show *s, enum arg_type type)
{
	struct epoll_event e;

	if (!take(s, type, &e, sizeof(e)))
		return;
	show_put(s, "{events=");
	show_flags(s, poll_names, e.events, "0");
	show_put(s, ", data=%#lx}", (u64)e.data);
}

/* -- time -- */

static void put_timespec(struct show *s, const struct __kernel_timespec *t)
{
	show_put(s, "{tv_sec=%ld, tv_nsec=%ld}", (s64)t->tv_sec, (s64)t->tv_nsec);
}

static void put_timeval(struct show *s, const s64 t[2])
{
	show_put(s, "{tv_sec=%ld, tv_usec=%ld}", t[0], t[1]);
}

void show_timespec(struct show *s, enum arg_type type)
{
	struct __kernel_timespec t;

	if (take(s, type, &t, sizeof(t)))
		put_timespec(s, &t);
}

void show_timeval(struct show *s, enum arg_type type)
{
	s64 t[2];

	if (take(s, type, t, sizeof(t)))
		put_timeval(s, t);
}

void show_itimerspec(struct show *s, enum arg_type type)
{
	struct __kernel_timespec t[2];

	if (!take(s, type, t, sizeof(t)))
		return;
	show_put(s, "{it_interval=");
	put_timespec(s, &t[0]);
	show_put(s, ", it_value=");
	put_timespec(s, &t[1]);
	show_put(s, "}");
}

void show_itimerval(struct show *s, enum arg_type type)
{
	s64 t[4];

	if (!take(s, type, t, sizeof(t)))
		return;
	show_put(s, "{it_interval=");
	put_timeval(s, t);
	show_put(s, ", it_value=");
	put_timeval(s, t + 2);
	show_put(s, "}");
}

/* -- signals -- */

/* "[INT CHLD]", or what is missing from a set that is nearly full. */
static void put_sigset(struct show *s, u64 set)
{
	/* A full set, but for the two that C libraries keep for themselves, and what can't be blocked. */
	bool most = set >> 33 == UINT64_MAX >> 33;
	const char *between = "";

	show_put(s, most ? "~[" : "[");
	for (u32 n = 1; n <= 64; n++) {
		if (!(set & BIT(n - 1)) == !most)
			continue;
		if (n < 32)
			show_put(s, "%s%s", between, signal_name(n) + 3);
		else if (n == 32)
			show_put(s, "%sRTMIN", between);
		else
			show_put(s, "%sRT_%u", between, n - 32);
		between = " ";
	}
	show_put(s, "]");
}

void show_sigset(struct show *s, enum arg_type type)
{
	u64 set;

	if (take(s, type, &set, sizeof(set)))
		put_sigset(s, set);
}

static const struct show_name action_names[] = {SHOW_NAME(SA_NOCLDSTOP), SHOW_NAME(SA_NOCLDWAIT),
	SHOW_NAME(SA_SIGINFO), SHOW_NAME(SA_ONSTACK), SHOW_NAME(SA_RESTART), SHOW_NAME(SA_NODEFER),
	SHOW_NAME(SA_RESETHAND), SHOW_NAME(SA_RESTORER), SHOW_END};

void show_sigaction(struct show *s, enum arg_type type)
{
	/* As rt_sigaction(2) has it on this machine, not as <asm/signal.h> shows it to programs. */
	struct {
		u64 handler, flags, restorer, mask;
	} a;

	if (!take(s, type, &a, sizeof(a)))
		return;
	if (a.handler <= 1)
		show_put(s, "{sa_handler=%s, sa_mask=", a.handler ? "SIG_IGN" : "SIG_DFL");
	else
		show_put(s, "{sa_handler=%#lx, sa_mask=", a.handler);
	put_sigset(s, a.mask);
	show_put(s, ", sa_flags=");
	show_flags(s, action_names, a.flags, "0");
	if (a.flags & SA_RESTORER)
		show_put(s, ", sa_restorer=%#lx", a.restorer);
	show_put(s, "}");
}

/* -- processes -- */

void show_wait_status(struct show *s, enum arg_type type)
{
	u32 status;

	if (s->result == 0) {
		show_address(s, type);
		return;
	}
	if (!take(s, type, &status, sizeof(status)))
		return;
	if ((status & 0x7f) == 0)
		show_put(s, "[{WIFEXITED(s) && WEXITSTATUS(s) == %u}]", status >> 8 & 0xff);
	else if ((status & 0xff) == 0x7f)
		show_put(s, "[{WIFSTOPPED(s) && WSTOPSIG(s) == %s}]",
			signal_name(status >> 8 & 0x7f) ? signal_name(status >> 8 & 0x7f) : "?");
	else if (status == 0xffff)
		show_put(s, "[{WIFCONTINUED(s)}]");
	else
		show_put(s, "[{WIFSIGNALED(s) && WTERMSIG(s) == %s}]",
			signal_name(status & 0x7f) ? signal_name(status & 0x7f) : "?");
}

static void put_limit(struct show *s, u64 value)
{
	if (value == RLIM64_INFINITY)
		show_put(s, "RLIM64_INFINITY");
	else
		show_put(s, "%lu", value);
}

void show_rlimit(struct show *s, enum arg_type type)
{
	struct rlimit64 r;

	if (!take(s, type, &r, sizeof(r)))
		return;
	show_put(s, "{rlim_cur=");
	put_limit(s, r.rlim_cur);
	show_put(s, ", rlim_max=");
	put_limit(s, r.rlim_max);
	show_put(s, "}");
}

void show_uname(struct show *s, enum arg_type type)
{
	struct new_utsname u;

	if (take(s, type, &u, sizeof(u)))
		show_put(s, "{sysname=\"%.65s\", nodename=\"%.65s\", ...}", u.sysname, u.nodename);
}
