/*
 * What a signal costs, in ns: under --icount these are guest instructions. One line a figure.
 *
 *   raised    tgkill(2) to itself, the handler, and the return from it
 *   fault     a page fault that the handler steps over, and the return
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define ROUNDS 2000

static volatile int calls;

static void handler(int number)
{
	(void)number;
	calls++;
}

static void step(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	calls++;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static void raised(void)
{
	long pid = getpid(), tid = gettid();
	for (int i = 0; i < ROUNDS; i++)
		syscall(SYS_tgkill, pid, tid, SIGUSR1);
}

static void faulted(void)
{
	for (int i = 0; i < ROUNDS; i++)
		__asm__ volatile("ud2");
}

static void nothing(void)
{
	for (int i = 0; i < ROUNDS; i++)
		syscall(SYS_getppid);
}

static void measure(const char *name, void (*fn)(void))
{
	fn();
	long from = now();
	fn();
	printf("%s %ld\n", name, (now() - from) / ROUNDS);
}

int main(void)
{
	struct sigaction a = {.sa_handler = handler}, b = {.sa_flags = SA_SIGINFO};
	b.sa_sigaction = step;
	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGILL, &b, NULL);
	measure("nothing", nothing);
	measure("raised", raised);
	measure("fault", faulted);
	return calls == 4 * ROUNDS ? 0 : 1;
}
