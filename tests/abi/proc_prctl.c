/*
 * prctl, personality: what processes say about themselves, what children inherit, what execve keeps.
 *
 * Seen to fail: with the flag not set in family_set_subreaper(), orphans().
 */
#include "proc.h"

#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static long p(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return syscall(SYS_prctl, option, a, b, c, d);
}

static int get(int option)
{
	int value = -1;

	return p(option, (unsigned long)&value, 0, 0, 0) ? -2 : value;
}

static void names(void)
{
	static const char *const texts[] = {
		"", "a", "exactly fifteen", "sixteen bytes ..", "much longer than that"};
	char name[17];

	for (int i = 0; i < 5; i++) {
		SHOW(p(PR_SET_NAME, (unsigned long)texts[i], 0, 0, 0));
		memset(name, 'x', sizeof(name));
		SHOW(p(PR_GET_NAME, (unsigned long)name, 0, 0, 0));
		printf("'%s' %c\n", name, name[16]);
	}
	SHOW(p(PR_SET_NAME, 8, 0, 0, 0));
	SHOW(p(PR_GET_NAME, 8, 0, 0, 0));
	SHOW(p(PR_SET_NAME, 0, 0, 0, 0));
}

static void death_signals(void)
{
	SHOW(get(PR_GET_PDEATHSIG));
	for (unsigned long s = 0; s < 70; s += 3)
		printf("%lu: %s\n", s, p(PR_SET_PDEATHSIG, s, 0, 0, 0) ? error_name(errno) : "ok");
	SHOW(p(PR_SET_PDEATHSIG, -1UL, 0, 0, 0));
	SHOW(p(PR_SET_PDEATHSIG, 1UL << 32, 0, 0, 0));
	SHOW(p(PR_GET_PDEATHSIG, 8, 0, 0, 0));
	p(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
	SHOW(get(PR_GET_PDEATHSIG));
	SHOW_CHILD(printf("inherited %d\n", get(PR_GET_PDEATHSIG)));
	p(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	SHOW(get(PR_GET_PDEATHSIG));
}

/* Grandchildren come to us, with what they wanted to hear of. */
static void orphans(void)
{
	static const int signals[] = {0, SIGTERM, SIGKILL, SIGUSR2, 40};
	int status;

	SHOW(get(PR_GET_CHILD_SUBREAPER));
	SHOW(p(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	SHOW(get(PR_GET_CHILD_SUBREAPER));
	SHOW_CHILD(printf("inherited %d\n", get(PR_GET_CHILD_SUBREAPER)));
	SHOW(p(PR_GET_CHILD_SUBREAPER, 8, 0, 0, 0));
	for (int i = 0; i < 5; i++) {
		pid_t me = getpid();
		pid_t middle = CHILD({
			pid_t parent = getpid();
			int ready[2];
			char c;
			pipe(ready);
			CHILD({
				p(PR_SET_PDEATHSIG, signals[i], 0, 0, 0);
				write(ready[1], "x", 1);
				while (getppid() == parent)
					usleep(1000);
				_exit(getppid() == me ? 51 : 52);
			});
			read(ready[0], &c, 1);
			_exit(50);
		});
		waitpid(middle, &status, 0);
		printf("middle %s\n", status_text(status));
		wait(&status);
		printf("%d: orphan %s\n", signals[i], status_text(status));
	}
	/* A zombie is inherited, too. */
	pid_t middle = CHILD({
		pid_t child = CHILD(_exit(60));
		until_state(child, 'Z');
		_exit(61);
	});
	waitpid(middle, &status, 0);
	printf("middle %s\n", status_text(status));
	wait(&status);
	printf("zombie %s\n", status_text(status));
	/* Through several generations, to the nearest that asked. */
	pid_t reaper = CHILD({
		p(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		pid_t own = getpid();
		pid_t child = CHILD({
			pid_t inner = CHILD({
				pid_t parent = getpid();
				CHILD({
					while (getppid() == parent)
						usleep(1000);
					_exit(getppid() == own ? 71 : 72);
				});
				_exit(0);
			});
			waitpid(inner, NULL, 0);
			_exit(0);
		});
		waitpid(child, NULL, 0);
		int st;
		wait(&st);
		printf("great-grandchild %s\n", status_text(st));
	});
	waitpid(reaper, &status, 0);
	SHOW(wait(&status));
	/* The parent's ignoring SIGCHLD reaps what it inherits. */
	signal(SIGCHLD, SIG_IGN);
	CHILD({
		CHILD(usleep(30000));
		_exit(0);
	});
	SHOW(wait(&status));
	signal(SIGCHLD, SIG_DFL);
	SHOW(p(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0));
	SHOW(get(PR_GET_CHILD_SUBREAPER));
}

static void flags(void)
{
	SHOW(p(PR_GET_DUMPABLE, 0, 0, 0, 0));
	for (unsigned long v = 0; v < 5; v++) {
		SHOW(p(PR_SET_DUMPABLE, v, 0, 0, 0));
		SHOW(p(PR_GET_DUMPABLE, 0, 0, 0, 0));
	}
	p(PR_SET_DUMPABLE, 1, 0, 0, 0);
	SHOW(p(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	for (unsigned long v = 0; v < 3; v++) {
		SHOW(p(PR_SET_KEEPCAPS, v, 0, 0, 0));
		SHOW(p(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	}
	p(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	SHOW(p(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(p(PR_SET_TIMERSLACK, 12345, 0, 0, 0));
	SHOW(p(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(p(PR_SET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(p(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(p(PR_GET_TIMING, 0, 0, 0, 0));
	SHOW(p(PR_SET_TIMING, 0, 0, 0, 0));
	SHOW(p(PR_SET_TIMING, 1, 0, 0, 0));
	SHOW(get(PR_GET_TSC));
	SHOW(p(PR_GET_TSC, 8, 0, 0, 0));
	SHOW(p(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	SHOW(p(PR_SET_TSC, 3, 0, 0, 0));
	SHOW(p(PR_GET_SECUREBITS, 0, 0, 0, 0));
	SHOW(p(PR_GET_SECCOMP, 0, 0, 0, 0));
	SHOW(p(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	SHOW(p(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	SHOW(p(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SHOW(p(PR_MCE_KILL_GET, 1, 0, 0, 0));
	SHOW(p(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	SHOW(p(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
	SHOW(p(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 0, 0));
	SHOW(p(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 1, 0));
	SHOW(p(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 100, 0, 0));
	SHOW(p(PR_CAP_AMBIENT, 99, 1, 0, 0));
	SHOW(p(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(p(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(p(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
	SHOW_CHILD({
		SHOW(p(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		SHOW(p(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
		SHOW_CHILD(SHOW(p(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)));
	});
	SHOW(p(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	/* What x86 has not. */
	SHOW(p(PR_GET_UNALIGN, 0, 0, 0, 0));
	SHOW(p(PR_SET_UNALIGN, 1, 0, 0, 0));
	SHOW(p(PR_GET_FPEMU, 0, 0, 0, 0));
	SHOW(p(PR_GET_FPEXC, 0, 0, 0, 0));
	SHOW(p(PR_GET_ENDIAN, 0, 0, 0, 0));
	SHOW(p(-1, 0, 0, 0, 0));
	SHOW(p(0, 0, 0, 0, 0));
	SHOW(p(12345, 0, 0, 0, 0));
}

static void personalities(void)
{
	SHOW(personality(0xffffffff));
	SHOW(personality(ADDR_NO_RANDOMIZE));
	SHOW(personality(0xffffffff));
	SHOW_CHILD(SHOW(personality(0xffffffff)));
	SHOW(personality(0x1234567));
	SHOW(personality(0));
	SHOW(personality(0xffffffff));
}

int main(void)
{
	names();
	death_signals();
	orphans();
	flags();
	personalities();
	return 0;
}
