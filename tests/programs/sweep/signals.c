/*
 * Signal frames: built on the way out of a call, of an exception and of an interrupt, and taken apart by rt_sigreturn(2), also when
 * nobody has built them.
 *
 * The handler stores its registers first; those have to be the interrupted ones with what the frame's building changes: the
 * arguments, RSP, three flags, and vector state that is clean. After the return all are again what they were.
 */
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <unistd.h>

#include "kind.h"

#define SA_RESTORER 0x04000000
#define STACK_BYTES 16384
/* Of UD2. */
#define TRAP_BYTES 2
/* The handler ends with these clear, and no frame has them: NT, ID. */
#define FLAGS_NOT_KEPT 0x204000UL
#define FLAGS_HANDLER_CLEARS (0x400 | 0x10000 | 0x100)
/* What rt_sigreturn(2) takes from a frame: CF PF AF ZF SF DF OF AC (and TF, RF, which nobody would see). */
#define FLAGS_FRAME (0x1 | 0x4 | 0x10 | 0x40 | 0x80 | 0x400 | 0x800 | 0x40000)
/* All but TF: IF=0, IOPL=3, VM and more are for the kernel to refuse. */
#define FLAGS_HOSTILE (~0x100UL)
#define FLAGS_ARITHMETIC 0x8d5
/* Of the kernel's structure; the C library's goes on. */
#define UCONTEXT_BYTES 304
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4
/* Ring 0's selector number with a program's RPL would be refused; the program's own with RPL 0 is not. */
#define SELECTORS (0x30UL | 0x28UL << 48)
#define NOT_CANONICAL 0x8000deadbeef0000

/* The kernel's own structure, which the C library wraps. */
struct action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static char alternate[STACK_BYTES] __attribute__((aligned(64)));
static const stack_t alternate_stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
static struct {
	uint64_t restorer;
	ucontext_t context;
	/* A frame is read as a whole. */
	siginfo_t information;
} forged __attribute__((aligned(16)));
static struct registers wanted;

static void set_handler(int signal, void (*handler)(int))
{
	struct action action = {.handler = handler,
		.flags = SA_RESTORER | SA_SIGINFO | (variant ? SA_ONSTACK : 0),
		.restorer = crossing_restorer};
	if (syscall(SYS_rt_sigaction, signal, &action, NULL, 8) != 0)
		differs("signals", "rt_sigaction", 0, (uint64_t)signal);
}

void kinds_signal_ready(void)
{
	if (sigaltstack(&alternate_stack, NULL) != 0)
		differs("signals", "sigaltstack", 0, 1);
	set_handler(SIGUSR1, crossing_handler);
	set_handler(SIGUSR2, (void (*)(int))NOT_CANONICAL);
	set_handler(SIGILL, crossing_handler);
	set_handler(SIGALRM, crossing_handler);
	set_handler(SIGSEGV, crossing_handler);
}

static void expect_handler(uint64_t skip, const void *resume)
{
	crossing_handlers = 0;
	crossing_skip = skip;
	crossing_resume = (uint64_t)resume;
}

/* What the handler found is what `was` was, with the changes of a frame. */
static void check_handled(
	const struct kind *kind, const struct registers *was, int signal, uint64_t ignore)
{
	struct registers want = *was;
	const uint64_t *found = crossing_handled.general;
	if (crossing_handlers != 1)
		differs(kind->name, "the number of signals", 1, crossing_handlers);
	want.general[RAX] = 0;
	want.general[RDI] = (uint64_t)signal;
	want.general[RSP] = found[RSP];
	want.general[RDX] = found[RSP] + 8;
	want.general[RSI] = found[RSP] + 8 + UCONTEXT_BYTES;
	want.flags &= ~(uint64_t)FLAGS_HANDLER_CLEARS;
	memset(want.ymm, 0, sizeof(want.ymm));
	want.mxcsr = MXCSR_CLEAN;
	want.control = CONTROL_CLEAN;
	kind_compare("the handler", &want, &crossing_handled, ignore);
	if (variant && found[RSP] - (uint64_t)alternate >= sizeof(alternate))
		differs(kind->name, "the handler's stack", (uint64_t)alternate, found[RSP]);
}

/* Below RSP a program may keep 128 bytes. LOAD and STORE use the first 8. */
static uint64_t *red_zone(void)
{
	return (uint64_t *)(crossing_in.general[RSP] - 120);
}

static void check_red_zone(const struct kind *kind)
{
	for (uint64_t i = 0; !variant && i < 13; i++)
		if (red_zone()[i] != mix(i))
			differs(kind->name, "the red zone", mix(i), red_zone()[i]);
}

/* -- the program's own: a call -- */

/* Numbers that are another each time must not be in the checksum. */
static void forget_numbers(void)
{
	crossing_in.flags &= ~FLAGS_NOT_KEPT;
	crossing_in.general[RDI] = crossing_out.general[RDI] = 0;
	crossing_in.general[RSI] = crossing_out.general[RSI] = 0;
}

static void prepare_signal(const struct kind *kind)
{
	(void)kind;
	crossing_in.general[RDI] = (uint64_t)getpid();
	crossing_in.general[RSI] = (uint64_t)gettid();
	crossing_in.general[RDX] = SIGUSR1;
	for (uint64_t i = 0; i < 13; i++)
		red_zone()[i] = mix(i);
	expect_handler(0, NULL);
}

static void settle_signal(const struct kind *kind)
{
	check_red_zone(kind);
	check_handled(kind, &crossing_in, SIGUSR1, 0);
	forget_numbers();
}

/* -- a handler that is nowhere: SIGSEGV instead of its first instruction -- */

static void prepare_nowhere(const struct kind *kind)
{
	prepare_signal(kind);
	crossing_in.general[RDX] = SIGUSR2;
	expect_handler(0, crossing_ret);
}

static void settle_nowhere(const struct kind *kind)
{
	check_handled(kind, &crossing_in, SIGSEGV, 0);
	forget_numbers();
}

/* -- an exception -- */

static void prepare_trap(const struct kind *kind)
{
	(void)kind;
	expect_handler(TRAP_BYTES, NULL);
}

static void settle_trap(const struct kind *kind)
{
	check_handled(kind, &crossing_in, SIGILL, 0);
	crossing_in.flags &= ~FLAGS_NOT_KEPT;
}

/* -- an interrupt -- */

static void prepare_alarm(const struct kind *kind)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 300}};
	(void)kind;
	expect_handler(0, NULL);
	crossing_count = 1UL << 40;
	setitimer(ITIMER_REAL, &soon, NULL);
}

/* The timer may have been early, and its signal before the loop. In the loop the flags are the loop's. */
static void settle_alarm(const struct kind *kind)
{
	bool in_loop = crossing_handled_rip > (uint64_t)crossing_spin &&
		       crossing_handled_rip < (uint64_t)crossing_spin_end &&
		       crossing_handled.general[RBX] == crossing_in.general[RBX] &&
		       crossing_handled.general[R15] == crossing_in.general[R15];
	if (in_loop)
		check_handled(kind, &crossing_in, SIGALRM, FLAGS_ARITHMETIC);
}

/* -- frames that nobody has built -- */

static void forge(uint64_t rip)
{
	static const int order[16] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,
		REG_RSP, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
	greg_t *g = forged.context.uc_mcontext.gregs;
	memset(&forged, 0, sizeof(forged));
	forged.context.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	forged.context.uc_stack = alternate_stack;
	for (int i = 0; i < 16; i++) {
		wanted.general[i] =
			i == RSP ? crossing_in.general[RSP] : mix(mix(variant ^ rip) + (uint64_t)i);
		g[order[i]] = (greg_t)wanted.general[i];
	}
	g[REG_RIP] = (greg_t)rip;
	g[REG_EFL] = (greg_t)FLAGS_HOSTILE;
	g[REG_CSGSFS] = (greg_t)SELECTORS;
}

/* The selectors, bases and those flags that a frame does not have stay; the vector state becomes clean. */
static void prepare_return(uint64_t rip)
{
	forge(rip);
	wanted.flags = (crossing_in.flags & ~(uint64_t)FLAGS_FRAME) | FLAGS_FRAME;
	wanted.fs = crossing_in.fs;
	wanted.gs = crossing_in.gs;
	wanted.gs_selector = crossing_in.gs_selector;
	memset(wanted.ymm, 0, sizeof(wanted.ymm));
	wanted.mxcsr = MXCSR_CLEAN;
	wanted.control = CONTROL_CLEAN;
	/* The handler's return has taken the address of the restorer off. */
	crossing_in.general[RSP] = (uint64_t)&forged.context;
}

static void prepare_sigreturn(const struct kind *kind)
{
	(void)kind;
	prepare_return((uint64_t)crossing_call_return);
}

static void settle_sigreturn(const struct kind *kind)
{
	(void)kind;
	crossing_in = wanted;
}

static void prepare_sigreturn_bad(const struct kind *kind)
{
	(void)kind;
	prepare_return(NOT_CANONICAL);
	expect_handler(0, crossing_call_return);
}

static void settle_sigreturn_bad(const struct kind *kind)
{
	if (crossing_handled_rip != NOT_CANONICAL)
		differs(kind->name, "the refused RIP", NOT_CANONICAL, crossing_handled_rip);
	check_handled(kind, &wanted, SIGSEGV, 0);
	wanted.flags &= ~FLAGS_NOT_KEPT;
	crossing_in = wanted;
}

const struct kind kinds_signal[] = {
	{.name = "signal",
		.cross = crossing_call,
		.number = SYS_tgkill,
		.prepare = prepare_signal,
		.settle = settle_signal},
	{.name = "signal-nowhere",
		.cross = crossing_call,
		.number = SYS_tgkill,
		.prepare = prepare_nowhere,
		.settle = settle_nowhere},
	{.name = "trap",
		.cross = crossing_trap,
		.number = NO_CALL,
		.prepare = prepare_trap,
		.settle = settle_trap},
	{.name = "alarm",
		.cross = crossing_spin,
		.number = NO_CALL,
		.prepare = prepare_alarm,
		.settle = settle_alarm},
	{.name = "sigreturn",
		.cross = crossing_call,
		.number = SYS_rt_sigreturn,
		.prepare = prepare_sigreturn,
		.settle = settle_sigreturn},
	{.name = "sigreturn-bad",
		.cross = crossing_call,
		.number = SYS_rt_sigreturn,
		.prepare = prepare_sigreturn_bad,
		.settle = settle_sigreturn_bad},
	{0},
};
