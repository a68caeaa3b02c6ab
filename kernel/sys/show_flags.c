/* Numbers that have names. The names are those of the UAPI headers. */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/prctl.h>
#include <asm/signal.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/time.h>
#include <linux/wait.h>

#include "proc/signal.h"
#include "sys/show.h"

#define ONE(meaning, names)                                     \
	void show_##meaning(struct show *s, enum arg_type type) \
	{                                                       \
		show_one(s, names, (u64)show_value(s, type));   \
	}
#define FLAGS(meaning, names, none)                                   \
	void show_##meaning(struct show *s, enum arg_type type)       \
	{                                                             \
		show_flags(s, names, (u64)show_value(s, type), none); \
	}

/* Those that hold others come first. */
static const struct show_name open_names[] = {SHOW_NAME(O_TMPFILE), SHOW_NAME(O_SYNC),
	SHOW_NAME(O_WRONLY), SHOW_NAME(O_RDWR), SHOW_NAME(O_CREAT), SHOW_NAME(O_EXCL),
	SHOW_NAME(O_NOCTTY), SHOW_NAME(O_TRUNC), SHOW_NAME(O_APPEND), SHOW_NAME(O_NONBLOCK),
	SHOW_NAME(O_DSYNC), SHOW_NAME(FASYNC), SHOW_NAME(O_DIRECT), SHOW_NAME(O_LARGEFILE),
	SHOW_NAME(O_DIRECTORY), SHOW_NAME(O_NOFOLLOW), SHOW_NAME(O_NOATIME), SHOW_NAME(O_CLOEXEC),
	SHOW_NAME(O_PATH), SHOW_END};

static const struct show_name at_names[] = {SHOW_NAME(AT_SYMLINK_NOFOLLOW), SHOW_NAME(AT_REMOVEDIR),
	SHOW_NAME(AT_SYMLINK_FOLLOW), SHOW_NAME(AT_NO_AUTOMOUNT), SHOW_NAME(AT_EMPTY_PATH),
	SHOW_NAME(AT_STATX_FORCE_SYNC), SHOW_NAME(AT_STATX_DONT_SYNC), SHOW_END};

static const struct show_name access_names[] = {{4, "R_OK"}, {2, "W_OK"}, {1, "X_OK"}, SHOW_END};

static const struct show_name whence_names[] = {{0, "SEEK_SET"}, {1, "SEEK_CUR"}, {2, "SEEK_END"},
	{3, "SEEK_DATA"}, {4, "SEEK_HOLE"}, SHOW_END};

static const struct show_name fcntl_names[] = {SHOW_NAME(F_DUPFD), SHOW_NAME(F_GETFD),
	SHOW_NAME(F_SETFD), SHOW_NAME(F_GETFL), SHOW_NAME(F_SETFL), SHOW_NAME(F_GETLK),
	SHOW_NAME(F_SETLK), SHOW_NAME(F_SETLKW), SHOW_NAME(F_SETOWN), SHOW_NAME(F_GETOWN),
	SHOW_NAME(F_DUPFD_CLOEXEC), SHOW_NAME(F_GETPIPE_SZ), SHOW_NAME(F_SETPIPE_SZ),
	SHOW_NAME(F_ADD_SEALS), SHOW_NAME(F_GET_SEALS), SHOW_END};

static const struct show_name ioctl_names[] = {SHOW_NAME(TCGETS), SHOW_NAME(TCSETS),
	SHOW_NAME(TCSETSW), SHOW_NAME(TCSETSF), SHOW_NAME(TIOCGWINSZ), SHOW_NAME(TIOCSWINSZ),
	SHOW_NAME(TIOCGPGRP), SHOW_NAME(TIOCSPGRP), SHOW_NAME(TIOCSCTTY), SHOW_NAME(TIOCNOTTY),
	SHOW_NAME(TIOCGSID), SHOW_NAME(FIONREAD), SHOW_NAME(FIONBIO), SHOW_NAME(FIOASYNC),
	SHOW_NAME(FIOCLEX), SHOW_NAME(FIONCLEX), SHOW_END};

static const struct show_name prot_names[] = {SHOW_NAME(PROT_READ), SHOW_NAME(PROT_WRITE),
	SHOW_NAME(PROT_EXEC), SHOW_NAME(PROT_GROWSDOWN), SHOW_NAME(PROT_GROWSUP), SHOW_END};

static const struct show_name map_names[] = {SHOW_NAME(MAP_SHARED_VALIDATE), SHOW_NAME(MAP_SHARED),
	SHOW_NAME(MAP_PRIVATE), SHOW_NAME(MAP_FIXED), SHOW_NAME(MAP_ANONYMOUS),
	SHOW_NAME(MAP_32BIT), SHOW_NAME(MAP_GROWSDOWN), SHOW_NAME(MAP_DENYWRITE),
	SHOW_NAME(MAP_EXECUTABLE), SHOW_NAME(MAP_LOCKED), SHOW_NAME(MAP_NORESERVE),
	SHOW_NAME(MAP_POPULATE), SHOW_NAME(MAP_NONBLOCK), SHOW_NAME(MAP_STACK),
	SHOW_NAME(MAP_HUGETLB), SHOW_NAME(MAP_SYNC), SHOW_NAME(MAP_FIXED_NOREPLACE), SHOW_END};

static const struct show_name advice_names[] = {SHOW_NAME(MADV_NORMAL), SHOW_NAME(MADV_RANDOM),
	SHOW_NAME(MADV_SEQUENTIAL), SHOW_NAME(MADV_WILLNEED), SHOW_NAME(MADV_DONTNEED),
	SHOW_NAME(MADV_FREE), SHOW_NAME(MADV_REMOVE), SHOW_NAME(MADV_DONTFORK),
	SHOW_NAME(MADV_DOFORK), SHOW_NAME(MADV_MERGEABLE), SHOW_NAME(MADV_UNMERGEABLE),
	SHOW_NAME(MADV_HUGEPAGE), SHOW_NAME(MADV_NOHUGEPAGE), SHOW_NAME(MADV_DONTDUMP),
	SHOW_NAME(MADV_DODUMP), SHOW_NAME(MADV_WIPEONFORK), SHOW_NAME(MADV_KEEPONFORK),
	SHOW_NAME(MADV_COLD), SHOW_NAME(MADV_PAGEOUT), SHOW_END};

static const struct show_name how_names[] = {
	SHOW_NAME(SIG_BLOCK), SHOW_NAME(SIG_UNBLOCK), SHOW_NAME(SIG_SETMASK), SHOW_END};

static const struct show_name clock_names[] = {SHOW_NAME(CLOCK_REALTIME),
	SHOW_NAME(CLOCK_MONOTONIC), SHOW_NAME(CLOCK_PROCESS_CPUTIME_ID),
	SHOW_NAME(CLOCK_THREAD_CPUTIME_ID), SHOW_NAME(CLOCK_MONOTONIC_RAW),
	SHOW_NAME(CLOCK_REALTIME_COARSE), SHOW_NAME(CLOCK_MONOTONIC_COARSE),
	SHOW_NAME(CLOCK_BOOTTIME), SHOW_NAME(CLOCK_REALTIME_ALARM), SHOW_NAME(CLOCK_BOOTTIME_ALARM),
	SHOW_NAME(CLOCK_TAI), SHOW_END};

static const struct show_name clone_names[] = {SHOW_NAME(CLONE_VM), SHOW_NAME(CLONE_FS),
	SHOW_NAME(CLONE_FILES), SHOW_NAME(CLONE_SIGHAND), SHOW_NAME(CLONE_PIDFD),
	SHOW_NAME(CLONE_PTRACE), SHOW_NAME(CLONE_VFORK), SHOW_NAME(CLONE_PARENT),
	SHOW_NAME(CLONE_THREAD), SHOW_NAME(CLONE_NEWNS), SHOW_NAME(CLONE_SYSVSEM),
	SHOW_NAME(CLONE_SETTLS), SHOW_NAME(CLONE_PARENT_SETTID), SHOW_NAME(CLONE_CHILD_CLEARTID),
	SHOW_NAME(CLONE_DETACHED), SHOW_NAME(CLONE_UNTRACED), SHOW_NAME(CLONE_CHILD_SETTID),
	SHOW_NAME(CLONE_NEWCGROUP), SHOW_NAME(CLONE_NEWUTS), SHOW_NAME(CLONE_NEWIPC),
	SHOW_NAME(CLONE_NEWUSER), SHOW_NAME(CLONE_NEWPID), SHOW_NAME(CLONE_NEWNET),
	SHOW_NAME(CLONE_IO), SHOW_NAME(CLONE_CLEAR_SIGHAND), SHOW_NAME(CLONE_INTO_CGROUP),
	SHOW_END};

static const struct show_name wait_names[] = {SHOW_NAME(WNOHANG), SHOW_NAME(WUNTRACED),
	SHOW_NAME(WEXITED), SHOW_NAME(WCONTINUED), SHOW_NAME(WNOWAIT), SHOW_NAME(__WNOTHREAD),
	SHOW_NAME(__WALL), SHOW_NAME(__WCLONE), SHOW_END};

static const struct show_name futex_names[] = {SHOW_NAME(FUTEX_WAIT), SHOW_NAME(FUTEX_WAKE),
	SHOW_NAME(FUTEX_FD), SHOW_NAME(FUTEX_REQUEUE), SHOW_NAME(FUTEX_CMP_REQUEUE),
	SHOW_NAME(FUTEX_WAKE_OP), SHOW_NAME(FUTEX_LOCK_PI), SHOW_NAME(FUTEX_UNLOCK_PI),
	SHOW_NAME(FUTEX_TRYLOCK_PI), SHOW_NAME(FUTEX_WAIT_BITSET), SHOW_NAME(FUTEX_WAKE_BITSET),
	SHOW_NAME(FUTEX_WAIT_REQUEUE_PI), SHOW_NAME(FUTEX_CMP_REQUEUE_PI),
	SHOW_NAME(FUTEX_LOCK_PI2), SHOW_END};

static const struct show_name futex_flags[] = {
	SHOW_NAME(FUTEX_PRIVATE_FLAG), SHOW_NAME(FUTEX_CLOCK_REALTIME), SHOW_END};

static const struct show_name prctl_names[] = {SHOW_NAME(PR_SET_PDEATHSIG),
	SHOW_NAME(PR_GET_PDEATHSIG), SHOW_NAME(PR_GET_DUMPABLE), SHOW_NAME(PR_SET_DUMPABLE),
	SHOW_NAME(PR_SET_NAME), SHOW_NAME(PR_GET_NAME), SHOW_NAME(PR_CAPBSET_READ),
	SHOW_NAME(PR_CAPBSET_DROP), SHOW_NAME(PR_SET_NO_NEW_PRIVS), SHOW_NAME(PR_GET_NO_NEW_PRIVS),
	SHOW_NAME(PR_SET_CHILD_SUBREAPER), SHOW_NAME(PR_GET_CHILD_SUBREAPER),
	SHOW_NAME(PR_SET_TIMERSLACK), SHOW_NAME(PR_GET_TIMERSLACK), SHOW_NAME(PR_SET_SECCOMP),
	SHOW_NAME(PR_GET_SECCOMP), SHOW_NAME(PR_SET_VMA), SHOW_NAME(PR_SET_KEEPCAPS),
	SHOW_NAME(PR_GET_KEEPCAPS), SHOW_END};

static const struct show_name arch_prctl_names[] = {SHOW_NAME(ARCH_SET_GS), SHOW_NAME(ARCH_SET_FS),
	SHOW_NAME(ARCH_GET_FS), SHOW_NAME(ARCH_GET_GS), SHOW_NAME(ARCH_GET_CPUID),
	SHOW_NAME(ARCH_SET_CPUID), SHOW_END};

static const struct show_name resource_names[] = {SHOW_NAME(RLIMIT_CPU), SHOW_NAME(RLIMIT_FSIZE),
	SHOW_NAME(RLIMIT_DATA), SHOW_NAME(RLIMIT_STACK), SHOW_NAME(RLIMIT_CORE),
	SHOW_NAME(RLIMIT_RSS), SHOW_NAME(RLIMIT_NPROC), SHOW_NAME(RLIMIT_NOFILE),
	SHOW_NAME(RLIMIT_MEMLOCK), SHOW_NAME(RLIMIT_AS), SHOW_NAME(RLIMIT_LOCKS),
	SHOW_NAME(RLIMIT_SIGPENDING), SHOW_NAME(RLIMIT_MSGQUEUE), SHOW_NAME(RLIMIT_NICE),
	SHOW_NAME(RLIMIT_RTPRIO), SHOW_NAME(RLIMIT_RTTIME), SHOW_END};

static const struct show_name epoll_names[] = {
	SHOW_NAME(EPOLL_CTL_ADD), SHOW_NAME(EPOLL_CTL_DEL), SHOW_NAME(EPOLL_CTL_MOD), SHOW_END};

static const struct show_name memfd_names[] = {
	SHOW_NAME(MFD_CLOEXEC), SHOW_NAME(MFD_ALLOW_SEALING), SHOW_NAME(MFD_HUGETLB), SHOW_END};

FLAGS(fd_flags, open_names, "0")
FLAGS(memfd_flags, memfd_names, "0")
FLAGS(at_flags, at_names, "0")
FLAGS(access, access_names, "F_OK")
ONE(whence, whence_names)
ONE(fcntl, fcntl_names)
ONE(ioctl, ioctl_names)
FLAGS(prot, prot_names, "PROT_NONE")
FLAGS(map_flags, map_names, "0")
ONE(advice, advice_names)
ONE(mask_how, how_names)
ONE(clock, clock_names)
FLAGS(wait_options, wait_names, "0")
ONE(prctl, prctl_names)
ONE(arch_prctl, arch_prctl_names)
ONE(resource, resource_names)
ONE(epoll_ctl, epoll_names)

void show_fd(struct show *s, enum arg_type type)
{
	s32 fd = (s32)s->args[s->index];

	if (fd == AT_FDCWD)
		show_put(s, "AT_FDCWD");
	else
		show_put(s, "%d", fd);
}

/* Reading is the lack of the others. */
void show_open_flags(struct show *s, enum arg_type type)
{
	u64 value = (u32)show_value(s, type);

	if ((value & O_ACCMODE) == O_RDONLY)
		show_put(s, value ? "O_RDONLY|" : "O_RDONLY");
	if (value)
		show_flags(s, open_names, value, "");
}

void show_mode(struct show *s, enum arg_type type)
{
	show_put(s, "%#lo", (u64)(u32)show_value(s, type));
}

void show_signal(struct show *s, enum arg_type type)
{
	s64 value = show_value(s, type);
	const char *name = value > 0 && value < 65 ? signal_name((u32)value) : NULL;

	if (name)
		show_put(s, "%s", name);
	else
		show_put(s, "%ld", value);
}

/* The low byte is the signal at the end. */
static void put_clone(struct show *s, u64 flags, u64 signal)
{
	show_flags(s, clone_names, flags, signal ? "" : "0");
	if (signal)
		show_put(s, "%s%s", flags ? "|" : "",
			signal < 65 && signal_name((u32)signal) ? signal_name((u32)signal) : "?");
}

void show_clone_flags(struct show *s, enum arg_type type)
{
	u64 value = s->args[s->index];

	put_clone(s, value & ~(u64)CSIGNAL, value & CSIGNAL);
}

void show_clone_args(struct show *s, enum arg_type type)
{
	struct clone_args a;

	if (!show_copy(s, s->args[s->index], &a, CLONE_ARGS_SIZE_VER0))
		return;
	show_put(s, "{flags=");
	show_flags(s, clone_names, a.flags, "0");
	show_put(s, ", exit_signal=%lu, stack=%#lx, stack_size=%#lx, tls=%#lx}", (u64)a.exit_signal,
		(u64)a.stack, (u64)a.stack_size, (u64)a.tls);
}

void show_futex(struct show *s, enum arg_type type)
{
	u64 value = (u32)show_value(s, type);

	show_one(s, futex_names, value & (u64)FUTEX_CMD_MASK);
	if (value & ~(u64)FUTEX_CMD_MASK) {
		show_put(s, "|");
		show_flags(s, futex_flags, value & ~(u64)FUTEX_CMD_MASK, "");
	}
}
