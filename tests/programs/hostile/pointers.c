/*
 * Wild pointers to every call that takes one.
 *
 * Hazards U1, U3, X12: each pointer of each call is, in turn, null, unmapped, without
 * permission, read-only where the kernel writes, at the last byte of a page, across the end of
 * the program's half, non-canonical, and in the kernel's half.  The answer must be the same as
 * Linux's, and what the kernel wrote before the fault is not looked at.
 */
#include "hostile.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Arguments that are not plain numbers: filled in when the call is made. */
enum {
	P = 0x70000001, /* the pointer on trial */
	V,		/* a valid zeroed buffer */
	ROOT,		/* "/" */
	FD,		/* this program, open for reading */
	DIR,		/* "/", open for reading */
};

/* Which of the pointers are no trial of this call, because they are right for it. */
#define IN 1U	/* read only: a read-only page is valid */
#define OPT 2U	/* null is allowed, or is another question */
#define TAIL 4U /* the last byte may be enough, or the rest may count as a partial result */

static const struct call {
	const char *name;
	short number;
	unsigned short how;
	long arguments[6];
} calls[] = {
	{"read", SYS_read, 0, {FD, P, 100}},
	{"pread64", SYS_pread64, 0, {FD, P, 100, 64}},
	{"readv.list", SYS_readv, IN, {FD, P, 1}},
	{"preadv.list", SYS_preadv, IN, {FD, P, 1, 0}},
	{"write", SYS_write, IN | TAIL, {1, P, 10}},
	{"writev.list", SYS_writev, IN, {1, P, 1}},
	{"open", SYS_open, IN, {P, O_RDONLY}},
	{"openat", SYS_openat, IN, {AT_FDCWD, P, O_RDONLY}},
	{"access", SYS_access, IN, {P, 0}},
	{"faccessat", SYS_faccessat, IN, {AT_FDCWD, P, 0}},
	{"stat.path", SYS_stat, IN, {P, V}},
	{"stat.buffer", SYS_stat, 0, {ROOT, P}},
	{"lstat.path", SYS_lstat, IN, {P, V}},
	{"lstat.buffer", SYS_lstat, 0, {ROOT, P}},
	{"fstat", SYS_fstat, 0, {FD, P}},
	{"newfstatat.path", SYS_newfstatat, IN, {AT_FDCWD, P, V, 0}},
	{"newfstatat.buffer", SYS_newfstatat, 0, {AT_FDCWD, ROOT, P, 0}},
	{"statx.path", SYS_statx, IN, {AT_FDCWD, P, 0, 0x7ff, V}},
	{"statx.buffer", SYS_statx, 0, {AT_FDCWD, ROOT, 0, 0x7ff, P}},
	{"readlink.path", SYS_readlink, IN, {P, V, 100}},
	{"readlinkat.path", SYS_readlinkat, IN, {AT_FDCWD, P, V, 100}},
	{"getcwd", SYS_getcwd, 0, {P, 4096}},
	{"chdir", SYS_chdir, IN, {P}},
	{"getdents64", SYS_getdents64, 0, {DIR, P, 4096}},
	{"uname", SYS_uname, 0, {P}},
	{"sysinfo", SYS_sysinfo, 0, {P}},
	{"gettimeofday.time", SYS_gettimeofday, OPT, {P, 0}},
	{"gettimeofday.zone", SYS_gettimeofday, OPT, {V, P}},
	{"time", SYS_time, OPT, {P}},
	{"clock_gettime", SYS_clock_gettime, 0, {0, P}},
	{"clock_getres", SYS_clock_getres, OPT, {0, P}},
	{"nanosleep", SYS_nanosleep, IN, {P, 0}},
	{"clock_nanosleep", SYS_clock_nanosleep, IN, {0, 0, P, 0}},
	{"times", SYS_times, OPT, {P}},
	{"getrusage", SYS_getrusage, 0, {0, P}},
	{"getrlimit", SYS_getrlimit, 0, {RLIMIT_NOFILE, P}},
	{"setrlimit", SYS_setrlimit, IN, {RLIMIT_CORE, P}},
	{"prlimit64.new", SYS_prlimit64, IN | OPT, {0, RLIMIT_CORE, P, 0}},
	{"prlimit64.old", SYS_prlimit64, OPT, {0, RLIMIT_NOFILE, 0, P}},
	{"rt_sigaction.new", SYS_rt_sigaction, IN | OPT, {SIGUSR1, P, 0, 8}},
	{"rt_sigaction.old", SYS_rt_sigaction, OPT, {SIGUSR1, 0, P, 8}},
	{"rt_sigprocmask.new", SYS_rt_sigprocmask, IN | OPT, {SIG_BLOCK, P, 0, 8}},
	{"rt_sigprocmask.old", SYS_rt_sigprocmask, OPT, {SIG_BLOCK, 0, P, 8}},
	{"rt_sigpending", SYS_rt_sigpending, 0, {P, 8}},
	{"sigaltstack.new", SYS_sigaltstack, IN | OPT, {P, 0}},
	{"sigaltstack.old", SYS_sigaltstack, OPT, {0, P}},
	{"getrandom", SYS_getrandom, TAIL, {P, 16, 0}},
	{"arch_prctl.fs", SYS_arch_prctl, 0, {ARCH_GET_FS, P}},
	{"arch_prctl.gs", SYS_arch_prctl, 0, {ARCH_GET_GS, P}},
	{"prctl.set_name", SYS_prctl, IN, {PR_SET_NAME, P}},
	{"prctl.get_name", SYS_prctl, 0, {PR_GET_NAME, P}},
	{"sched_getaffinity", SYS_sched_getaffinity, 0, {0, 128, P}},
	{"sched_setaffinity", SYS_sched_setaffinity, IN, {0, 8, P}},
	{"getcpu.cpu", SYS_getcpu, OPT, {P, 0, 0}},
	{"getcpu.node", SYS_getcpu, OPT, {0, P, 0}},
	{"getresuid.1", SYS_getresuid, 0, {P, V, V}},
	{"getresuid.2", SYS_getresuid, 0, {V, P, V}},
	{"getresuid.3", SYS_getresuid, 0, {V, V, P}},
	{"getresgid.1", SYS_getresgid, 0, {P, V, V}},
	{"getresgid.3", SYS_getresgid, 0, {V, V, P}},
	{"setgroups", SYS_setgroups, IN, {1, P}},
	{"preadv2.list", SYS_preadv2, IN, {FD, P, 1, 0, 0, 0}},
	{"faccessat2", SYS_faccessat2, IN, {AT_FDCWD, P, 0, 0}},
	{"sendfile.offset", SYS_sendfile, IN | OPT, {1, FD, P, 1}},
	{"get_robust_list.head", SYS_get_robust_list, 0, {0, P, V}},
	{"get_robust_list.size", SYS_get_robust_list, 0, {0, V, P}},
	{"poll", SYS_poll, 0, {P, 1, 0}},
	{"ppoll.list", SYS_ppoll, 0, {P, 1, V, 0, 8}},
	{"ppoll.time", SYS_ppoll, IN | OPT, {V, 0, P, 0, 8}},
	{"ppoll.mask", SYS_ppoll, IN | OPT, {V, 0, V, P, 8}},
	{"select.read", SYS_select, OPT, {1, P, 0, 0, V}},
	{"select.time", SYS_select, IN | OPT, {0, 0, 0, 0, P}},
	{"pselect6.time", SYS_pselect6, IN | OPT, {0, 0, 0, 0, P, 0}},
	{"pselect6.mask", SYS_pselect6, IN | OPT, {0, 0, 0, 0, V, P}},
	{"futex.wait", SYS_futex, 0, {P, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, V}},
};

static char valid[8192] __attribute__((aligned(4096)));

static long fill(long argument, const void *pointer, int file, int folder)
{
	switch (argument) {
	case P:
		return (long)pointer;
	case V:
		return (long)valid;
	case ROOT:
		return (long)"/";
	case FD:
		return file;
	case DIR:
		return folder;
	default:
		return argument;
	}
}

static void pointer_try(const struct call *call, const char *what, const void *pointer)
{
	int file = open(program_invocation_name, O_RDONLY);
	int folder = open("/", O_RDONLY | O_DIRECTORY);
	if (file < 0 || folder < 0)
		say("files: %d %d\n", file, folder);
	long a[6];
	memset(valid, 0, sizeof(valid));
	for (size_t i = 0; i < COUNT(a); i++)
		a[i] = fill(call->arguments[i], pointer, file, folder);
	long result = raw6(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (result < 0)
		say("%s %s: %s\n", call->name, what, strerrorname_np((int)-result));
	else
		say("%s %s: ok\n", call->name, what);
	close(file);
	close(folder);
}

static void pointer_call(const struct hostile_case *c)
{
	const struct call *call = &calls[c->a];
	char *gone = fresh_pages(1, PROT_READ);
	munmap(gone, 4096);
	for (size_t i = 0; i < bad_address_count; i++)
		if (bad_addresses[i].value != 0 || !(call->how & OPT))
			pointer_try(call, bad_addresses[i].name, (void *)bad_addresses[i].value);
	pointer_try(call, "unmapped", gone);
	pointer_try(call, "no permission", fresh_pages(1, PROT_NONE));
	if (!(call->how & IN))
		pointer_try(call, "read-only", fresh_pages(1, PROT_READ));
	if (!(call->how & TAIL))
		pointer_try(call, "page end", page_end(PROT_READ | PROT_WRITE) - 1);
	pointer_try(call, "wrapping", (void *)-8L);
	pointer_try(call, "before top", (void *)0x7fffffffefff);
}

/* The addresses inside a list, and lists that are too long or add up to too much. */
static void pointer_lists(const struct hostile_case *c)
{
	(void)c;
	int file = open(program_invocation_name, O_RDONLY);
	for (size_t i = 0; i < bad_address_count; i++) {
		struct iovec list[2] = {{valid, 8}, {(void *)bad_addresses[i].value, 8}};
		lseek(file, 0, SEEK_SET);
		say("%s: readv %ld", bad_addresses[i].name,
			raw6(SYS_readv, file, (long)(list + 1), 1, 0, 0, 0));
		say(" and %ld", raw6(SYS_readv, file, (long)list, 2, 0, 0, 0));
		say(", writev %ld\n", raw6(SYS_writev, 1, (long)(list + 1), 1, 0, 0, 0));
	}
	struct iovec list[3] = {{valid, 1}, {valid, (size_t)-1}, {valid, 1UL << 62}};
	say("too long: %ld %ld %ld\n", raw6(SYS_readv, file, (long)list, 1025, 0, 0, 0),
		raw6(SYS_readv, file, (long)list, -1, 0, 0, 0),
		raw6(SYS_readv, file, (long)list, 2, 0, 0, 0));
	say("none: %ld\n", raw6(SYS_readv, file, (long)list, 0, 0, 0, 0));
	close(file);
}

/* Sizes that wrap the address space, or that are zero with a pointer that is wrong. */
static void pointer_sizes(const struct hostile_case *c)
{
	(void)c;
	static const long sizes[] = {0, 1, 4096, 0x7fffffff, 0x7ffff000, 1L << 40, 1L << 47,
		1L << 62, -1, -4096, (long)(1UL << 63)};
	int file = open(program_invocation_name, O_RDONLY);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		long size = sizes[i];
		say("%lx:", size);
		say(" read null %ld", raw6(SYS_read, file, 0, size, 0, 0, 0));
		say(", read kernel %ld", raw6(SYS_read, file, -4096, size, 0, 0, 0));
		say(", write null %ld", raw6(SYS_write, 1, 0, size, 0, 0, 0));
		say(", getrandom %ld", raw6(SYS_getrandom, -4096, size, 0, 0, 0, 0));
		say(", getcwd %ld", raw6(SYS_getcwd, 0, size, 0, 0, 0, 0));
		say(", bad fd %ld\n", raw6(SYS_read, -1, 0, size, 0, 0, 0));
	}
	close(file);
}

/* How much of a read arrives before a page that is not there. */
static void pointer_partial(const struct hostile_case *c)
{
	(void)c;
	static const long offsets[] = {1, 2, 7, 8, 9, 63, 64, 100, 4095, 4096};
	int file = open(program_invocation_name, O_RDONLY);
	for (size_t i = 0; i < COUNT(offsets); i++) {
		char *end = page_end(PROT_READ | PROT_WRITE);
		long got = raw6(SYS_pread64, file, (long)(end - offsets[i]), 4097, 0, 0, 0);
		say("%ld: %ld %d %d\n", offsets[i], got, end[-offsets[i]], end[-1]);
	}
	close(file);
}

/* A path that ends with the page, one that does not end, and one that is too long. */
static void pointer_paths(const struct hostile_case *c)
{
	(void)c;
	char *end = page_end(PROT_READ | PROT_WRITE);
	memcpy(end - 2, "/", 2);
	say("%ld\n", raw6(SYS_access, (long)(end - 2), 0, 0, 0, 0, 0));
	end[-1] = '/';
	say("%ld\n", raw6(SYS_access, (long)(end - 2), 0, 0, 0, 0, 0));
	memset(valid, '/', sizeof(valid));
	say("%ld\n", raw6(SYS_access, (long)valid, 0, 0, 0, 0, 0));
	valid[4095] = 0;
	say("%ld\n", raw6(SYS_access, (long)valid, 0, 0, 0, 0, 0));
	memset(valid, 'a', 300);
	valid[0] = '/';
	valid[257] = 0;
	say("%ld\n", raw6(SYS_access, (long)valid, 0, 0, 0, 0, 0));
	valid[256] = 0;
	say("%ld\n", raw6(SYS_access, (long)valid, 0, 0, 0, 0, 0));
	valid[0] = 0;
	say("%ld\n", raw6(SYS_access, (long)valid, 0, 0, 0, 0, 0));
	memset(valid, 0, sizeof(valid));
}

void pointer_cases(void)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		case_add(SURVIVES, pointer_call, i, 0, "pointer.%s", calls[i].name);
	case_add(SURVIVES, pointer_lists, 0, 0, "pointer.lists");
	case_add(SURVIVES, pointer_sizes, 0, 0, "pointer.sizes");
	case_add(SURVIVES, pointer_partial, 0, 0, "pointer.partial");
	case_add(SURVIVES, pointer_paths, 0, 0, "pointer.paths");
}
