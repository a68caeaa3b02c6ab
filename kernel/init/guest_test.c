/* Runs the in-kernel tests. */
#define LOG_SUBSYSTEM "test"
#include "init/guest_test.h"

#include "dev/console.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/leak.h"
#include "sync/fuzz.h"
#include "trace/log.h"

extern const struct guest_test __guest_tests_start[], __guest_tests_end[];
extern const struct guest_test __planted_start[], __planted_end[];

#define TESTS_MAX 512

static u64 run_seed;
/* The first failure of the running test. Written by any thread of the test: whoever turns `failed` from 0 owns the text. */
static atomic32_t failed;
static char failure[160];
/* The running test's thread only. */
static bool skipped;

u64 guest_test_seed(void)
{
	return run_seed;
}

void guest_test_fail(const char *file, int line, const char *what)
{
	u32 expected = 0;
	if (atomic32_compare_exchange(&failed, &expected, 1))
		format(failure, sizeof(failure), "%s:%d: %s", file, line, what);
}

bool guest_test_skip_fuzzed(void)
{
	skipped = fuzz_on();
	return skipped;
}

/* xorshift64*: only for the order of the tests. */
static u64 next_random(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

static u32 collect(const char *glob, const struct guest_test *order[])
{
	u32 n = 0;
	for (const struct guest_test *t = __guest_tests_start;
		t < __guest_tests_end && n < TESTS_MAX; t++)
		if (string_glob(glob, t->name))
			order[n++] = t;
	return n;
}

static void shuffle(const struct guest_test *order[], u32 n, u64 seed)
{
	u64 state = seed | 1;
	for (u32 i = n; i > 1; i--) {
		u32 j = (u32)(next_random(&state) % i);
		const struct guest_test *t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
}

static bool run_one(const struct guest_test *t)
{
	atomic32_store(&failed, 0);
	failure[0] = '\0';
	skipped = false;
	/* The log of a VM that hangs ends with it. */
	log_info("%s", t->name);
	t->run();
	bool ok = atomic32_load(&failed) == 0;
	if (!ok)
		log_error("%s failed: %s (seed=%lu)", t->name, failure, run_seed);
	console_event(
		"{\"event\":\"test\",\"name\":\"%s\",\"result\":\"%s\",\"why\":\"%s\",\"seed\":%lu}\n",
		t->name,
		skipped ? "skip"
		: ok	? "pass"
			: "fail",
		skipped ? "schedule fuzzing disturbs it" : failure, run_seed);
	return ok;
}

int guest_test_run(const char *glob, u64 seed)
{
	static const struct guest_test *order[TESTS_MAX];
	run_seed = seed;
	u32 n = collect(glob, order);
	if (n == 0)
		return -ENOENT;
	shuffle(order, n, seed);
	int failures = 0;
	for (u32 i = 0; i < n; i++)
		failures += !run_one(order[i]);
	return failures;
}

int guest_test_plant(const char *name)
{
	for (const struct guest_test *t = __planted_start; t < __planted_end; t++) {
		if (strcmp(name, t->name) != 0)
			continue;
		u64 before = log_warning_count();
		leak_begin();
		t->run();
		leak_report();
		bool noticed = log_warning_count() != before;
		console_event("{\"event\":\"test\",\"name\":\"%s\",\"result\":\"%s\","
			      "\"why\":\"the planted bug was not noticed\",\"seed\":0}\n",
			name, noticed ? "pass" : "fail");
		return !noticed;
	}
	return -ENOENT;
}
