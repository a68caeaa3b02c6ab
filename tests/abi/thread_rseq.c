// summary: rseq: registration and its errors, the CPU's number, sequences left on preemption and signals, lies
//
// glibc has registered each thread already. Seen to fail: with the abort left out (counts go wrong), with the
// signature not compared, with the words not written after a move.
#include "abi.h"
#include <linux/rseq.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/wait.h>

static struct rseq *mine(void)
{
	return (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

static struct rseq other __attribute__((aligned(32)));

static void errors(void)
{
	struct rseq *r = mine();
	SHOW(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG + 1));
	SHOW(syscall(SYS_rseq, r, 31, 0, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, &other, 32, 0, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, r, 32, 2, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, r, 32, 3, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, &other, 32, 1, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, r, 64, 1, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, r, 32, 1, RSEQ_SIG + 1));
	SHOW(syscall(SYS_rseq, r, 32, 1, RSEQ_SIG));
	HOLDS((int)r->cpu_id == RSEQ_CPU_ID_UNINITIALIZED && r->cpu_id_start == 0);
	SHOW(syscall(SYS_rseq, r, 32, 1, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, (char *)&other + 8, 32, 0, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, &other, 16, 0, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, 0xffff800000000000, 32, 0, RSEQ_SIG));
	SHOW(syscall(SYS_rseq, &other, 32, 0, 5));
	HOLDS(other.cpu_id == other.cpu_id_start && (int)other.cpu_id >= 0);
	SHOW(syscall(SYS_rseq, &other, 32, 1, 5));
	SHOW(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG));
	HOLDS((int)r->cpu_id >= 0);
}

/* Adds 1 to *p in a sequence, slowly: false if it was left. Interrupted between the load and the store and
 * let go on, it would undo what others have added meanwhile. */
static int add_one(volatile long *p, struct rseq_cs *cs, long spins)
{
	struct rseq *r = mine();
	__asm__ goto("leaq 1f(%%rip), %%rax\n\t"
		     "movq %%rax, 8(%[cs])\n\t"
		     "leaq 2f(%%rip), %%rcx\n\t"
		     "subq %%rax, %%rcx\n\t"
		     "movq %%rcx, 16(%[cs])\n\t"
		     "leaq 4f(%%rip), %%rax\n\t"
		     "movq %%rax, 24(%[cs])\n\t"
		     "movq %[cs], %[rs]\n\t"
		     "1:\n\t"
		     "movq (%[p]), %%rax\n\t"
		     "movq %[spins], %%rcx\n\t"
		     "3: decq %%rcx\n\t"
		     "jnz 3b\n\t"
		     "incq %%rax\n\t"
		     "movq %%rax, (%[p])\n\t"
		     "2:\n\t"
		     "jmp 5f\n\t"
		     ".long %c[sig]\n\t"
		     "4: jmp %l[left]\n\t"
		     "5:\n\t"
		     :
		     : [p] "r"(p), [cs] "r"(cs), [rs] "m"(r->rseq_cs), [spins] "r"(spins),
		     [sig] "i"(RSEQ_SIG)
		     : "rax", "rcx", "memory", "cc"
		     : left);
	return 1;
left:
	return 0;
}

#define ADDS 20000
static volatile long counter;
static int lefts;

static void *adder(void *argument)
{
	struct rseq_cs cs = {0};
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	HOLDS(mine()->cpu_id == 0);
	int left = 0;
	for (int i = 0; i < ADDS;) {
		if (add_one(&counter, &cs, 1 + (i & 255)))
			i++;
		else
			left++;
		if (i % 1000 == 0)
			sched_yield();
	}
	__atomic_fetch_add(&lefts, left, __ATOMIC_SEQ_CST);
	return argument;
}

static void handler(int signal)
{
	(void)signal;
	counter += 1000000;
}

static void *killer(void *thread)
{
	for (int i = 0; i < 50; i++) {
		pthread_kill(*(pthread_t *)thread, SIGUSR1);
		usleep(500);
	}
	return NULL;
}

/* Each ends by a signal, in a process of its own. */
static void lie(const char *what, int kind)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		static struct rseq_cs cs;
		cs = (struct rseq_cs){0, 0, (uintptr_t)lie, 4096, (uintptr_t)lie + 8192};
		struct rseq *r = mine();
		switch (kind) {
		case 0: /* no signature there */
			break;
		case 1:
			cs.version = 1;
			break;
		case 2:
			cs.start_ip = 0xffffffff81000000;
			break;
		case 3:
			cs.abort_ip = 0xffffffff81000000;
			break;
		case 4: /* inside */
			cs.abort_ip = cs.start_ip + 100;
			break;
		case 5:
			cs.post_commit_offset = ~0UL - 5;
			break;
		}
		r->rseq_cs = kind == 6 ? 16 : kind == 7 ? 0xffff800000000000 : (uintptr_t)&cs;
		/* A handler is about to run. */
		raise(SIGUSR1);
		_exit(0);
	}
	int status = 0;
	waitpid(child, &status, 0);
	printf("%s: %s %d\n", what, WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int main(void)
{
	HOLDS(__rseq_size >= 20);
	errors();
	pthread_t t[3];
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, adder, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	HOLDS(counter == 3 * ADDS);

	/* A handler adds, too: it never falls between a load and its store. */
	struct sigaction sa = {.sa_handler = handler};
	sigaction(SIGUSR1, &sa, NULL);
	counter = 0;
	pthread_t self = pthread_self(), k;
	struct rseq_cs cs = {0};
	pthread_create(&k, NULL, killer, &self);
	long added = 0;
	for (int i = 0; i < 2000; i++)
		added += add_one(&counter, &cs, 20000);
	pthread_join(k, NULL);
	HOLDS(counter % 1000000 == added && counter >= 1000000);

	lie("no signature", 0);
	lie("version", 1);
	lie("start in the kernel", 2);
	lie("abort in the kernel", 3);
	lie("abort inside", 4);
	lie("length", 5);
	lie("low pointer", 6);
	lie("kernel's pointer", 7);
	return 0;
}
