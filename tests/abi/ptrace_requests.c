// summary: ptrace(2): every request, its errors, bad pointers, registers and memory
//
// Seen to fail: with PEEKUSR of offsets beyond the registers refused.
#include "trace.h"

#define BAD_POINTER 0x10UL

static volatile long word = 0x1122334455667788;
static const long fixed = 0x0102030405060708;

static void without_tracee(void)
{
	static const long requests[] = {PTRACE_PEEKTEXT, PTRACE_PEEKDATA, PTRACE_PEEKUSR,
		PTRACE_POKETEXT, PTRACE_POKEDATA, PTRACE_POKEUSR, PTRACE_CONT, PTRACE_KILL,
		PTRACE_SINGLESTEP, PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_GETFPREGS,
		PTRACE_SETFPREGS, PTRACE_DETACH, PTRACE_SYSCALL, PTRACE_SETOPTIONS,
		PTRACE_GETEVENTMSG, PTRACE_GETSIGINFO, PTRACE_SETSIGINFO, PTRACE_GETREGSET,
		PTRACE_SETREGSET, PTRACE_INTERRUPT, PTRACE_LISTEN, PTRACE_PEEKSIGINFO,
		PTRACE_GETSIGMASK, PTRACE_SETSIGMASK, PTRACE_GET_SYSCALL_INFO, 31, 32, 12345, -1};
	static const pid_t pids[] = {0, -1, 1, 99999999};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		for (size_t j = 0; j < 4; j++) {
			errno = 0;
			long r = trace(requests[i], pids[j], 0, 0);
			printf("request %ld of %s: %ld %s\n", requests[i],
				j == 0	 ? "0"
				: j == 1 ? "-1"
				: j == 2 ? "another"
					 : "nobody",
				r, error_name(errno));
		}
	/* One that runs and is not ours. */
	pid_t child = CHILD(pause());
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	SHOW(trace(PTRACE_KILL, child, 0, 0));
	SHOW(trace(PTRACE_INTERRUPT, child, 0, 0));
	SHOW(trace(PTRACE_ATTACH, getpid(), 0, 0));
	SHOW(trace(PTRACE_SEIZE, getpid(), 0, 0));
	SHOW(trace(PTRACE_SEIZE, child, 1, 0));
	SHOW(trace(PTRACE_SEIZE, child, 0, 0x40000000));
	SHOW(trace(PTRACE_SEIZE, 99999999, 0, 0));
	SHOW(trace(PTRACE_ATTACH, 99999999, 0, 0));
	SHOW(trace(PTRACE_ATTACH, 0, 0, 0));
	SHOW(trace(PTRACE_ATTACH, -1, 0, 0));
	end(child);
	SHOW(trace(PTRACE_ATTACH, child, 0, 0));
}

static void running(void)
{
	pid_t child = CHILD({
		trace(PTRACE_TRACEME, 0, 0, 0);
		SHOW(trace(PTRACE_TRACEME, 0, 0, 0));
		fflush(stdout);
		raise(SIGSTOP);
		for (;;)
			;
	});
	show_stop("first", child);
	SHOW(trace(PTRACE_ATTACH, child, 0, 0));
	SHOW(trace(PTRACE_SEIZE, child, 0, 0));
	SHOW(trace(PTRACE_INTERRUPT, child, 0, 0));
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	/* It runs now. */
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	SHOW(trace(PTRACE_PEEKDATA, child, (long)&word, (long)&word));
	SHOW(trace(PTRACE_GETREGS, child, 0, BAD_POINTER));
	SHOW(trace(PTRACE_DETACH, child, 0, 0));
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, 0));
	SHOW(trace(PTRACE_KILL, child, 0, 0));
	show_stop("killed", child);
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	SHOW(waitpid(child, NULL, __WALL));
}

static void memory(void)
{
	long *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long *none = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long *empty = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared[0] = 77;
	none[1] = 88;
	mprotect(none, 4096, PROT_NONE);
	mprotect(shared, 4096, PROT_READ);
	pid_t child = TRACEE({ _exit(word == 5 && fixed == 0x99 && shared[0] == 77 ? 3 : 4); });
	long got = 0;

	SHOW(trace(PTRACE_PEEKDATA, child, (long)&word, (long)&got));
	HOLDS(got == 0x1122334455667788);
	SHOW(trace(PTRACE_PEEKTEXT, child, (long)&fixed, (long)&got));
	HOLDS(got == fixed);
	SHOW(trace(PTRACE_PEEKDATA, child, (long)&word + 1, (long)&got));
	HOLDS((got & 0xff) == 0x77);
	SHOW(trace(PTRACE_PEEKDATA, child, (long)shared, (long)&got));
	HOLDS(got == 77);
	SHOW(trace(PTRACE_PEEKDATA, child, (long)(none + 1), (long)&got));
	HOLDS(got == 88);
	SHOW(trace(PTRACE_PEEKDATA, child, (long)empty, (long)&got));
	HOLDS(got == 0);
	SHOW(trace(PTRACE_PEEKDATA, child, (long)&word, BAD_POINTER));
	SHOW(trace(PTRACE_PEEKDATA, child, 0, (long)&got));
	SHOW(trace(PTRACE_PEEKDATA, child, -1UL, (long)&got));
	SHOW(trace(PTRACE_PEEKDATA, child, -8UL, (long)&got));
	SHOW(trace(PTRACE_PEEKDATA, child, 0x7ffffffff000, (long)&got));
	SHOW(trace(PTRACE_PEEKDATA, child, 0xffffffff81000000, (long)&got));
	SHOW(trace(PTRACE_POKEDATA, child, (long)&word, 5));
	/* Read-only text: a copy of the tracee's own. */
	SHOW(trace(PTRACE_POKETEXT, child, (long)&fixed, 0x99));
	SHOW(trace(PTRACE_PEEKTEXT, child, (long)&fixed, (long)&got));
	HOLDS(got == 0x99);
	HOLDS(*(volatile const long *)&fixed == 0x0102030405060708);
	SHOW(trace(PTRACE_POKEDATA, child, (long)(none + 1), 89));
	SHOW(trace(PTRACE_PEEKDATA, child, (long)(none + 1), (long)&got));
	HOLDS(got == 89);
	SHOW(trace(PTRACE_POKEDATA, child, (long)empty, 90));
	SHOW(trace(PTRACE_PEEKDATA, child, (long)empty, (long)&got));
	HOLDS(got == 90);
	/* What others share. */
	SHOW(trace(PTRACE_POKEDATA, child, (long)shared, 1));
	SHOW(trace(PTRACE_POKEDATA, child, 0, 1));
	SHOW(trace(PTRACE_POKEDATA, child, 0xffffffff81000000, 1));
	/* Over the border of a page that is not there. */
	SHOW(trace(PTRACE_PEEKDATA, child, (long)empty + 4093, (long)&got) ? -1 : 0);
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	show_stop("end", child);
	HOLDS(word == 0x1122334455667788);
}

static void user_area(void)
{
	pid_t child = TRACEE(pause());
	unsigned long got;

	for (unsigned long at = 0; at < 928 + 16; at += 8) {
		errno = 0;
		long r = trace(PTRACE_PEEKUSR, child, at, (long)&got);
		if (r || at >= sizeof(struct user_regs_struct))
			printf("peek %lu: %ld %s %lx\n", at, r, error_name(errno), r ? 0 : got);
	}
	SHOW(trace(PTRACE_PEEKUSR, child, 1, (long)&got));
	SHOW(trace(PTRACE_PEEKUSR, child, -8UL, (long)&got));
	SHOW(trace(PTRACE_PEEKUSR, child, 0, BAD_POINTER));
	SHOW(trace(PTRACE_POKEUSR, child, 1, 0));
	SHOW(trace(PTRACE_POKEUSR, child, 928, 0));
	SHOW(trace(PTRACE_POKEUSR, child, sizeof(struct user_regs_struct), 0));
	SHOW(trace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg) - 8, 0));
	SHOW(trace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg) + 64, 0));
	printf("cs %lx ss %lx ds %lx es %lx fs %lx gs %lx\n", peek_user(child, IN_USER(cs)),
		peek_user(child, IN_USER(ss)), peek_user(child, IN_USER(ds)),
		peek_user(child, IN_USER(es)), peek_user(child, IN_USER(fs)),
		peek_user(child, IN_USER(gs)));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(cs), 0));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(cs), 0x10));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(cs), 0x33));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(ss), 0));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(ss), 0x18));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(ss), 0x2b));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(ds), 0x10));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(es), 0x2b));
	HOLDS(peek_user(child, IN_USER(es)) == 0x2b);
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(es), 0));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(fs_base), 0x7ffffffff000));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(gs_base), -1UL));
	SHOW(trace(PTRACE_POKEUSR, child, IN_USER(gs_base), 0x1234));
	HOLDS(peek_user(child, IN_USER(gs_base)) == 0x1234);
	/* Flags: which of them can be set. */
	for (int bit = 0; bit < 64; bit++) {
		unsigned long before = peek_user(child, IN_USER(eflags));
		long r = trace(PTRACE_POKEUSR, child, IN_USER(eflags), 1UL << bit);
		unsigned long after = peek_user(child, IN_USER(eflags));
		trace(PTRACE_POKEUSR, child, IN_USER(eflags), before);
		printf("flag %d: %ld, %lx\n", bit, r, after);
	}
	end(child);
}

static void registers(void)
{
	struct user_regs_struct r, again;
	static char many[8192] __attribute__((aligned(64)));
	pid_t child = TRACEE(pause());

	SHOW(trace(PTRACE_GETREGS, child, 0, (long)&r));
	SHOW(trace(PTRACE_GETREGS, child, 0, BAD_POINTER));
	SHOW(trace(PTRACE_SETREGS, child, 0, BAD_POINTER));
	HOLDS((long)r.orig_rax == SYS_tgkill || (long)r.orig_rax == SYS_tkill);
	HOLDS(r.rax == 0);
	HOLDS(r.rip == peek_user(child, IN_USER(rip)));
	HOLDS(r.fs_base != 0 && r.gs_base == 0);
	for (size_t i = 0; i < sizeof(r) / 8; i++)
		HOLDS(((unsigned long *)&r)[i] == peek_user(child, 8 * i));
	struct user_regs_struct mine = r;
	mine.r15 = 15, mine.r14 = 14, mine.r13 = 13, mine.r12 = 12, mine.rbp = 11, mine.rbx = 10;
	mine.r11 = 9, mine.r10 = 8, mine.r9 = 7, mine.r8 = 6, mine.rax = 5, mine.rcx = 4;
	mine.rdx = 3, mine.rsi = 2, mine.rdi = 1, mine.orig_rax = -1UL;
	SHOW(trace(PTRACE_SETREGS, child, 0, (long)&mine));
	SHOW(trace(PTRACE_GETREGS, child, 0, (long)&again));
	HOLDS(!memcmp(&mine, &again, sizeof(mine)));
	mine.cs = 0x10;
	mine.r15 = 99;
	SHOW(trace(PTRACE_SETREGS, child, 0, (long)&mine));
	HOLDS(peek_user(child, IN_USER(r15)) == 99);
	SHOW(trace(PTRACE_SETREGS, child, 0, (long)&r));

	struct iovec v = {&again, sizeof(again)};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (long)&v));
	HOLDS(v.iov_len == sizeof(again) && !memcmp(&again, &r, sizeof(r)));
	v = (struct iovec){many, sizeof(many)};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (long)&v));
	HOLDS(v.iov_len == sizeof(again));
	v = (struct iovec){&again, 16};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (long)&v));
	HOLDS(v.iov_len == 16);
	v = (struct iovec){&again, 16};
	again.r15 = 1, again.r14 = 2;
	SHOW(trace(PTRACE_SETREGSET, child, NT_PRSTATUS, (long)&v));
	HOLDS(peek_user(child, IN_USER(r14)) == 2 && peek_user(child, IN_USER(r13)) == r.r13);
	v = (struct iovec){&again, 12};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (long)&v));
	v = (struct iovec){&again, 0};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (long)&v));
	SHOW(trace(PTRACE_SETREGSET, child, NT_PRSTATUS, (long)&v));
	v = (struct iovec){(void *)BAD_POINTER, 16};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (long)&v));
	SHOW(trace(PTRACE_SETREGSET, child, NT_PRSTATUS, (long)&v));
	v = (struct iovec){&again, sizeof(again)};
	SHOW(trace(PTRACE_GETREGSET, child, 0x7777, (long)&v));
	SHOW(trace(PTRACE_SETREGSET, child, 0x7777, (long)&v));
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, BAD_POINTER));

	struct user_fpregs_struct f, g;
	SHOW(trace(PTRACE_GETFPREGS, child, 0, (long)&f));
	HOLDS(f.cwd == 0x37f && f.mxcsr == 0x1f80);
	SHOW(trace(PTRACE_GETFPREGS, child, 0, BAD_POINTER));
	SHOW(trace(PTRACE_SETFPREGS, child, 0, BAD_POINTER));
	f.mxcsr = 0x1f81;
	f.cwd = 0x27f;
	f.xmm_space[0] = 0x12345678;
	f.xmm_space[63] = 0x87654321;
	SHOW(trace(PTRACE_SETFPREGS, child, 0, (long)&f));
	SHOW(trace(PTRACE_GETFPREGS, child, 0, (long)&g));
	HOLDS(g.mxcsr == 0x1f81 && g.cwd == 0x27f && g.xmm_space[0] == 0x12345678);
	HOLDS(g.xmm_space[63] == 0x87654321);
	f.mxcsr = 0xffffffff;
	SHOW(trace(PTRACE_SETFPREGS, child, 0, (long)&f));
	v = (struct iovec){&f, 256};
	SHOW(trace(PTRACE_SETREGSET, child, NT_PRFPREG, (long)&v));
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRFPREG, (long)&v));
	v = (struct iovec){&f, sizeof(f)};
	SHOW(trace(PTRACE_GETREGSET, child, NT_PRFPREG, (long)&v));
	HOLDS(v.iov_len == 512);
	v = (struct iovec){many, sizeof(many)};
	SHOW(trace(PTRACE_GETREGSET, child, NT_X86_XSTATE, (long)&v));
	size_t xsize = v.iov_len;
	HOLDS(xsize >= 576 && (*(long *)(many + 464) & 3) == 3);
	HOLDS(*(unsigned *)(many + 24) == 0x1f81 && *(unsigned *)(many + 160) == 0x12345678);
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	v = (struct iovec){many, 512};
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	v = (struct iovec){many, xsize};
	*(long *)(many + 512) |= 1L << 62;
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	*(long *)(many + 512) = 3;
	*(long *)(many + 520) = 1;
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	*(long *)(many + 520) = 0;
	*(int *)(many + 24) = -1;
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	*(int *)(many + 24) = 0x1f80;
	*(int *)(many + 160) = 0x42;
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	SHOW(trace(PTRACE_GETFPREGS, child, 0, (long)&g));
	HOLDS(g.mxcsr == 0x1f80 && g.xmm_space[0] == 0x42);
	*(long *)(many + 512) = 0;
	SHOW(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (long)&v));
	SHOW(trace(PTRACE_GETFPREGS, child, 0, (long)&g));
	HOLDS(g.cwd == 0x37f && g.xmm_space[0] == 0);
	end(child);
}

static void others(void)
{
	pid_t child = TRACEE(pause());
	unsigned long message = 1;
	siginfo_t info;
	sigset_t set;
	unsigned long mask = 0;

	SHOW(trace(PTRACE_GETEVENTMSG, child, 0, (long)&message));
	HOLDS(message == 0);
	SHOW(trace(PTRACE_GETEVENTMSG, child, 0, BAD_POINTER));
	SHOW(trace(PTRACE_GETSIGINFO, child, 0, (long)&info));
	HOLDS(info.si_signo == SIGSTOP && info.si_code == SI_TKILL && info.si_pid == child);
	SHOW(trace(PTRACE_GETSIGINFO, child, 0, BAD_POINTER));
	SHOW(trace(PTRACE_SETSIGINFO, child, 0, BAD_POINTER));
	info.si_code = -77;
	SHOW(trace(PTRACE_SETSIGINFO, child, 0, (long)&info));
	memset(&info, 0, sizeof(info));
	SHOW(trace(PTRACE_GETSIGINFO, child, 0, (long)&info));
	HOLDS(info.si_code == -77);
	SHOW(trace(PTRACE_GETSIGMASK, child, 8, (long)&mask));
	HOLDS(mask == 0);
	SHOW(trace(PTRACE_GETSIGMASK, child, 4, (long)&mask));
	SHOW(trace(PTRACE_GETSIGMASK, child, 16, (long)&mask));
	SHOW(trace(PTRACE_GETSIGMASK, child, 8, BAD_POINTER));
	mask = -1UL;
	SHOW(trace(PTRACE_SETSIGMASK, child, 8, (long)&mask));
	SHOW(trace(PTRACE_SETSIGMASK, child, 7, (long)&mask));
	SHOW(trace(PTRACE_SETSIGMASK, child, 8, BAD_POINTER));
	SHOW(trace(PTRACE_GETSIGMASK, child, 8, (long)&mask));
	HOLDS(mask == ~(1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1)));
	(void)set;
	for (int i = 0; i < 3; i++) {
		union sigval v = {.sival_int = i};
		sigqueue(child, SIGRTMIN, v);
	}
	kill(child, SIGUSR1);
	struct ptrace_peeksiginfo_args a = {.off = 0, .flags = PTRACE_PEEKSIGINFO_SHARED, .nr = 9};
	siginfo_t queued[9];
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, (long)queued));
	for (int i = 0; i < 4; i++)
		printf("queued: %d\n", queued[i].si_signo);
	HOLDS(queued[2].si_value.sival_int == 2 && queued[0].si_pid == getpid());
	a.off = 3;
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, (long)queued));
	a.off = 100;
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, (long)queued));
	a.off = 0, a.nr = -1;
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, (long)queued));
	a.nr = 1, a.flags = 2;
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, (long)queued));
	a.flags = 0;
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, (long)queued));
	a.flags = 1;
	SHOW(trace(PTRACE_PEEKSIGINFO, child, (long)&a, BAD_POINTER));
	SHOW(trace(PTRACE_PEEKSIGINFO, child, BAD_POINTER, (long)queued));

	struct ptrace_syscall_info s;
	memset(&s, 0xff, sizeof(s));
	SHOW(trace(PTRACE_GET_SYSCALL_INFO, child, sizeof(s), (long)&s));
	HOLDS(s.op == PTRACE_SYSCALL_INFO_NONE && s.arch == 0xc000003e);
	HOLDS(s.instruction_pointer == peek_user(child, IN_USER(rip)));
	HOLDS(s.stack_pointer == peek_user(child, IN_USER(rsp)));
	SHOW(trace(PTRACE_GET_SYSCALL_INFO, child, 0, (long)&s));
	SHOW(trace(PTRACE_GET_SYSCALL_INFO, child, 8, BAD_POINTER));

	for (unsigned long bit = 0; bit < 32; bit++) {
		errno = 0;
		if (bit == 21) /* SUSPEND_SECCOMP: depends on how the kernel was built */
			continue;
		long r = trace(PTRACE_SETOPTIONS, child, 0, 1UL << bit);
		printf("option %lu: %s\n", bit, r ? error_name(errno) : "ok");
	}
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, 0));
	SHOW(trace(21, child, 0, PTRACE_O_TRACESYSGOOD));
	unsigned long base = 1;
	SHOW(trace(PTRACE_ARCH_PRCTL, child, (long)&base, 0x1003));
	HOLDS(base == peek_user(child, IN_USER(fs_base)));
	SHOW(trace(PTRACE_ARCH_PRCTL, child, 0x5678, 0x1001));
	SHOW(trace(PTRACE_ARCH_PRCTL, child, (long)&base, 0x1004));
	HOLDS(base == 0x5678);
	SHOW(trace(PTRACE_ARCH_PRCTL, child, -1UL, 0x1001));
	SHOW(trace(PTRACE_ARCH_PRCTL, child, -1UL, 0x1002));
	SHOW(trace(PTRACE_ARCH_PRCTL, child, BAD_POINTER, 0x1003));
	SHOW(trace(PTRACE_ARCH_PRCTL, child, 0, 0x9999));
	SHOW(trace(12345, child, 0, 0));
	SHOW(trace(PTRACE_GETREGS + 100, child, 0, 0));
	for (long signal = 64; signal <= 66; signal++) {
		if (signal == 64)
			continue;
		SHOW(trace(PTRACE_CONT, child, 0, signal));
		SHOW(trace(PTRACE_DETACH, child, 0, signal));
		SHOW(trace(PTRACE_SYSCALL, child, 0, signal));
		SHOW(trace(PTRACE_SINGLESTEP, child, 0, signal));
	}
	SHOW(trace(PTRACE_CONT, child, 0, -1UL));
	end(child);
}

int main(void)
{
	without_tracee();
	running();
	memory();
	user_area();
	registers();
	others();
	return 0;
}
