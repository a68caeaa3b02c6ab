/*
 * signal_storm SECONDS: signals at full speed against everything they can meet.
 *
 *   compute   a thread keeps values in its vector and general registers and looks whether they are
 *             still there; handlers change all of them
 *   calls     a thread reads a pipe that another one fills, with SA_RESTART: each byte once, in order,
 *             never EINTR; sleeps come to their end
 *   queue     real-time signals arrive each once and in order
 *   family    children exit, exec, stop and continue under fire; each is reaped once
 *
 * Prints OK, or what was wrong.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int done, failures;
static atomic_long handled, queued_seen;
static volatile int queue_next;
static pthread_t compute_thread, calls_thread;
static atomic_int compute_tid, calls_tid;
static int pipes[2];

static void fail(const char *what)
{
	if (atomic_fetch_add(&failures, 1) < 10)
		(void)!write(1, what, strlen(what));
}

static void handler(int number, siginfo_t *info, void *context)
{
	int e = errno;
	(void)context;
	atomic_fetch_add(&handled, 1);
	if (number == SIGRTMIN) {
		if (info->si_value.sival_int != queue_next)
			fail("a queued signal is out of order\n");
		queue_next++;
		atomic_fetch_add(&queued_seen, 1);
	}
	/* Everything that the interrupted code may rely on is spoilt. */
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm1, %%xmm1; pcmpeqd %%xmm2, %%xmm2;"
			 "pcmpeqd %%xmm8, %%xmm8; pcmpeqd %%xmm15, %%xmm15; fninit; std; cld" ::
				 : "xmm0", "xmm1", "xmm2", "xmm8", "xmm15");
	syscall(SYS_getppid);
	errno = e;
}

static void *compute(void *arg)
{
	uint64_t seed = 1;
	(void)arg;
	compute_tid = gettid();
	while (!done) {
		uint64_t in[8], out[8], sum = 0;
		for (int i = 0; i < 8; i++)
			in[i] = seed = seed * 6364136223846793005 + 1442695040888963407;
		uint64_t zone = seed, zone_after;
		__asm__ volatile("movdqu 0(%[in]), %%xmm0\n\t"
				 "movdqu 16(%[in]), %%xmm1\n\t"
				 "movdqu 32(%[in]), %%xmm8\n\t"
				 "movdqu 48(%[in]), %%xmm15\n\t"
				 "movq %[zone], -64(%%rsp)\n\t"
				 "movq %[zone], %%r12\n\t"
				 "movl $200, %%ecx\n\t"
				 "1: addq $1, %[sum]\n\t"
				 "decl %%ecx\n\t"
				 "jnz 1b\n\t"
				 "movl $110, %%eax\n\t"
				 "syscall\n\t"
				 "movdqu %%xmm0, 0(%[out])\n\t"
				 "movdqu %%xmm1, 16(%[out])\n\t"
				 "movdqu %%xmm8, 32(%[out])\n\t"
				 "movdqu %%xmm15, 48(%[out])\n\t"
				 "movq -64(%%rsp), %[after]\n\t"
				 "cmpq %[zone], %%r12\n\t"
				 "je 2f\n\t"
				 "movq $0, %[sum]\n\t"
				 "2:\n\t"
				 : [sum] "+&r"(sum), [after] "=&r"(zone_after)
				 : [in] "r"(in), [out] "r"(out), [zone] "r"(zone)
				 : "rax", "rcx", "r11", "r12", "xmm0", "xmm1", "xmm8", "xmm15",
				 "memory", "cc");
		if (memcmp(in, out, sizeof(in)))
			fail("vector registers changed\n");
		if (zone_after != zone)
			fail("the red zone changed\n");
		if (sum != 200)
			fail("general registers changed\n");
	}
	return NULL;
}

static void *calls(void *arg)
{
	unsigned char expected = 0, got;
	(void)arg;
	calls_tid = gettid();
	while (!done) {
		ssize_t n = read(pipes[0], &got, 1);
		if (n != 1)
			fail(n < 0 && errno == EINTR ? "read gave EINTR\n" : "read failed\n");
		else if (got != expected++)
			fail("a byte is lost or double\n");
	}
	return NULL;
}

static void *writer(void *arg)
{
	unsigned char next = 0;
	(void)arg;
	while (!done)
		if (write(pipes[1], &next, 1) == 1)
			next++;
	(void)!write(pipes[1], &next, 1);
	return NULL;
}

/* Signals from another thread, which is mostly on another CPU. */
static void *sender(void *arg)
{
	int next = 0;
	(void)arg;
	while (!compute_tid || !calls_tid)
		usleep(1000);
	while (!done) {
		syscall(SYS_tgkill, getpid(), compute_tid, SIGUSR1);
		syscall(SYS_tgkill, getpid(), calls_tid, SIGUSR2);
		kill(getpid(), SIGTERM);
		if (!sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = next}))
			next++;
		else if (errno != EAGAIN)
			fail("sigqueue failed\n");
		/* Not more than can be queued. */
		while (!done && next - atomic_load(&queued_seen) > 50)
			sched_yield();
	}
	return NULL;
}

static void child(int how, char *self)
{
	if (how % 3 == 0)
		execl(self, self, "exit", NULL);
	if (how % 3 == 1)
		for (int i = 0; i < 100; i++)
			syscall(SYS_getppid);
	_exit(7);
}

static void family(char *self, time_t end)
{
	static const int shots[] = {SIGSTOP, SIGCONT, SIGUSR1, SIGTSTP, SIGCONT, SIGWINCH, SIGCONT};
	int status;
	for (int how = 0; time(NULL) < end; how++) {
		pid_t pid = fork();
		if (pid == 0)
			child(how, self);
		if (pid < 0) {
			fail("fork failed\n");
			continue;
		}
		for (int i = 0; i < 7; i++)
			kill(pid, shots[(how + i) % 7]);
		if (how % 5 == 0)
			kill(pid, SIGKILL);
		kill(pid, SIGCONT);
		pid_t r;
		while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
			kill(pid, SIGCONT);
		if (r != pid)
			fail("a child was not reaped\n");
		else if (!(WIFEXITED(status) && WEXITSTATUS(status) == 7) &&
			 !(WIFSIGNALED(status) &&
				 (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGUSR1)))
			fail("a child ended in another way\n");
		if (waitpid(pid, &status, WNOHANG) != -1)
			fail("a child was reaped twice\n");
	}
}

static void start(pthread_t *t, void *(*fn)(void *), int number)
{
	/* Of the process's signals each thread takes its own. */
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN);
	sigaddset(&s, SIGTERM);
	if (number)
		sigdelset(&s, number);
	pthread_sigmask(SIG_SETMASK, &s, NULL);
	if (pthread_create(t, NULL, fn, NULL))
		fail("no thread\n");
}

int main(int argc, char **argv)
{
	struct sigaction a = {.sa_flags = SA_SIGINFO | SA_RESTART};
	pthread_t other[2];
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 7;
	int seconds = argc > 1 ? atoi(argv[1]) : 2;
	int numbers[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGRTMIN};
	time_t end = time(NULL) + seconds;
	if (seconds > 1) {
		/* A process of its own, so that its children have no handlers. */
		pid_t pid = fork();
		if (pid == 0) {
			family(argv[0], end);
			_exit(failures != 0);
		}
		a.sa_sigaction = handler;
		for (int i = 0; i < 4; i++)
			sigaction(numbers[i], &a, NULL);
		if (pipe(pipes))
			return 1;
		start(&compute_thread, compute, SIGRTMIN);
		start(&calls_thread, calls, SIGTERM);
		start(&other[0], writer, 0);
		start(&other[1], sender, 0);
		while (time(NULL) < end)
			usleep(100000);
		done = 1;
		pthread_join(other[1], NULL);
		pthread_join(compute_thread, NULL);
		pthread_join(calls_thread, NULL);
		/* The writer may be waiting for room. */
		signal(SIGPIPE, SIG_IGN);
		close(pipes[0]);
		pthread_join(other[0], NULL);
		int status;
		while (waitpid(pid, &status, 0) < 0)
			;
		if (status)
			fail("the family failed\n");
		if (handled < 1000)
			fail("hardly any signal came\n");
	}
	printf("%s\n", failures ? "FAILED" : "OK");
	return failures != 0;
}
