/*
 * Traced programs: what a tracer does to registers while its tracee is in a stop, and single steps over crossings.
 *
 * The tracee is a child that makes one crossing of the usual kind and compares all of its registers; what the tracer changes is known
 * to both. In between the tracer tries what must be refused: selectors and bases of the kernel, breakpoints in its half.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kind.h"

#define PAGE 4096
#define CALL_STOP (SIGTRAP | 0x80)
#define SYSCALL_BYTES 2
/* PUSHFQ, POPQ, PUSHQ. Behind a step over POPFQ, Linux takes the TF of the next step for the program's own. */
#define STEPS 3
#define RESULT 0x1234567890
#define KERNEL_ADDRESS 0xffff800000000000
#define KERNEL_SELECTOR 0x10
/* Every bit but TF. Of them a tracer may set CF PF AF ZF SF OF DF NT AC (and RF, which lasts for one instruction). */
#define FLAGS_TRIED (~0x100UL)
#define FLAGS_SET (0x202 | 0x001 | 0x004 | 0x010 | 0x040 | 0x080 | 0x800 | 0x400 | 0x4000 | 0x40000)
#define FLAG_TF 0x100
/* Breakpoint 0 at a store to 8 bytes; the bit that makes debug registers trap themselves; a port. */
#define DR7_STORE 0x90001
#define DR7_GENERAL_DETECT 0x2000
#define DR7_PORT 0x20001

#define IN_USER(field) offsetof(struct user, field)

static const struct timespec long_time = {.tv_sec = 100};

/* -- the tracer's side -- */

static long request(const struct kind *kind, int what, pid_t pid, uint64_t address, uint64_t data)
{
	long result = ptrace(what, pid, address, data);
	if (result < 0)
		differs(kind->name, "a request", 0, (uint64_t)errno);
	return result;
}

static void must_refuse(
	const struct kind *kind, pid_t pid, uint64_t offset, uint64_t value, int err)
{
	if (ptrace(PTRACE_POKEUSER, pid, offset, value) != -1 || errno != err)
		differs(kind->name, "what has to be refused", (uint64_t)err, (uint64_t)errno);
}

static void expect(const struct kind *kind, const char *what, uint64_t want, uint64_t got)
{
	if (want != got)
		differs(kind->name, what, want, got);
}

/* Waits for a stop with this signal. */
static void expect_stop(const struct kind *kind, pid_t pid, int signal)
{
	int status = 0;
	while (waitpid(pid, &status, __WALL) != pid)
		if (errno != EINTR)
			differs(kind->name, "waitpid", (uint64_t)pid, (uint64_t)errno);
	expect(kind, "a stop's status", (uint64_t)(signal << 8 | 0x7f), (uint64_t)status);
}

static void go_on(const struct kind *kind, pid_t pid, int how, int stops_with)
{
	request(kind, how, pid, 0, 0);
	expect_stop(kind, pid, stops_with);
}

static struct user_regs_struct get_registers(const struct kind *kind, pid_t pid)
{
	struct user_regs_struct r;
	request(kind, PTRACE_GETREGS, pid, 0, (uint64_t)&r);
	return r;
}

static void poke(const struct kind *kind, pid_t pid, uint64_t offset, uint64_t value)
{
	request(kind, PTRACE_POKEUSER, pid, offset, value);
}

static void set_registers(const struct kind *kind, pid_t pid, const struct user_regs_struct *r)
{
	request(kind, PTRACE_SETREGS, pid, 0, (uint64_t)r);
}

/* A child that makes the crossing `inner`, in a stop before it. */
static pid_t begin(const struct kind *kind, const struct kind *inner)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0)
			differs(kind->name, "PTRACE_TRACEME", 0, (uint64_t)errno);
		raise(SIGSTOP);
		kind_make(inner, mix(variant) & ~0x1000UL);
		_exit(0);
	}
	expect_stop(kind, pid, SIGSTOP);
	request(kind, PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	return pid;
}

static void end(const struct kind *kind, pid_t pid)
{
	int status = -1;
	request(kind, PTRACE_CONT, pid, 0, 0);
	waitpid(pid, &status, 0);
	expect(kind, "the tracee's status", 0, (uint64_t)status);
}

/* To the beginning of the inner kind's call. */
static void to_call(const struct kind *kind, pid_t pid, const struct kind *inner, int how)
{
	do
		go_on(kind, pid, how, CALL_STOP);
	while ((long)get_registers(kind, pid).orig_rax != inner->number);
}

/* -- another number, another result, other registers -- */

static void settle_changed(const struct kind *kind)
{
	(void)kind;
	for (int r = RBX; r <= R15; r++)
		if (r != RSP && r != RCX && r != R11)
			crossing_in.general[r] = mix((uint64_t)r);
	crossing_in.fs = PAGE;
	crossing_in.gs = 2 * PAGE;
}

static const struct kind call_changed = {.name = "traced-call",
	.cross = crossing_call,
	.number = 5000,
	.result = RESULT,
	.settle = settle_changed};

/* The bases, too: the program's own may be in the kernel's half (FSGSBASE), where a tracer can't put them. */
static void change_registers(struct user_regs_struct *r)
{
	r->fs_base = PAGE, r->gs_base = 2 * PAGE;
	r->rbx = mix(RBX), r->rdx = mix(RDX), r->rsi = mix(RSI), r->rdi = mix(RDI);
	r->rbp = mix(RBP), r->r8 = mix(R8), r->r9 = mix(R9), r->r10 = mix(R10);
	r->r12 = mix(R12), r->r13 = mix(R13), r->r14 = mix(R14), r->r15 = mix(R15);
}

static void act_call(const struct kind *kind)
{
	pid_t pid = begin(kind, &call_changed);
	to_call(kind, pid, &call_changed, PTRACE_SYSCALL);
	poke(kind, pid, IN_USER(regs.orig_rax), SYS_sched_yield);
	go_on(kind, pid, PTRACE_SYSCALL, CALL_STOP);
	struct user_regs_struct r = get_registers(kind, pid);
	expect(kind, "the other call's result", 0, r.rax);
	r.rax = RESULT;
	change_registers(&r);
	set_registers(kind, pid, &r);
	end(kind, pid);
}

static const struct kind call_emulated = {
	.name = "traced-emulated", .cross = crossing_call, .number = 5000, .result = RESULT};

static void act_emulate(const struct kind *kind)
{
	pid_t pid = begin(kind, &call_emulated);
	to_call(kind, pid, &call_emulated, PTRACE_SYSEMU);
	poke(kind, pid, IN_USER(regs.rax), RESULT);
	end(kind, pid);
}

/* -- a call that is not to be made again -- */

static const struct kind call_forbidden = {.name = "traced-restart",
	.cross = crossing_call,
	.number = SYS_nanosleep,
	.arguments = {(uint64_t)&long_time, 0},
	.given = 2,
	.result = RESULT};

static void act_restart(const struct kind *kind)
{
	pid_t pid = begin(kind, &call_forbidden);
	to_call(kind, pid, &call_forbidden, PTRACE_SYSCALL);
	request(kind, PTRACE_CONT, pid, 0, 0);
	kill(pid, SIGWINCH);
	expect_stop(kind, pid, SIGWINCH);
	expect(kind, "the call's number", SYS_nanosleep, get_registers(kind, pid).orig_rax);
	poke(kind, pid, IN_USER(regs.orig_rax), (uint64_t)-1);
	poke(kind, pid, IN_USER(regs.rax), RESULT);
	end(kind, pid);
}

/* -- single steps -- */

static void settle_stepped_call(const struct kind *kind)
{
	(void)kind;
	/* TF was set when SYSCALL put the flags there. */
	crossing_in.general[R11] |= FLAG_TF;
}

static const struct kind call_stepped = {.name = "traced-again",
	.cross = crossing_call,
	.number = 5000,
	.result = -ENOSYS,
	.settle = settle_stepped_call};

/* The call is made twice, the second time by a single step over SYSCALL. */
static void act_again(const struct kind *kind)
{
	pid_t pid = begin(kind, &call_stepped);
	to_call(kind, pid, &call_stepped, PTRACE_SYSCALL);
	go_on(kind, pid, PTRACE_SYSCALL, CALL_STOP);
	poke(kind, pid, IN_USER(regs.rip), (uint64_t)crossing_call_return - SYSCALL_BYTES);
	poke(kind, pid, IN_USER(regs.rax), 5000);
	go_on(kind, pid, PTRACE_SINGLESTEP, SIGTRAP);
	struct user_regs_struct r = get_registers(kind, pid);
	expect(kind, "RIP after the step", (uint64_t)crossing_call_return, r.rip);
	expect(kind, "RAX after the step", (uint64_t)-ENOSYS, r.rax);
	expect(kind, "TF of the step, as shown", 0, r.eflags & FLAG_TF);
	end(kind, pid);
}

/* PUSHFQ shows the TF of the step. */
static void settle_stepped(const struct kind *kind)
{
	(void)kind;
	crossing_in.flags |= FLAG_TF;
}

static const struct kind trap_stepped = {
	.name = "traced-step", .cross = crossing_trap, .number = NO_CALL, .settle = settle_stepped};

static void act_step(const struct kind *kind)
{
	pid_t pid = begin(kind, &trap_stepped);
	go_on(kind, pid, PTRACE_CONT, SIGILL);
	struct user_regs_struct r = get_registers(kind, pid);
	poke(kind, pid, IN_USER(regs.rip), r.rip + 2);
	for (int i = 0; i < STEPS; i++)
		go_on(kind, pid, PTRACE_SINGLESTEP, SIGTRAP);
	end(kind, pid);
}

/* The child that a stepped call makes is not stepped. */
static void act_fork(const struct kind *kind)
{
	const struct kind *fork_kind = &kinds_child[0];
	pid_t pid = begin(kind, fork_kind);
	to_call(kind, pid, fork_kind, PTRACE_SYSCALL);
	go_on(kind, pid, PTRACE_SINGLESTEP, SIGTRAP);
	expect(kind, "RIP after the step", (uint64_t)crossing_spawn_return,
		get_registers(kind, pid).rip);
	/* Of the child's end. */
	go_on(kind, pid, PTRACE_CONT, SIGCHLD);
	end(kind, pid);
}

/* The step ends at the handler's first instruction; neither what the handler is entered with nor the frame has its TF. */
static void act_handler(const struct kind *kind)
{
	const struct kind *signal_kind = &kinds_signal[0];
	pid_t pid = begin(kind, signal_kind);
	to_call(kind, pid, signal_kind, PTRACE_SYSCALL);
	go_on(kind, pid, PTRACE_SINGLESTEP, SIGTRAP);
	go_on(kind, pid, PTRACE_SINGLESTEP, SIGUSR1);
	request(kind, PTRACE_SINGLESTEP, pid, 0, SIGUSR1);
	expect_stop(kind, pid, SIGTRAP);
	expect(kind, "RIP in the handler", (uint64_t)crossing_handler,
		get_registers(kind, pid).rip);
	end(kind, pid);
}

/* -- flags, selectors, bases, RIP -- */

static void settle_flags(const struct kind *kind)
{
	settle_changed(kind);
	crossing_in.flags = FLAGS_SET;
}

static const struct kind trap_changed = {
	.name = "traced-trap", .cross = crossing_trap, .number = NO_CALL, .settle = settle_flags};

static void act_trap(const struct kind *kind)
{
	pid_t pid = begin(kind, &trap_changed);
	go_on(kind, pid, PTRACE_CONT, SIGILL);
	must_refuse(kind, pid, IN_USER(regs.cs), KERNEL_SELECTOR, EIO);
	must_refuse(kind, pid, IN_USER(regs.ss), KERNEL_SELECTOR, EIO);
	must_refuse(kind, pid, IN_USER(regs.gs), KERNEL_SELECTOR, EIO);
	must_refuse(kind, pid, IN_USER(regs.fs_base), KERNEL_ADDRESS, EIO);
	must_refuse(kind, pid, IN_USER(regs.gs_base), KERNEL_ADDRESS >> 1, EIO);
	struct user_regs_struct r = get_registers(kind, pid);
	uint64_t rip = r.rip + 2;
	/* Never entered with: it is made good before. */
	r.rip = KERNEL_ADDRESS;
	r.eflags = FLAGS_TRIED;
	change_registers(&r);
	set_registers(kind, pid, &r);
	poke(kind, pid, IN_USER(regs.rip), rip);
	end(kind, pid);
}

/* -- debug registers -- */

static void new_page(const struct kind *kind)
{
	void *at = (void *)TOUCHED;
	if (mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) != at)
		differs(kind->name, "a mapping", TOUCHED, 0);
}

static const struct kind store_watched = {
	.name = "traced-watch", .cross = crossing_touch, .number = NO_CALL, .prepare = new_page};

static void act_watch(const struct kind *kind)
{
	siginfo_t info;
	pid_t pid = begin(kind, &store_watched);
	must_refuse(kind, pid, IN_USER(u_debugreg[0]), KERNEL_ADDRESS, EINVAL);
	must_refuse(kind, pid, IN_USER(u_debugreg[7]), DR7_PORT, EINVAL);
	poke(kind, pid, IN_USER(u_debugreg[7]), DR7_GENERAL_DETECT);
	errno = 0;
	expect(kind, "DR7 with GD", DR7_GENERAL_DETECT,
		(uint64_t)ptrace(PTRACE_PEEKUSER, pid, IN_USER(u_debugreg[7]), 0));
	poke(kind, pid, IN_USER(u_debugreg[0]), TOUCHED);
	poke(kind, pid, IN_USER(u_debugreg[7]), DR7_STORE | DR7_GENERAL_DETECT);
	go_on(kind, pid, PTRACE_CONT, SIGTRAP);
	/* It is the tracee's alone. */
	new_page(kind);
	*(volatile uint64_t *)TOUCHED = 0;
	request(kind, PTRACE_GETSIGINFO, pid, 0, (uint64_t)&info);
	expect(kind, "si_code of a breakpoint", TRAP_HWBKPT, (uint64_t)info.si_code);
	poke(kind, pid, IN_USER(u_debugreg[7]), 0);
	end(kind, pid);
}

const struct kind kinds_traced[] = {
	{.name = "traced-call", .act = act_call},
	{.name = "traced-emulated", .act = act_emulate},
	{.name = "traced-restart", .act = act_restart},
	{.name = "traced-again", .act = act_again},
	{.name = "traced-step", .act = act_step},
	{.name = "traced-fork", .act = act_fork},
	{.name = "traced-handler", .act = act_handler},
	{.name = "traced-trap", .act = act_trap},
	{.name = "traced-watch", .act = act_watch},
	{0},
};
