/* Calls that make, change, or wait for processes and threads. */
#include "failing.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096L

static void reap(long result)
{
	must(SYS_wait4, result, NULL, __WALL, NULL);
}

static void leave(void)
{
	kernel(SYS_exit, 0);
}

/* A thread runs this on a stack of its own, without a library. */
static __attribute__((aligned(16))) char thread_stack[8192];
#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

/* clone(2) whose child has another stack and ends at once. */
static __attribute__((noinline)) long clone_on(long flags, void *stack, int *tid)
{
	register long r10 __asm__("r10") = (long)tid, r8 __asm__("r8") = 0;
	long result;

	__asm__ volatile(
		"syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\txor %%edi, %%edi\n\tmov %[exit], %%eax\n\tsyscall\n1:"
		: "=a"(result)
		: "a"(SYS_clone), "D"(flags), "S"(stack), "d"(tid), "r"(r10),
		"r"(r8), [exit] "i"(SYS_exit)
		: "rcx", "r11", "memory");
	return result;
}

static volatile int thread_id;

/* The kernel clears the word at the thread's end. */
static void await_thread(long result)
{
	(void)result;
	while (thread_id)
		kernel(SYS_sched_yield);
}

/* Memory in many areas and tables, so that a copy of it has many sites. */
static void grow(void)
{
	for (long i = 0; i < 12; i++) {
		char *p = (char *)must(SYS_mmap, (i + 16) << 30, 4 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		p[0] = 1;
		must(SYS_mprotect, p + PAGE, PAGE, PROT_READ);
	}
}

WAY(fork, plain, .undo = reap, .forks = 1)
{
	long pid = kernel(SYS_fork);

	if (pid == 0)
		leave();
	return pid;
}
WAY(fork, large, .prepare = grow, .undo = reap, .forks = 1)
{
	long pid = kernel(SYS_fork);

	if (pid == 0)
		leave();
	return pid;
}
WAY(vfork, plain, .undo = reap, .forks = 1)
{
	return clone_on(
		CLONE_VM | CLONE_VFORK | SIGCHLD, thread_stack + sizeof(thread_stack), NULL);
}

/* EFAULT: the copy of the descriptor's number meets a page that must be copied first. */
WAY(clone, pidfd, .undo = reap, .forks = 1, .errors = {ENOMEM, EFAULT})
{
	long pid = kernel(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, buffer, 0, 0);

	if (pid == 0)
		leave();
	if (pid > 0)
		must(SYS_close, *(int *)buffer);
	return pid;
}
WAY(clone, thread, .undo = await_thread, .forks = 1)
{
	thread_id = 1;
	long tid = clone_on(THREAD_FLAGS | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID,
		thread_stack + sizeof(thread_stack), (int *)&thread_id);
	if (tid < 0)
		thread_id = 0;
	return tid;
}

static struct clone_args clone_args;

WAY(clone3, plain, .undo = reap, .forks = 1)
{
	clone_args.exit_signal = SIGCHLD;
	clone_args.flags = CLONE_CLEAR_SIGHAND;
	long pid = kernel(SYS_clone3, &clone_args, sizeof(clone_args));

	if (pid == 0)
		leave();
	return pid;
}

/* -- execve: a program that ends at once with EXEC_DONE, and needs no memory for it -- */

static const char program[] = FOLDER "/exit";
static char *const words[] = {"exit", "1", "2", NULL};
static char *const environment[] = {"A=1", NULL};

/* What a file keeps from the first time on is there then. */
static void run_once(const char *path)
{
	long pid = must(SYS_fork);

	if (pid == 0) {
		kernel(SYS_execve, path, words, environment);
		leave();
	}
	reap(pid);
}

static void make_program(void)
{
	/* mov $EXEC_DONE, %edi; mov $SYS_exit_group, %eax; syscall */
	static const unsigned char code[] = {
		0xbf, EXEC_DONE, 0, 0, 0, 0xb8, SYS_exit_group, 0, 0, 0, 0x0f, 0x05};
	static struct {
		Elf64_Ehdr head;
		Elf64_Phdr part;
		unsigned char code[sizeof(code)];
	} image = {
		.head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = 0x400000 + offsetof(typeof(image), code),
			.e_phoff = offsetof(typeof(image), part),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1},
		.part = {.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = 0x400000,
			.p_filesz = sizeof(image),
			.p_memsz = sizeof(image),
			.p_align = 4096},
	};

	memcpy(image.code, code, sizeof(code));
	grow();
	long f = must(SYS_open, program, O_RDWR | O_CREAT | O_TRUNC, 0755);
	must(SYS_write, f, &image, sizeof(image));
	must(SYS_close, f);
	run_once(program);
}

WAY(execve, plain, .prepare = make_program, .replaces = 1)
{
	return kernel(SYS_execve, program, words, environment);
}
WAY(execveat, plain, .prepare = make_program, .replaces = 1)
{
	return kernel(SYS_execveat, AT_FDCWD, program, words, environment, 0);
}

static void make_script(void)
{
	static const char text[] = "#!" FOLDER "/exit word\n";

	make_program();
	long f = must(SYS_open, FOLDER "/script", O_RDWR | O_CREAT | O_TRUNC, 0755);
	must(SYS_write, f, text, sizeof(text) - 1);
	must(SYS_close, f);
	run_once(FOLDER "/script");
}

WAY(execve, script, .prepare = make_script, .replaces = 1)
{
	return kernel(SYS_execve, FOLDER "/script", words, environment);
}

/* -- waiting -- */

static long zombie;

static void make_zombie(void)
{
	siginfo_t info;

	zombie = kernel(SYS_fork);
	if (zombie == 0)
		leave();
	must(SYS_waitid, P_PID, zombie, &info, WEXITED | WNOWAIT, NULL);
}

static void make_another(long result)
{
	(void)result;
	make_zombie();
}

static const char gone[] = "the child has been taken";

WAY(wait4, plain, .prepare = make_zombie, .undo = make_another, .takes_effect = gone)
{
	return kernel(SYS_wait4, zombie, buffer, 0, buffer + 64);
}
WAY(waitid, plain, .prepare = make_zombie, .undo = make_another, .takes_effect = gone)
{
	return kernel(SYS_waitid, P_PID, zombie, buffer, WEXITED, NULL);
}

static void shut(long result)
{
	must(SYS_close, result);
}

WAY(pidfd_open, plain, .undo = shut)
{
	return kernel(SYS_pidfd_open, getpid(), 0);
}

/* -- tracing: a tracee that stays stopped, and ends with its tracer -- */

static long tracee;

static void make_tracee(void)
{
	tracee = kernel(SYS_fork);
	if (tracee == 0) {
		kernel(SYS_ptrace, PTRACE_TRACEME);
		kernel(SYS_kill, getpid(), SIGSTOP);
		leave();
	}
	must(SYS_wait4, tracee, NULL, 0, NULL);
	must(SYS_ptrace, PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_EXITKILL);
}

WAY(ptrace, peek, .prepare = make_tracee)
{
	return kernel(SYS_ptrace, PTRACE_PEEKDATA, tracee, buffer, buffer);
}
WAY(ptrace, poke, .prepare = make_tracee)
{
	return kernel(SYS_ptrace, PTRACE_POKEDATA, tracee, buffer, 5);
}
WAY(ptrace, registers, .prepare = make_tracee)
{
	return kernel(SYS_ptrace, PTRACE_GETREGS, tracee, 0, buffer);
}

/* -- futexes -- */

static uint32_t *word;

static void make_word(void)
{
	word = (uint32_t *)must(
		SYS_mmap, NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*word = 0;
}

static void unlock_word(long result)
{
	(void)result;
	must(SYS_futex, word, FUTEX_UNLOCK_PI, 0, NULL);
}

WAY(futex, wake, .prepare = make_word)
{
	return kernel(SYS_futex, word, FUTEX_WAKE, 1, NULL);
}
WAY(futex, wait, .prepare = make_word)
{
	static const long soon[2] = {0, 1000};
	long result = kernel(SYS_futex, word, FUTEX_WAIT, 0, soon);

	return result == -ETIMEDOUT ? 0 : result;
}
WAY(futex, lock_pi, .prepare = make_word, .undo = unlock_word,
	.tolerates_copy = "the word is there, so it is looked at again")
{
	return kernel(SYS_futex, word, FUTEX_LOCK_PI, 0, NULL);
}

/* -- ways out, which must not fail: the child's end is seen by its parent -- */

static long ended(long number)
{
	int status = 0;
	long pid = kernel(SYS_fork);

	if (pid == 0) {
		kernel(number, 7);
		__builtin_unreachable();
	}
	if (pid < 0)
		return pid;
	long waited = kernel(SYS_wait4, pid, &status, __WALL, NULL);
	if (waited == -EFAULT)
		return waited;
	must_(waited, "wait4", __LINE__);
	return status == 7 << 8 ? 0 : -EINVAL;
}

WAY(exit, plain, .forks = 1)
{
	return ended(SYS_exit);
}
WAY(exit_group, plain, .forks = 1)
{
	return ended(SYS_exit_group);
}
