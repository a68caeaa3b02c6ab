// summary: both ends of a FIFO are opened at the same time, again and again: each meets the other, however short it stays
//
// In each round one process writes a byte and goes, and another reads to the end. Who comes first is left to chance, with and without a head
// start.
//
// Seen to fail: with an end that looks for the other after it was counted instead of at that moment (one that waited for it had been there
// and gone): with --fuzz in the first seed, and a shell's pipeline on a busy machine.
#include "fsabi.h"

#include <stdbool.h>
#include <sys/wait.h>

#define ROUNDS 300

static const char *name = "fifo";

/* -- one end each; how many bytes passed -- */

static long write_one(void)
{
	int fd = open(name, O_WRONLY);
	ssize_t n = write(fd, "x", 1);

	close(fd);
	return n;
}

static long read_all(void)
{
	char bytes[16];
	int fd = open(name, O_RDONLY);
	ssize_t n, sum = 0;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		sum += n;
	close(fd);
	return n < 0 ? n : sum;
}

/* The rounds of a child: each begins with a byte from the parent, and ends with one to it. */
static void rounds(int from, int to, long (*end)(void))
{
	char byte;

	for (int i = 0; i < ROUNDS; i++)
		if (read(from, &byte, 1) != 1 || end() != 1 || write(to, &byte, 1) != 1)
			_exit(1);
	_exit(0);
}

/* The head start: the child sleeps, mostly in open(2). */
static bool meet(long (*child)(void), long (*parent)(void), bool head_start)
{
	int go[2], done[2], status, bad = 0;
	char byte = 'g';

	if (pipe(go) || pipe(done))
		return false;
	pid_t pid = fork();
	if (pid == 0)
		rounds(go[0], done[1], child);
	close(go[0]);
	close(done[1]);
	for (int i = 0; i < ROUNDS && !bad; i++) {
		bad = write(go[1], &byte, 1) != 1;
		if (head_start)
			until_state(pid, 'S');
		bad |= parent() != 1;
		bad |= read(done[0], &byte, 1) != 1;
	}
	close(go[1]);
	close(done[0]);
	return waitpid(pid, &status, 0) == pid && status == 0 && !bad;
}

int main(void)
{
	fsabi_begin();
	SHOW(mkfifo(name, 0600));
	HOLDS(meet(write_one, read_all, false));
	HOLDS(meet(read_all, write_one, false));
	HOLDS(meet(write_one, read_all, true));
	HOLDS(meet(read_all, write_one, true));
	SHOW(unlink(name));
	fsabi_end();
	return 0;
}
