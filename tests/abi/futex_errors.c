// summary: futex: every command's errors for bad addresses, values, timeouts, operations and clocks
//
// Seen to fail: with the timeout read after the command was decoded, with nr_wake not checked for its
// sign, with FUTEX_WAKE of a shared word that does not look whether the page is there.
#include "abi.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <time.h>

#define FUTEX(...) syscall(SYS_futex, __VA_ARGS__)

static uint32_t word, other;
static char *hole, *readonly;

static const struct {
	const char *name;
	int op;
} commands[] = {
	{"WAIT", FUTEX_WAIT},
	{"WAKE", FUTEX_WAKE},
	{"FD", FUTEX_FD},
	{"REQUEUE", FUTEX_REQUEUE},
	{"CMP_REQUEUE", FUTEX_CMP_REQUEUE},
	{"WAKE_OP", FUTEX_WAKE_OP},
	{"LOCK_PI", FUTEX_LOCK_PI},
	{"UNLOCK_PI", FUTEX_UNLOCK_PI},
	{"TRYLOCK_PI", FUTEX_TRYLOCK_PI},
	{"WAIT_BITSET", FUTEX_WAIT_BITSET},
	{"WAKE_BITSET", FUTEX_WAKE_BITSET},
	{"WAIT_REQUEUE_PI", FUTEX_WAIT_REQUEUE_PI},
	{"CMP_REQUEUE_PI", FUTEX_CMP_REQUEUE_PI},
	{"LOCK_PI2", FUTEX_LOCK_PI2},
	{"14", 14},
	{"100", 100},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void tell(const char *what, const char *command, const char *how, long result)
{
	if (result == -1)
		printf("%s %s%s: %s\n", what, command, how, error_name(errno));
	else
		printf("%s %s%s: %ld\n", what, command, how, result);
}

/* One call of each command, private and shared, with the clock's flag and without. word is not 7, so
 * that waiting ends at once, and no thread's number. */
static void each(const char *what, void *first, void *second, uint64_t fourth)
{
	for (unsigned i = 0; i < COMMANDS; i++) {
		for (int flags = 0; flags < 4; flags++) {
			int op = commands[i].op | (flags & 1 ? FUTEX_PRIVATE_FLAG : 0) |
				 (flags & 2 ? FUTEX_CLOCK_REALTIME : 0);
			const char *how = flags == 0   ? ""
					  : flags == 1 ? " private"
					  : flags == 2 ? " realtime"
						       : " private realtime";
			word = 0x3ffffff0;
			other = 0;
			errno = 0;
			long r = FUTEX(first, op, 7, fourth, second, 9);
			tell(what, commands[i].name, how, r);
			printf("\t%x %x\n", word, other);
		}
	}
}

static void timeouts(int op, const char *name)
{
	static const struct timespec bad[] = {
		{-1, 0}, {0, -1}, {0, 1000000000}, {1, 2000000000}, {INT64_MIN, 0}, {0, INT64_MAX}};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		word = 1;
		errno = 0;
		tell("bad time", name, "", FUTEX(&word, op, 7, &bad[i], &other, 1));
	}
	struct timespec past = {0, 0}, negative_sum = {0, 1};
	word = 7;
	errno = 0;
	if (op != FUTEX_WAIT_REQUEUE_PI)
		tell("past", name, "", FUTEX(&word, op, 7, &past, &other, 1));
	word = 7;
	if (op == FUTEX_WAIT)
		tell("soon", name, "", FUTEX(&word, op, 7, &negative_sum, &other, 1));
	errno = 0;
	tell("no time there", name, "", FUTEX(&word, op, 7, hole, &other, 1));
}

int main(void)
{
	/* Below everything else, so that nothing comes to lie in it. */
	hole = mmap((void *)0x200000, 8192, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(hole, 4096);

	each("misaligned", (char *)&word + 2, &other, 0);
	each("kernel's", (void *)0xffffffff81000000, &other, 0);
	each("beyond", (void *)0x7fffffffffff, &other, 0);
	each("null", NULL, &other, 0);
	each("second misaligned", &word, (char *)&other + 1, 0);
	each("second kernel's", &word, (void *)0xffff888000000000, 0);
	each("bad timeout", &word, &other, 0xffff888000000000);
	each("same", &word, &word, 0);

	/* Owners that do not exist. */
	word = 0x3ffffff0;
	SHOW(FUTEX(&word, FUTEX_LOCK_PI, 0, NULL));
	printf("%x\n", word);
	word = 0x3ffffff0;
	SHOW(FUTEX(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	printf("%x\n", word);
	SHOW(FUTEX(&word, FUTEX_UNLOCK_PI, 0, NULL));
	other = 0x3ffffff0;
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE_PI, 1, 1, &other, word));

	/* One's own. */
	uint32_t tid = (uint32_t)syscall(SYS_gettid);
	word = 0;
	SHOW(FUTEX(&word, FUTEX_LOCK_PI, 0, NULL));
	HOLDS(word == tid);
	SHOW(FUTEX(&word, FUTEX_LOCK_PI, 0, NULL));
	SHOW(FUTEX(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	SHOW(FUTEX(&word, FUTEX_LOCK_PI2, 0, NULL));
	HOLDS(word == tid);
	SHOW(FUTEX(&word, FUTEX_UNLOCK_PI, 0));
	HOLDS(word == 0);
	SHOW(FUTEX(&word, FUTEX_UNLOCK_PI, 0));
	SHOW(FUTEX(&word, FUTEX_TRYLOCK_PI, 0));
	HOLDS(word == tid);
	word |= FUTEX_WAITERS;
	SHOW(FUTEX(&word, FUTEX_UNLOCK_PI, 0));
	HOLDS(word == 0);
	word = FUTEX_OWNER_DIED;
	SHOW(FUTEX(&word, FUTEX_LOCK_PI, 0, NULL));
	HOLDS(word == (tid | FUTEX_OWNER_DIED));
	SHOW(FUTEX(&word, FUTEX_UNLOCK_PI, 0));
	word = FUTEX_OWNER_DIED | FUTEX_WAITERS;
	SHOW(FUTEX(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	HOLDS((word & FUTEX_TID_MASK) == tid);
	printf("%x\n", word & ~FUTEX_TID_MASK);
	SHOW(FUTEX(&word, FUTEX_UNLOCK_PI, 0));
	word = FUTEX_WAITERS;
	SHOW(FUTEX(&word, FUTEX_LOCK_PI2, 0, NULL));
	printf("%x\n", word & ~FUTEX_TID_MASK);

	/* Memory that can be read only, that can't be read, and that was never touched. */
	SHOW(FUTEX(readonly, FUTEX_WAIT, 1, NULL));
	SHOW(FUTEX(readonly, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, NULL));
	SHOW(FUTEX(readonly, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
	SHOW(FUTEX(readonly, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL));
	SHOW(FUTEX(readonly, FUTEX_TRYLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL));
	SHOW(FUTEX(readonly, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL));
	SHOW(FUTEX(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 1, 1, readonly, 0));
	for (int page = 0; page < 2; page++) {
		char *at = hole + 4096 * page;
		SHOW(FUTEX(at, FUTEX_WAIT, 0, NULL));
		SHOW(FUTEX(at, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL));
		SHOW(FUTEX(at, FUTEX_WAKE, 1));
		SHOW(FUTEX(at, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
		SHOW(FUTEX(at, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL));
		SHOW(FUTEX(at, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL));
		SHOW(FUTEX(&word, FUTEX_WAKE_OP, 1, 1, at, 0));
		SHOW(FUTEX(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 1, 1, at, 0));
		SHOW(FUTEX(&word, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 1, at, 0));
		SHOW(FUTEX(&word, FUTEX_REQUEUE, 1, 1, at, 0));
		SHOW(FUTEX(at, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 1, &word, 0));
	}
	uint32_t *fresh =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW(FUTEX(fresh, FUTEX_WAIT, 1, NULL));
	SHOW(FUTEX(fresh, FUTEX_LOCK_PI, 1, NULL));
	HOLDS(*fresh == tid);

	/* Numbers of waiters. */
	word = 1;
	SHOW(FUTEX(&word, FUTEX_REQUEUE, -1, 1, &other, 0));
	SHOW(FUTEX(&word, FUTEX_REQUEUE, 1, -1, &other, 0));
	SHOW(FUTEX(&word, FUTEX_REQUEUE, 0, 0, &other, 0));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE, INT32_MIN, 1, &other, 1));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE, 1, INT32_MAX, &other, 1));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE, 1, INT32_MAX, &other, 2));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE_PI, 0, 1, &other, 1));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE_PI, 2, 1, &other, 1));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE_PI, 1, -1, &other, 1));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE_PI, 1, 0, &other, 1));
	SHOW(FUTEX(&word, FUTEX_CMP_REQUEUE_PI, 1, 5, &other, 2));
	SHOW(FUTEX(&word, FUTEX_WAKE, -1));
	SHOW(FUTEX(&word, FUTEX_WAKE, 0));
	SHOW(FUTEX(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	SHOW(FUTEX(&word, FUTEX_WAIT_BITSET, 2, NULL, NULL, 0));
	SHOW(FUTEX(&word, FUTEX_WAIT_BITSET, 2, NULL, NULL, 5));

	timeouts(FUTEX_WAIT, "WAIT");
	timeouts(FUTEX_WAIT_BITSET, "WAIT_BITSET");
	timeouts(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, "WAIT_BITSET realtime");
	timeouts(FUTEX_WAIT_REQUEUE_PI, "WAIT_REQUEUE_PI");
	return 0;
}
