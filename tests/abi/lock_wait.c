/*
 * Waiting for locks: who gets them, signals, deadlocks, and what happens while others close, end or become another program.
 *
 * quick: most
 *
 * Seen to fail: with a deadlock that is not looked for, with those who wait not served when a process ends, when a lock becomes smaller or
 * weaker; without the second look at the descriptor (closed_meanwhile).
 */
#include "locks.h"

#include <pthread.h>

static int fd;
static int ready[2], go[2];

static int wait_at(int f, short type, off_t start, off_t length)
{
	return lock_call(f, F_SETLKW, type, SEEK_SET, start, length);
}

/* Whether somebody waits for a lock of the file, as /proc/locks says. */
static void until_waiting(const char *path, int count)
{
	struct stat st;
	char line[200], ino[40];

	if (stat(path, &st) != 0)
		return;
	snprintf(ino, sizeof(ino), ":%lu ", (unsigned long)st.st_ino);
	for (;;) {
		FILE *f = fopen("/proc/locks", "r");
		int n = 0;
		while (f && fgets(line, sizeof(line), f))
			n += strstr(line, ino) && strstr(line, "->");
		if (f)
			fclose(f);
		if (n >= count)
			return;
		usleep(1000);
	}
}

/* A child that has a file of its own, waits for a lock and says what came of it. */
#define WAITER(name, ...)                                              \
	CHILD({                                                        \
		int own = open("file", O_RDWR);                        \
		errno = 0;                                             \
		int r = (__VA_ARGS__);                                 \
		printf("%s: %s\n", name, r ? error_name(errno) : "0"); \
		(void)own;                                             \
	})

static void released(void)
{
	/* Each time a child waits; this takes the obstacle away. */
#define CASE(name, before, wait, after)                              \
	do {                                                         \
		before;                                              \
		pid_t c_ = WAITER(name, wait);                       \
		until_waiting("file", 1);                            \
		after;                                               \
		show_end(name, c_);                                  \
		lock_at(fd, F_UNLCK, 0, 0);                          \
		lock_call(fd, F_OFD_SETLK, F_UNLCK, SEEK_SET, 0, 0); \
		flock(fd, LOCK_UN);                                  \
	} while (0)
	CASE("given back", lock_at(fd, F_WRLCK, 0, 10), wait_at(own, F_WRLCK, 0, 5),
		lock_at(fd, F_UNLCK, 0, 10));
	CASE("cut", lock_at(fd, F_WRLCK, 0, 10), wait_at(own, F_WRLCK, 0, 5),
		lock_at(fd, F_UNLCK, 0, 5));
	CASE("split", lock_at(fd, F_WRLCK, 0, 10), wait_at(own, F_RDLCK, 4, 2),
		lock_at(fd, F_UNLCK, 4, 2));
	CASE("weakened", lock_at(fd, F_WRLCK, 0, 10), wait_at(own, F_RDLCK, 0, 5),
		lock_at(fd, F_RDLCK, 0, 10));
	CASE("weakened in part", lock_at(fd, F_WRLCK, 0, 10), wait_at(own, F_RDLCK, 4, 2),
		lock_at(fd, F_RDLCK, 4, 2));
	CASE("of a file", lock_call(fd, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 10),
		wait_at(own, F_WRLCK, 0, 5), lock_call(fd, F_OFD_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	CASE("for a file", lock_at(fd, F_WRLCK, 0, 10),
		lock_call(own, F_OFD_SETLKW, F_WRLCK, SEEK_SET, 0, 0), lock_at(fd, F_UNLCK, 0, 10));
	CASE("flock", flock(fd, LOCK_EX), flock(own, LOCK_EX), flock(fd, LOCK_UN));
	CASE("flock weakened", flock(fd, LOCK_EX), flock(own, LOCK_SH), flock(fd, LOCK_SH));
	CASE("flock shared", flock(fd, LOCK_SH), flock(own, LOCK_EX), flock(fd, LOCK_UN));
	CASE("a refused change gives it back", flock(fd, LOCK_SH), flock(own, LOCK_EX),
		int other = open("file", O_RDWR);
		flock(other, LOCK_SH); SHOW(flock(fd, LOCK_EX | LOCK_NB)); close(other));
	CASE("another descriptor closed", lock_at(fd, F_WRLCK, 0, 10), wait_at(own, F_WRLCK, 0, 5),
		close(open("file", O_RDONLY)));
	CASE("flock's file closed", int other = open("file", O_RDWR);
		flock(other, LOCK_EX), (close(other), flock(own, LOCK_EX)), close(other));
#undef CASE
}

/* Several wait, for the same and for different parts. */
static void several(void)
{
	pid_t c[6];

	lock_at(fd, F_WRLCK, 0, 60);
	for (int i = 0; i < 6; i++)
		c[i] = CHILD({
			int own = open("file", O_RDWR);
			wait_at(own, i % 2 ? F_WRLCK : F_RDLCK, i * 10, 10);
		});
	until_waiting("file", 6);
	for (int i = 5; i >= 0; i--) {
		lock_at(fd, F_UNLCK, i * 10, 10);
		show_end("its part", c[i]);
	}
	/* All for the same: one after the other, none is forgotten. */
	lock_at(fd, F_WRLCK, 0, 1);
	for (int i = 0; i < 6; i++)
		c[i] = CHILD({
			int own = open("file", O_RDWR);
			wait_at(own, F_WRLCK, 0, 1);
			SHOW(lock_at(fd, F_RDLCK, 0, 1));
		});
	until_waiting("file", 6);
	lock_at(fd, F_UNLCK, 0, 1);
	for (int i = 0; i < 6; i++)
		show_end("the same", c[i]);
	/* Readers all at once. */
	flock(fd, LOCK_EX);
	for (int i = 0; i < 6; i++)
		c[i] = CHILD({
			int own = open("file", O_RDWR);
			flock(own, LOCK_SH);
			tell_byte(ready[1]);
			char x;
			(void)!read(go[0], &x, 1);
		});
	until_waiting("file", 6);
	flock(fd, LOCK_UN);
	for (int i = 0; i < 6; i++)
		await_byte(ready[0]);
	SHOW(flock(fd, LOCK_EX | LOCK_NB));
	for (int i = 0; i < 6; i++)
		tell_byte(go[1]);
	for (int i = 0; i < 6; i++)
		show_end("readers", c[i]);
	SHOW(flock(fd, LOCK_EX | LOCK_NB));
	SHOW(flock(fd, LOCK_UN));
}

static void on_signal(int number)
{
	(void)number;
}

static void signals(void)
{
	struct sigaction again = {.sa_handler = on_signal, .sa_flags = SA_RESTART},
			 plain = {.sa_handler = on_signal};

	sigaction(SIGUSR1, &again, NULL);
	sigaction(SIGUSR2, &plain, NULL);
	lock_at(fd, F_WRLCK, 0, 10);
	flock(fd, LOCK_EX);
	lock_call(fd, F_OFD_SETLK, F_WRLCK, SEEK_SET, 20, 10);
	const char *names[] = {"record lock", "flock", "file's lock"};
	for (int kind = 0; kind < 3; kind++)
		for (int way = 0; way < 3; way++) {
			pid_t c = CHILD({
				int own = open("file", O_RDWR);
				errno = 0;
				int r = kind == 0   ? wait_at(own, F_WRLCK, 0, 1)
					: kind == 1 ? flock(own, LOCK_SH)
						    : lock_call(own, F_OFD_SETLKW, F_RDLCK,
							      SEEK_SET, 25, 1);
				printf("%s: %s\n", names[kind], r ? error_name(errno) : "0");
			});
			until_waiting("file", 1);
			until_state(c, 'S');
			if (way == 2) {
				kill(c, SIGSTOP);
				waitpid(c, NULL, WUNTRACED);
				kill(c, SIGCONT);
				until_state(c, 'S');
			}
			kill(c, way == 0 ? SIGUSR2 : way == 1 ? SIGUSR1 : SIGKILL);
			if (way == 1) {
				/* The call is made again: it still waits. */
				until_waiting("file", 1);
				until_state(c, 'S');
				kill(c, SIGUSR2);
			}
			show_end(names[kind], c);
		}
	lock_at(fd, F_UNLCK, 0, 0);
	lock_call(fd, F_OFD_SETLK, F_UNLCK, SEEK_SET, 0, 0);
	flock(fd, LOCK_UN);
	/* With the signal waiting already, the lock that is free is had all the same. */
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	raise(SIGUSR2);
	sigset_t none;
	sigemptyset(&none);
	SHOW(wait_at(fd, F_WRLCK, 0, 1));
	sigprocmask(SIG_SETMASK, &none, NULL);
	lock_at(fd, F_UNLCK, 0, 0);
}

/* A ring of processes, each of which has a byte and wants the next one's. */
static void ring(int members)
{
	pid_t c[16];
	int results[2];

	if (pipe(results) != 0)
		return;
	for (int i = 0; i < members; i++) {
		c[i] = CHILD({
			int own = open("file", O_RDWR);
			lock_at(own, F_WRLCK, 100 + i, 1);
			tell_byte(ready[1]);
			char x;
			(void)!read(go[0], &x, 1);
			int r = wait_at(own, F_WRLCK, 100 + (i + 1) % members, 1);
			char answer = r == 0 ? 'l' : errno == EDEADLK ? 'd' : 'o';
			(void)!write(results[1], &answer, 1);
		});
		await_byte(ready[0]);
	}
	for (int i = 0; i < members; i++)
		tell_byte(go[1]);
	int locked = 0, dead = 0;
	for (int i = 0; i < members; i++) {
		char answer = 0;
		(void)!read(results[0], &answer, 1);
		locked += answer == 'l';
		dead += answer == 'd';
	}
	for (int i = 0; i < members; i++)
		waitpid(c[i], NULL, 0);
	printf("ring of %d: one refused: %s, others got it: %s\n", members,
		dead == 1 ? "yes" : "NO", locked == members - 1 ? "yes" : "NO");
	close(results[0]);
	close(results[1]);
}

static void deadlocks(void)
{
	for (int i = 2; i <= 8; i++)
		ring(i);
	/* Both readers, both want to write. */
	lock_at(fd, F_RDLCK, 0, 1);
	pid_t c = CHILD({
		int own = open("file", O_RDWR);
		lock_at(own, F_RDLCK, 0, 1);
		tell_byte(ready[1]);
		printf("upgrade below: %s\n",
			wait_at(own, F_WRLCK, 0, 1) ? error_name(errno) : "0");
	});
	await_byte(ready[0]);
	until_waiting("file", 1);
	errno = 0;
	HOLDS(wait_at(fd, F_WRLCK, 0, 1) == -1 && errno == EDEADLK);
	lock_at(fd, F_UNLCK, 0, 0);
	show_end("upgrade", c);
	/* Across two files. */
	put("file2", "");
	int fd2 = open("file2", O_RDWR);
	lock_at(fd, F_WRLCK, 0, 1);
	c = CHILD({
		int own = open("file", O_RDWR);
		int own2 = open("file2", O_RDWR);
		lock_at(own2, F_WRLCK, 0, 1);
		tell_byte(ready[1]);
		printf("below: %s\n", wait_at(own, F_WRLCK, 0, 1) ? error_name(errno) : "0");
	});
	await_byte(ready[0]);
	until_waiting("file", 1);
	HOLDS(wait_at(fd2, F_WRLCK, 0, 1) == -1 && errno == EDEADLK);
	/* Without waiting it is only in the way. */
	SHOW(lock_at(fd2, F_WRLCK, 0, 1));
	lock_at(fd, F_UNLCK, 0, 0);
	show_end("two files", c);
	close(fd2);
	/* Nobody looks for it among locks of files. */
	int a = open("file", O_RDWR), b = open("file", O_RDWR);
	lock_call(a, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 1);
	lock_call(b, F_OFD_SETLK, F_WRLCK, SEEK_SET, 1, 1);
	c = CHILD(lock_call(a, F_OFD_SETLKW, F_WRLCK, SEEK_SET, 1, 1));
	until_waiting("file", 1);
	pid_t d = CHILD(lock_call(b, F_OFD_SETLKW, F_WRLCK, SEEK_SET, 0, 1));
	until_waiting("file", 2);
	kill(c, SIGKILL);
	kill(d, SIGKILL);
	show_end("file", c);
	show_end("file", d);
	close(a);
	close(b);
}

/* -- others that close, end, or become another program -- */

static void *close_it(void *arg)
{
	until_waiting("file", 1);
	close(*(int *)arg);
	tell_byte(go[1]);
	return NULL;
}

/* A thread closes the descriptor through which another waits. */
static void closed_meanwhile(void)
{
	pid_t holder = CHILD({
		int own = open("file", O_RDWR);
		lock_at(own, F_WRLCK, 0, 1);
		tell_byte(ready[1]);
		char x;
		(void)!read(go[0], &x, 1);
	});
	await_byte(ready[0]);
	int own = open("file", O_RDWR);
	pthread_t t;
	pthread_create(&t, NULL, close_it, &own);
	SHOW(wait_at(own, F_WRLCK, 0, 1));
	pthread_join(t, NULL);
	show_end("holder", holder);
	lock_ranges("file", "after the close");
}

static void *wait_for_it(void *arg)
{
	wait_at(*(int *)arg, F_WRLCK, 0, 1);
	return NULL;
}

static void ends(void)
{
	/* The process ends while one of its threads waits, and while it has what another waits for. */
	lock_at(fd, F_WRLCK, 0, 1);
	pid_t c = CHILD({
		int own = open("file", O_RDWR);
		pthread_t t;
		lock_at(own, F_WRLCK, 5, 1);
		pthread_create(&t, NULL, wait_for_it, &own);
		until_waiting("file", 1);
		tell_byte(ready[1]);
		char x;
		(void)!read(go[0], &x, 1);
		_exit(3);
	});
	await_byte(ready[0]);
	pid_t d = WAITER("its lock", wait_at(own, F_WRLCK, 5, 1));
	until_waiting("file", 2);
	tell_byte(go[1]);
	show_end("ended while a thread waited", c);
	show_end("waited for it", d);
	lock_at(fd, F_UNLCK, 0, 1);
	lock_ranges("file", "nothing is left");
	/* execve ends the thread that waits. */
	lock_at(fd, F_WRLCK, 0, 1);
	c = CHILD({
		int own = open("file", O_RDWR);
		pthread_t t;
		pthread_create(&t, NULL, wait_for_it, &own);
		until_waiting("file", 1);
		execl("/proc/self/exe", "self", "nothing", NULL);
	});
	show_end("became another while a thread waited", c);
	lock_at(fd, F_UNLCK, 0, 1);
	lock_ranges("file", "nothing is left");
}

/* -- many at once -- */

#define STORM_PROCESSES 6
#define STORM_ROUNDS 150

/* A number in the file is changed under a lock: no step is lost. */
static void storm_member(int i)
{
	int own = open("file", O_RDWR);
	unsigned seed = (unsigned)i + 1;

	for (int round = 0; round < STORM_ROUNDS; round++) {
		long n = 0;
		int kind = round % 3;
		int f = kind == 2 ? open("file", O_RDWR) : own;
		int r = kind == 0   ? flock(own, LOCK_EX)
			: kind == 1 ? wait_at(own, F_WRLCK, 64, 1)
				    : lock_call(f, F_OFD_SETLKW, F_WRLCK, SEEK_SET, 80, 1);
		if (r)
			printf("storm: %s\n", error_name(errno));
		(void)!pread(own, &n, sizeof(n), kind * 8);
		if (rand_r(&seed) % 8 == 0)
			sched_yield();
		n++;
		(void)!pwrite(own, &n, sizeof(n), kind * 8);
		if (kind == 0)
			flock(own, LOCK_UN);
		else if (kind == 1)
			lock_at(own, F_UNLCK, 64, 1);
		else
			lock_call(f, F_OFD_SETLK, F_UNLCK, SEEK_SET, 80, 1);
		/* After its lock was given back: closing would give back this process's. */
		if (f != own)
			close(f);
		/* Ranges that come and go beside it, and are sometimes in each other's way. */
		off_t at = 200 + rand_r(&seed) % 40;
		lock_at(own, rand_r(&seed) % 2 ? F_RDLCK : F_WRLCK, at, rand_r(&seed) % 20 + 1);
		lock_at(own, F_UNLCK, at + rand_r(&seed) % 5, rand_r(&seed) % 20 + 1);
	}
}

static void storm(void)
{
	pid_t c[STORM_PROCESSES];
	long n[3] = {0};

	SHOW(pwrite(fd, n, sizeof(n), 0));
	for (int i = 0; i < STORM_PROCESSES; i++)
		c[i] = CHILD(storm_member(i));
	for (int i = 0; i < STORM_PROCESSES; i++)
		show_end("storm", c[i]);
	SHOW(pread(fd, n, sizeof(n), 0));
	printf("counted %ld %ld %ld\n", n[0], n[1], n[2]);
	lock_ranges("file", "after the storm");
}

/* Processes with locks are killed while others wait for these. */
static void killed(void)
{
	for (int round = 0; round < 30; round++) {
		pid_t holder = CHILD({
			int own = open("file", O_RDWR);
			wait_at(own, F_WRLCK, 0, 10);
			flock(own, LOCK_EX);
			tell_byte(ready[1]);
			pause();
		});
		await_byte(ready[0]);
		pid_t a = CHILD({
			int own = open("file", O_RDWR);
			_exit(wait_at(own, F_WRLCK, 5, 1) ? 1 : 0);
		});
		pid_t b = CHILD({
			int own = open("file", O_RDWR);
			_exit(flock(own, LOCK_SH) ? 1 : 0);
		});
		if (round % 2)
			until_waiting("file", 1);
		kill(holder, SIGKILL);
		int bad = 0, status;
		waitpid(holder, &status, 0);
		bad += !WIFSIGNALED(status);
		waitpid(a, &status, 0);
		bad += status != 0;
		waitpid(b, &status, 0);
		bad += status != 0;
		if (bad)
			printf("killed, round %d: NO\n", round);
	}
	lock_ranges("file", "after the killing");
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return 0;
	fsabi_begin();
	put("file", "");
	fd = open("file", O_RDWR);
	if (pipe(ready) != 0 || pipe(go) != 0)
		return 1;
	released();
	several();
	signals();
	deadlocks();
	closed_meanwhile();
	ends();
	storm();
	killed();
	return 0;
}
