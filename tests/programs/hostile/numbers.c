/*
 * Every call number with arguments that cannot be right.
 *
 * Hazard S5.  Numbers beyond the table are ENOSYS.  Those in it get descriptors, pointers and
 * sizes that are all wrong; what they answer differs where a call is not built, so only that
 * the kernel and this program live on is printed.
 */
#include "hostile.h"

#include <string.h>
#include <sys/mman.h>

/* Calls that would succeed at something drastic, or wait for ever, with the arguments below. */
static const short skipped[] = {
	15,			/* rt_sigreturn: takes its frame from the stack */
	34,			/* pause */
	56, 57, 58, 435,	/* clone, fork, vfork, clone3 */
	60, 231,		/* exit, exit_group */
	61, 247,		/* wait4, waitid */
	23, 270, 7, 271,	/* select, pselect6, poll, ppoll: wait without descriptors */
	130,			/* rt_sigsuspend */
	128,			/* rt_sigtimedwait */
	153,			/* vhangup */
	162, 306,		/* sync, syncfs */
	169,			/* reboot */
	219,			/* restart_syscall */
	62, 200, 109, 112, 161, /* kill, tkill, setpgid, setsid, chroot */
	105, 106, 113, 114, 117, 119, 122, 123, /* setuid and its kin: the host would obey */
	37, 38,					/* alarm, setitimer: would kill the process later */
	101,					/* ptrace: TRACEME */
	317,					/* seccomp */
	157,					/* prctl */
	160, 302,				/* setrlimit, prlimit64 */
	170, 171, 227, 164, 305, 159,		/* names and clocks of the host */
	272, 308,				/* unshare, setns */
	151, 152,				/* mlockall, munlockall */
	95,					/* umask */
	135,					/* personality */
	436,					/* close_range: closes everything */
	425, 446, 444, 445,			/* io_uring_setup, landlock */
	335, 336, /* uretprobe, uprobe: the host kills who is no probe */
	12, 158, 205, 218, 273,
	334,			   /* brk, arch_prctl, thread areas, set_tid_address, lists, rseq */
	9, 10, 11, 25, 26, 27, 28, /* memory: pointers.c and tests/abi have these */
	216, 446, 453, 462,	   /* remap_file_pages, and what changes mappings or stacks */
	103, 172, 173, 175, 176, 313, 246, 320,		  /* what reaches the host's kernel */
	167, 168, 163, 179, 441, 442, 428, 429, 430, 432, /* swap, quota, mount */
	29, 64, 68,		 /* shmget, semget, msgget: would leave something behind */
	323, 155, 165, 166, 139, /* userfaultfd, pivot_root, mount, umount2, sysfs */
};

static bool is_skipped(long number)
{
	for (size_t i = 0; i < COUNT(skipped); i++)
		if (skipped[i] == number)
			return true;
	return false;
}

static void numbers_known(const struct hostile_case *c)
{
	long bad = (long)c->a;
	for (long n = 0; n < 463; n++) {
		if (is_skipped(n))
			continue;
		(void)raw6(n, bad, bad, bad, bad, bad, bad);
	}
	say("all calls answered\n");
}

static void numbers_unknown(const struct hostile_case *c)
{
	(void)c;
	size_t other = 0;
	for (long n = 512; n < 2000; n++)
		other += raw6(n, 1, 2, 3, 4, 5, 6) != -38;
	for (long shift = 12; shift < 30; shift++)
		other += raw6(1L << shift, 0, 0, 0, 0, 0, 0) != -38;
	say("%zu of them were not ENOSYS\n", other);
}

void number_cases(void)
{
	/* None whose low half is a small number: descriptor 0 is the host's, and the host obeys root. */
	static const uint64_t arguments[] = {0xffff7fffffffffff, 0xffff800000001000,
		0xfffffe0000006ff8, 0xffffffff80100000, 0xffffffffffffffff};
	for (size_t i = 0; i < COUNT(arguments); i++)
		case_add(SURVIVES, numbers_known, arguments[i], 0, "numbers.all.%lx", arguments[i]);
	case_add(SURVIVES, numbers_unknown, 0, 0, "numbers.unknown");
}
