// summary: signal handlers: frames, masks, flags, alternate stacks, faults
//
// Seen to fail: with the address of a gate that QEMU reports in its own way printed ("err 212").
#include "abi.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

static volatile int calls, depth, most_deep;
static volatile sig_atomic_t got_signal, got_code;
static void *volatile got_address;
static volatile int got_pid_ok, got_uid_ok;
static sigset_t mask_inside;
static sigjmp_buf back;

static void simple(int number)
{
	calls++;
	got_signal = number;
}

static void with_info(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	calls++;
	got_signal = number;
	got_code = info->si_code;
	got_address = info->si_addr;
	got_pid_ok = info->si_pid == getpid();
	got_uid_ok = info->si_uid == getuid();
	sigprocmask(SIG_BLOCK, NULL, &mask_inside);
	(void)c;
}

static void set(int number, void *handler, int flags)
{
	struct sigaction a = {.sa_flags = flags};
	a.sa_sigaction = handler;
	if (sigaction(number, &a, NULL))
		printf("sigaction %d: %s\n", number, error_name(errno));
}

static void every_signal(void)
{
	for (int i = 1; i <= 64; i++) {
		if (i == SIGKILL || i == SIGSTOP || i == 32 || i == 33)
			continue;
		set(i, with_info, SA_SIGINFO);
		calls = 0;
		got_signal = 0;
		raise(i);
		printf("signal %d: calls %d, number %d, code %d, pid %d uid %d, blocked inside %d\n",
			i, calls, got_signal, got_code, got_pid_ok, got_uid_ok,
			sigismember(&mask_inside, i));
		signal(i, SIG_DFL);
	}
}

static void nest(int number)
{
	depth++;
	if (depth > most_deep)
		most_deep = depth;
	if (calls++ < 5)
		raise(number);
	depth--;
}

static void nested(void)
{
	most_deep = calls = 0;
	set(SIGUSR1, nest, 0);
	raise(SIGUSR1);
	/* Blocked during the handler, it comes once more when the handler has returned, and so on. */
	printf("deferred: %d\n", most_deep);
	most_deep = calls = 0;
	set(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	printf("nested: %d\n", most_deep);
}

static void masks(void)
{
	struct sigaction a = {.sa_flags = SA_SIGINFO, .sa_sigaction = with_info};
	sigset_t now;
	sigemptyset(&a.sa_mask);
	sigaddset(&a.sa_mask, SIGUSR2);
	sigaddset(&a.sa_mask, SIGKILL);
	sigaddset(&a.sa_mask, 64);
	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	for (int i = 1; i <= 64; i++)
		if (sigismember(&mask_inside, i) == 1)
			printf("blocked inside: %d\n", i);
	sigprocmask(SIG_BLOCK, NULL, &now);
	for (int i = 1; i <= 64; i++)
		if (sigismember(&now, i) == 1)
			printf("blocked after: %d\n", i);
}

static void flags(void)
{
	struct sigaction a;
	set(SIGUSR1, simple, SA_RESETHAND);
	calls = 0;
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &a);
	printf("reset: calls %d, default now %d, flags %x\n", calls, a.sa_handler == SIG_DFL,
		a.sa_flags & ~0x04000000);
	set(SIGUSR1, simple, 0x7fffffff & ~(SA_RESETHAND | 0x04000000));
	sigaction(SIGUSR1, NULL, &a);
	printf("flags that are kept: %x\n", a.sa_flags & ~0x04000000);
}

static char alternate[65536] __attribute__((aligned(4096)));
static volatile int on_alternate, stack_flags, stack_inside_error;
static stack_t in_context;

static void look_at_stack(int number, siginfo_t *info, void *context)
{
	char here;
	stack_t now, other = {.ss_sp = alternate, .ss_size = 8192};
	(void)number, (void)info;
	on_alternate = &here >= alternate && &here < alternate + sizeof(alternate);
	sigaltstack(NULL, &now);
	stack_flags = now.ss_flags;
	stack_inside_error = sigaltstack(&other, NULL) ? errno : 0;
	in_context = ((ucontext_t *)context)->uc_stack;
}

static void stacks(void)
{
	stack_t s = {.ss_sp = alternate, .ss_size = sizeof(alternate)}, now;
	set(SIGUSR1, look_at_stack, SA_SIGINFO | SA_ONSTACK);
	raise(SIGUSR1);
	printf("no alternate stack: %d, flags %d, %s\n", on_alternate, stack_flags,
		error_name(stack_inside_error));
	s.ss_flags = 0;
	SHOW(sigaltstack(&s, NULL));
	raise(SIGUSR1);
	printf("on it: %d, flags %d, %s, context %d %d\n", on_alternate, stack_flags,
		error_name(stack_inside_error), in_context.ss_sp == alternate, in_context.ss_flags);
	sigaltstack(NULL, &now);
	printf("after: %d\n", now.ss_flags);
	s.ss_flags = (int)(1U << 31);
	SHOW(sigaltstack(&s, NULL));
	raise(SIGUSR1);
	printf("disarmed: %d, flags %x, %s, context %x\n", on_alternate, stack_flags,
		error_name(stack_inside_error), in_context.ss_flags);
	sigaltstack(NULL, &now);
	printf("after: %x, size %d\n", now.ss_flags, now.ss_size == sizeof(alternate));
	set(SIGUSR1, look_at_stack, SA_SIGINFO);
	raise(SIGUSR1);
	printf("without SA_ONSTACK: %d\n", on_alternate);
	s.ss_flags = SS_DISABLE;
	SHOW(sigaltstack(&s, NULL));
	sigaltstack(NULL, &now);
	printf("off: %d %d %d\n", now.ss_flags, now.ss_sp == NULL, (int)now.ss_size);
	s.ss_flags = SS_ONSTACK;
	SHOW(sigaltstack(&s, NULL));
	s.ss_flags = 3;
	SHOW(sigaltstack(&s, NULL));
	s.ss_flags = 0;
	s.ss_size = 2047;
	SHOW(sigaltstack(&s, NULL));
	s.ss_size = 2048;
	SHOW(sigaltstack(&s, NULL));
	SHOW(sigaltstack((void *)1, NULL));
	SHOW(sigaltstack(NULL, (void *)1));
	SHOW(sigaltstack(&s, (void *)1));
	s.ss_flags = SS_DISABLE;
	SHOW(sigaltstack(&s, NULL));
}

/* Registers, red zone and flags survive a handler that changes them all. */
static void spoil(int number)
{
	(void)number;
	calls++;
	volatile char junk[4096];
	memset((char *)junk, 0x5a, sizeof(junk));
	__asm__ volatile(
		"fninit; pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15" ::
			: "xmm0", "xmm7", "xmm15");
}

static void registers(void)
{
	uint64_t before[2] = {0x1122334455667788, 0x99aabbccddeeff00}, after[2] = {0};
	uint64_t zone_after = 0, flags_after = 0;
	uint16_t fcw = 0x27f, fcw_after = 0;
	uint32_t mxcsr = 0x3f80, mxcsr_after = 0;
	set(SIGUSR1, spoil, 0);
	calls = 0;
	long pid = getpid(), number = SIGUSR1, result;
	__asm__ volatile("movdqu %[b], %%xmm7\n\t"
			 "fldcw %[fcw]\n\t"
			 "ldmxcsr %[mx]\n\t"
			 "movq $0x1234567, -120(%%rsp)\n\t"
			 "std\n\t"
			 "stc\n\t"
			 "movl $62, %%eax\n\t"
			 "syscall\n\t"
			 "pushfq\n\t"
			 "popq %[fl]\n\t"
			 "cld\n\t"
			 "movdqu %%xmm7, %[a]\n\t"
			 "fnstcw %[fa]\n\t"
			 "stmxcsr %[ma]\n\t"
			 "movq -120(%%rsp), %[z]\n\t"
			 : "=&a"(result), [a] "=m"(after), [fa] "=m"(fcw_after),
			 [ma] "=m"(mxcsr_after), [z] "=&r"(zone_after), [fl] "=&r"(flags_after)
			 : [b] "m"(before), [fcw] "m"(fcw), [mx] "m"(mxcsr), "D"(pid), "S"(number)
			 : "rcx", "r11", "memory", "xmm7", "cc");
	printf("registers: calls %d, result %ld, xmm %d, fcw %x, mxcsr %x, red zone %lx, DF %d CF %d\n",
		calls, result, !memcmp(before, after, 16), fcw_after, mxcsr_after, zone_after,
		(int)(flags_after >> 10 & 1), (int)(flags_after & 1));
	fcw = 0x37f;
	mxcsr = 0x1f80;
	__asm__ volatile("fldcw %0; ldmxcsr %1" ::"m"(fcw), "m"(mxcsr));
}

static volatile uint64_t flags_inside, sp_inside;
static ucontext_t context_inside;
static uint32_t magics[2];
static volatile int info_above;

static void look(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	uint64_t f;
	(void)number;
	__asm__ volatile("pushfq; popq %0" : "=r"(f));
	flags_inside = f;
	sp_inside = (uint64_t)__builtin_frame_address(0);
	context_inside = *c;
	char *area = (char *)c->uc_mcontext.fpregs;
	uint32_t size;
	memcpy(&magics[0], area + 464, 4);
	memcpy(&size, area + 464 + 16, 4);
	memcpy(&magics[1], area + size, 4);
	info_above = (char *)info == (char *)context + 304;
}

static void frame(void)
{
	set(SIGUSR1, look, SA_SIGINFO);
	__asm__ volatile("std");
	raise(SIGUSR1);
	__asm__ volatile("cld");
	greg_t *g = context_inside.uc_mcontext.gregs;
	printf("flags in the handler: DF %d\n", (int)(flags_inside >> 10 & 1));
	printf("uc_flags %lx, link %p, cs %llx, ss %llx, trapno %lld, oldmask %lld\n",
		context_inside.uc_flags, (void *)context_inside.uc_link, g[REG_CSGSFS] & 0xffff,
		g[REG_CSGSFS] >> 48 & 0xffff, g[REG_TRAPNO], g[REG_OLDMASK]);
	printf("frame %% 16: %d, area %% 64: %d, magic %x %x, siginfo above %d\n",
		(int)(sp_inside % 16), (int)((uint64_t)context_inside.uc_mcontext.fpregs % 64),
		magics[0], magics[1], info_above);
}

/* -- faults -- */

static volatile int expect_jump;

static void fault(int number, siginfo_t *info, void *context)
{
	greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
	got_signal = number;
	got_code = info->si_code;
	got_address = info->si_addr;
	/* QEMU counts the gates differently. */
	printf("%s: code %d, trapno %lld, err %llx", strsignal(number), info->si_code,
		g[REG_TRAPNO], g[REG_ERR] & 2 && g[REG_TRAPNO] == 13 ? 2 : g[REG_ERR]);
	if (g[REG_TRAPNO] == 14)
		printf(", cr2 is the address %d", (void *)g[REG_CR2] == info->si_addr);
	printf(", address is the instruction %d\n", (void *)g[REG_RIP] == info->si_addr);
	siglongjmp(back, 1);
}

static void faults(void)
{
	char *page =
		mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[0] = page[4096] = 1;
	mprotect(page + 4096, 4096, PROT_READ);
	munmap(page + 2 * 4096, 4096);
	int all[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		set(all[i], fault, SA_SIGINFO);
	if (!sigsetjmp(back, 1))
		*(volatile char *)(page + 2 * 4096) = 1;
	printf("address %d\n", got_address == page + 2 * 4096);
	if (!sigsetjmp(back, 1))
		(void)*(volatile char *)(page + 2 * 4096 + 17);
	printf("address %d\n", got_address == page + 2 * 4096 + 17);
	if (!sigsetjmp(back, 1))
		*(volatile char *)(page + 4096 + 5) = 1;
	printf("address %d\n", got_address == page + 4096 + 5);
	if (!sigsetjmp(back, 1))
		((void (*)(void))page)();
	printf("address %d\n", got_address == page);
	if (!sigsetjmp(back, 1))
		((void (*)(void))8)();
	printf("address %d\n", got_address == (void *)8);
	if (!sigsetjmp(back, 1))
		*(volatile char *)0xffff800000000000UL = 1;
	printf("address %d\n", got_address == (void *)0xffff800000000000UL);
	if (!sigsetjmp(back, 1))
		(void)*(volatile char *)0xffffffff81000000UL;
	printf("address %d\n", got_address == (void *)0xffffffff81000000UL);
	if (!sigsetjmp(back, 1))
		(void)*(volatile char *)0x1234567812345678UL;
	printf("address %d\n", got_address == NULL);
	if (!sigsetjmp(back, 1))
		__asm__ volatile("ud2");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("hlt");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("int3");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("int $0x21");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx" ::
					 : "eax", "ecx", "edx");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("pushfq; orq $0x100, (%rsp); popfq; nop; nop");
	if (!sigsetjmp(back, 1)) {
		raise(SIGUSR2);
		*(volatile char *)NULL = 0;
	}
	/* The handler may mend what is wrong, too. */
	sigset_t now;
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("blocked after siglongjmp: %d\n", sigismember(&now, SIGSEGV));
}

static void mend(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	calls++;
	mprotect((void *)((uintptr_t)info->si_addr & -4096UL), 4096, PROT_READ | PROT_WRITE);
}

static void step(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	calls++;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static void mended(void)
{
	volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	set(SIGSEGV, mend, SA_SIGINFO);
	calls = 0;
	page[100] = 42;
	printf("mended: calls %d, %d\n", calls, page[100]);
	set(SIGILL, step, SA_SIGINFO);
	calls = 0;
	for (int i = 0; i < 1000; i++)
		__asm__ volatile("ud2");
	printf("stepped over: %d\n", calls);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	every_signal();
	nested();
	masks();
	flags();
	stacks();
	registers();
	frame();
	signal(SIGUSR2, SIG_IGN);
	faults();
	mended();
	return 0;
}
