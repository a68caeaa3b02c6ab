/*
 * outcome PROGRAM ARG...: runs it on the host under ptrace, and when a signal ends it, says on
 * standard error what airlock run would say: "SIGNAL-NUMBER address 0x... ip 0x...". The status is
 * the program's, or 128 + N.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* si_addr means something for these, when they come from the processor. */
static int has_address(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		return info->si_code > 0;
	default:
		return 0;
	}
}

static void remember(pid_t child, siginfo_t *info, struct user_regs_struct *registers)
{
	if (ptrace(PTRACE_GETSIGINFO, child, NULL, info) != 0 ||
		ptrace(PTRACE_GETREGS, child, NULL, registers) != 0)
		perror("ptrace");
}

int main(int argc, char **argv)
{
	int status;
	siginfo_t info = {0};
	struct user_regs_struct registers = {0};
	if (argc < 2)
		return 2;
	pid_t child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, WUNTRACED) != child ||
		ptrace(PTRACE_SEIZE, child, NULL, PTRACE_O_EXITKILL) != 0) {
		perror("outcome");
		return 2;
	}
	kill(child, SIGCONT);
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		int number = WSTOPSIG(status);
		if (status >> 16 || number == SIGSTOP || number == SIGCONT) {
			ptrace(PTRACE_CONT, child, NULL, 0);
			continue;
		}
		remember(child, &info, &registers);
		ptrace(PTRACE_CONT, child, NULL, number);
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (has_address(&info) && info.si_signo == WTERMSIG(status))
		fprintf(stderr, "%d address %#lx ip %#llx\n", WTERMSIG(status),
			(unsigned long)info.si_addr, registers.rip);
	return 128 + WTERMSIG(status);
}
