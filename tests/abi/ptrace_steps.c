// summary: ptrace(2): single steps: over calls, into handlers, past the program's own TF; tracers that end meanwhile
//
// Seen to fail: with the tracer's TF in handlers' frames; with a TF that stays a tracer's after a POPF that clears it; with
// one that stays after PTRACE_DETACH.
#include "trace_signals.h"

/* From an INT3 on: whether TF is set after each step. */
static void show_steps(pid_t child, int steps)
{
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("int3", child);
	for (int i = 0; i < steps; i++) {
		trace(PTRACE_SINGLESTEP, child, 0, 0);
		next_stop(child);
		printf("  flags %lx\n", peek_user(child, IN_USER(eflags)) & 0x100);
	}
}

static void steps(void)
{
	siginfo_t info;
	unsigned long at, next;

	printf("steps\n");
	pid_t child = TRACEE({
		handle(SIGUSR1);
		unsigned long before, after;
		__asm__ volatile(
			"int3; nop; nop; pushfq; popq %0; mov $39, %%eax; syscall; nop; nop; "
			"int3; pushfq; popq %1"
			: "=r"(before), "=r"(after)::"rax", "rcx", "r11", "memory");
		HOLDS(!(after & 0x100));
		raise(SIGUSR1);
		HOLDS(handled && !flags_in_handler);
	});
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("int3", child);
	show_info(child);
	at = peek_user(child, IN_USER(rip));
	HOLDS(peek_user(child, IN_USER(orig_rax)) == -1UL);
	HOLDS(peek_user(child, DEBUG_REGISTER(6)) == 0xffff0ff0);
	for (int i = 0; i < 8; i++) {
		trace(PTRACE_SINGLESTEP, child, 0, 0);
		next_stop(child);
		trace(PTRACE_GETSIGINFO, child, 0, (long)&info);
		next = peek_user(child, IN_USER(rip));
		printf("  +%ld code %d flags %lx dr6 %lx\n", next - at, info.si_code,
			peek_user(child, IN_USER(eflags)) & 0x100,
			i == 5 ? 0 : peek_user(child, DEBUG_REGISTER(6)));
		HOLDS((unsigned long)info.si_addr == next);
		at = next;
	}
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("int3", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("usr1", child);
	trace(PTRACE_SINGLESTEP, child, 0, SIGUSR1);
	show_stop("into the handler", child);
	show_info(child);
	HOLDS(peek_user(child, IN_USER(rip)) == (unsigned long)on_signal);
	HOLDS(!(peek_user(child, IN_USER(eflags)) & 0x100));
	trace(PTRACE_SINGLESTEP, child, 0, 0);
	show_stop("in the handler", child);
	HOLDS(peek_user(child, IN_USER(rip)) != (unsigned long)on_signal);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);

	printf("the program's own TF\n");
	child = TRACEE({
		handle(SIGTRAP);
		__asm__ volatile("int3; pushfq; orl $0x100, (%%rsp); popfq; nop; nop; pushfq; "
				 "andl $~0x100, (%%rsp); popfq; nop" ::
					 : "memory");
	});
	show_steps(child, 8);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);

	printf("to an address that is none\n");
	for (int i = 0; i < 3; i++) {
		static const unsigned long bad[] = {
			0x8000000000000000, 0xffffffff81000000, 0x7ffffffff000};
		child = TRACEE(pause());
		trace(PTRACE_POKEUSR, child, IN_USER(rip), bad[i]);
		HOLDS(peek_user(child, IN_USER(rip)) == bad[i]);
		trace(PTRACE_CONT, child, 0, 0);
		show_stop("it", child);
		end(child);
	}
}

/* The next step after the POPF takes TF for the program's own, on Linux too. */
static void steps_over_popf(void)
{
	printf("a POPF that clears TF\n");
	pid_t child = TRACEE({
		__asm__ volatile("int3; pushfq; andl $~0x100, (%%rsp); popfq; nop; nop; nop; nop; "
				 "nop; int3" ::
					 : "memory");
	});
	show_steps(child, 5);
	for (int i = 0; i < 3; i++) {
		trace(PTRACE_CONT, child, 0, 0);
		show_stop("goes on", child);
	}
	end(child);
}

/* Set when the child may end: not by a signal, which would end the step. */
static volatile int *told;

/* A tracer that has made its child step, and perhaps one request more, ends. */
static void tracer_of_a_step_ends(
	const char *what, int handler, int waits, long request, int options)
{
	*told = handled = 0;
	if (handler)
		handle(SIGTRAP);
	pid_t child = CHILD({
		while (!*told)
			getppid();
		_exit(40 + (handled != 0));
	});
	pid_t tracer = CHILD({
		trace(PTRACE_SEIZE, child, 0, (unsigned long)options);
		trace(PTRACE_INTERRUPT, child, 0, 0);
		next_stop(child);
		trace(PTRACE_SINGLESTEP, child, 0, 0);
		if (waits)
			next_stop(child);
		if (request)
			trace(request, child, 0, 0);
	});

	signal(SIGTRAP, SIG_DFL);
	waitpid(tracer, NULL, 0);
	*told = 1;
	show_end(what, child);
}

static void tracers_of_steps_end(void)
{
	told = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tracer_of_a_step_ends("ends after a step", 0, 1, 0, 0);
	tracer_of_a_step_ends("ends in a step", 0, 0, 0, 0);
	tracer_of_a_step_ends("ends after a step, SIGTRAP is handled", 1, 1, 0, 0);
	tracer_of_a_step_ends("ends in a step, SIGTRAP is handled", 1, 0, 0, 0);
	tracer_of_a_step_ends("lets go after a step", 0, 1, PTRACE_DETACH, 0);
	tracer_of_a_step_ends("continues after a step", 0, 1, PTRACE_CONT, 0);
	tracer_of_a_step_ends("ends after a step, and that kills", 0, 1, 0, PTRACE_O_EXITKILL);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	steps();
	steps_over_popf();
	tracers_of_steps_end();
	return 0;
}
