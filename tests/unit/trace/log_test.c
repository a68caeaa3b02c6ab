/*
 * The log: the form of a line, levels, lines from several threads and from inside the printer, and what is lost when the
 * ring overflows or the port is stuck.
 *
 * Seen to fail: print_all() without its second look; claim_slot() that gives out
 * slots that wait to be printed; log_take_port() that stops at holes; log_flush() that does nothing; the log before it
 * had log_flush(), which lost the beginning of a dump (a_dump_beside_a_slow_printer) and never said so of the last lines; the
 * log that dropped what a stuck port did not take (stuck_port, slow_reader).
 */
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/atomic.h"

/* Another context that comes while the printer gives up the port: before, or right after. */
static void (*before_release)(void), (*after_release)(void);

static void store_and_interrupt(atomic32_t *a, u32 v)
{
	void (*before)(void) = v ? NULL : before_release, (*after)(void) = v ? NULL : after_release;

	before_release = after_release = NULL;
	if (before)
		before();
	atomic32_store(a, v);
	if (after)
		after();
}

#define atomic32_store store_and_interrupt
#define log_line kernel_log_line
#define log_enabled kernel_log_enabled
#define log_set_level kernel_log_set_level
// sources: kernel/lib/format.c kernel/lib/text.c
#include "../../../kernel/trace/log.c"
#undef atomic32_store

#include "fake_clock.h"

static char out[1 << 20];
static size_t out_length;
/* Called once, from inside serial_write(): another context that logs meanwhile. */
static void (*interrupt)(void);
/* Bytes that the port takes before it is stuck. */
static size_t port_room;

size_t serial_write(const char *bytes, size_t n)
{
	void (*fn)(void) = interrupt;
	size_t taken = MIN(n, port_room);

	assert_true(out_length + taken < sizeof(out));
	memcpy(out + out_length, bytes, taken);
	out_length += taken;
	port_room -= taken;
	interrupt = NULL;
	if (fn)
		fn();
	return taken;
}

static int fresh(void **state)
{
	memset(ring, 0, sizeof(ring));
	next_ticket.v = next_print.v = warnings.v = 0;
	port_busy.v = 0;
	port_taken = false;
	dropped.v = dropped_said.v = 0;
	memset(&given, 0, sizeof(given));
	port_room = SIZE_MAX;
	fake_now_ns = 0;
	out_length = 0;
	memset(out, 0, sizeof(out));
	interrupt = NULL;
	kernel_log_set_level(LOG_INFO);
	return 0;
}

static void form_of_a_line(void **state)
{
	fake_now_ns = 1234567;
	kernel_log_line(LOG_INFO, "mm", "%u MiB in %u frames", 31, 7936);
	assert_string_equal(out, "[    0.001234] mm: 31 MiB in 7936 frames\n");
	fake_now_ns = 98765 * NS_PER_SEC;
	kernel_log_line(LOG_WARN, "smp", "late");
	kernel_log_line(LOG_ERROR, "smp", "broken");
	log_raw("as it is");
	assert_string_equal(out, "[    0.001234] mm: 31 MiB in 7936 frames\n"
				 "[98765.000000] smp: warning: late\n"
				 "[98765.000000] smp: error: broken\n"
				 "as it is\n");
	assert_int_equal(log_warning_count(), 2);
}

static void levels(void **state)
{
	enum log_level level;

	kernel_log_line(LOG_DEBUG, "x", "not shown");
	assert_int_equal(out_length, 0);
	assert_true(log_level_parse("trace", &level));
	kernel_log_set_level(level);
	kernel_log_line(LOG_TRACE, "x", "shown");
	assert_non_null(strstr(out, "x: shown\n"));
	assert_true(log_level_parse("error", &level));
	kernel_log_set_level(level);
	assert_true(kernel_log_enabled(LOG_ERROR));
	assert_false(kernel_log_enabled(LOG_WARN));
	assert_false(log_level_parse("loud", &level));
}

static void long_lines_are_cut(void **state)
{
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	kernel_log_line(LOG_INFO, "s", "%s", text);
	assert_int_equal(out[out_length - 1], '\n');
	assert_in_range(out_length, LOG_TEXT_MAX, LOG_TEXT_MAX + 20);
}

static void nested_line(void)
{
	kernel_log_line(LOG_INFO, "nmi", "nested");
}

/* The interrupted printer prints the line that came meanwhile; nobody waits, nothing is mixed. */
static void line_from_inside_the_printer(void **state)
{
	interrupt = nested_line;
	kernel_log_line(LOG_INFO, "a", "outer");
	assert_string_equal(strstr(out, "a: outer\n") ? "" : out, "");
	assert_non_null(strstr(out, "nmi: nested\n"));
	assert_true(strstr(out, "outer") < strstr(out, "nested"));
}

/* The interrupted printer holds the port: only its second look finds the line. */
static void line_before_the_port_is_given_up(void **state)
{
	before_release = nested_line;
	kernel_log_line(LOG_INFO, "a", "outer");
	assert_non_null(strstr(out, "nested"));
	assert_int_equal(port_busy.v, 0);
}

static void line_after_the_port_is_given_up(void **state)
{
	after_release = nested_line;
	kernel_log_line(LOG_INFO, "a", "outer");
	assert_non_null(strstr(out, "nested"));
}

static void fill_the_ring(void)
{
	u64 i;

	for (i = 0; i < SLOTS + 3; i++)
		kernel_log_line(LOG_INFO, "fill", "%lu", i);
}

/* The printer is interrupted in the first line, so a ring less one have place; it tells of the rest, and where. */
static void lost_lines_are_said(void **state)
{
	interrupt = fill_the_ring;
	kernel_log_line(LOG_INFO, "a", "outer");
	assert_non_null(strstr(out, "fill: 254\n[4 lines lost]\n"));
	assert_null(strstr(out, "fill: 255"));
	assert_int_equal(log_lost_count(), 4);
	kernel_log_line(LOG_INFO, "a", "later");
	assert_non_null(strstr(out, "[4 lines lost]\n[    0.000000] a: later\n"));
}

/* A writer that is interrupted keeps its slot, and what others write meanwhile waits for it. */
static void slow_writer_keeps_its_slot(void **state)
{
	u64 ticket, i;
	struct log_slot *slot = claim_slot(&ticket);

	assert_non_null(slot);
	for (i = 1; i < SLOTS; i++)
		kernel_log_line(LOG_INFO, "x", "fill");
	kernel_log_line(LOG_INFO, "x", "dropped");
	assert_int_equal(log_lost_count(), 1);
	assert_int_equal(atomic64_load(&slot->stamp), 0);
	assert_null(strstr(out, "fill"));
	strcpy(slot->entry.text, "slow");
	slot->entry.level = LOG_INFO;
	atomic64_store(&slot->stamp, ticket + 1);
	print_all();
	assert_non_null(strstr(out, "slow\n[    0.000000] x: fill\n"));
	assert_null(strstr(out, "dropped"));
	assert_non_null(strstr(out, "fill\n[1 lines lost]\n"));
	for (i = 0; i < SLOTS; i++)
		kernel_log_line(LOG_INFO, "x", "more %lu", i);
	assert_non_null(strstr(out, "more 255\n"));
}

/* The reader of the port goes away in the middle of a line, and comes back. Nothing is missing. */
static void stuck_port(void **state)
{
	port_room = 20;
	kernel_log_line(LOG_INFO, "x", "torn line");
	kernel_log_line(LOG_INFO, "x", "not a byte of it");
	assert_int_equal(port_busy.v, 0);
	assert_false(log_flush());
	assert_string_equal(out, "[    0.000000] x: to");
	port_room = SIZE_MAX;
	kernel_log_line(LOG_INFO, "x", "back");
	assert_string_equal(out, "[    0.000000] x: torn line\n[    0.000000] x: not a byte of it\n"
				 "[    0.000000] x: back\n");
	assert_true(log_flush());
	assert_int_equal(log_lost_count(), 0);
}

/* The port takes a few bytes a time: a dump that waits for it is complete. */
static void slow_reader(void **state)
{
	char want[32];
	u64 i, waits = 0;

	for (i = 0; i < 2 * SLOTS; i++) {
		port_room = 7;
		kernel_log_line(LOG_INFO, "init", "<%lu>", i);
		for (; !log_flush(); waits++)
			port_room = 7;
	}
	assert_true(waits > 2 * SLOTS);
	assert_int_equal(log_lost_count(), 0);
	for (i = 0; i < 2 * SLOTS; i++) {
		sprintf(want, "init: <%lu>\n[", i);
		if (i < 2 * SLOTS - 1)
			assert_non_null(strstr(out, want));
	}
}

/* Stuck for longer than the ring lasts: what found no place is counted once, and said where it is missing. */
static void stuck_for_long(void **state)
{
	u64 i;

	port_room = 0;
	for (i = 0; i < SLOTS + 5; i++)
		kernel_log_line(LOG_INFO, "x", "<%lu>", i);
	assert_int_equal(log_lost_count(), 5);
	/* The note doesn't fit at once, either. */
	for (; !log_flush(); port_room = 1)
		;
	port_room = SIZE_MAX;
	kernel_log_line(LOG_INFO, "x", "back");
	assert_non_null(strstr(out, "x: <255>\n[5 lines lost]\n[    0.000000] x: back\n"));
	assert_int_equal(log_lost_count(), 5);
}

/* A panic on another CPU, or in the printer itself: the line that was being given stands there whole. */
static void panic_while_a_line_is_given(void **state)
{
	port_room = 20;
	kernel_log_line(LOG_INFO, "x", "torn line");
	atomic32_store(&port_busy, 1);
	port_room = SIZE_MAX;
	log_take_port();
	assert_string_equal(out, "[    0.000000] x: to\n[    0.000000] x: torn line\n");
}

static void panic_prints_what_is_there(void **state)
{
	u64 ticket;

	put_line(LOG_INFO, "before");
	/* Its writer was stopped. */
	assert_non_null(claim_slot(&ticket));
	put_line(LOG_INFO, "after");
	/* So was the printer. */
	atomic32_store(&port_busy, 1);
	log_take_port();
	assert_non_null(strstr(out, "before\n"));
	assert_non_null(strstr(out, "after\n"));
	log_raw("airlock-fatal: words");
	assert_non_null(strstr(out, "\nairlock-fatal: words\n"));
}

/* Holds the port for as long as the other thread logs, as a CPU that the host does not run. */
static void hold_the_port(void)
{
	struct timespec while_others_log = {.tv_nsec = 20000000};

	nanosleep(&while_others_log, NULL);
}

static void *slow_printer(void *arg)
{
	interrupt = hold_the_port;
	kernel_log_line(LOG_DEBUG, "time", "one line");
	return NULL;
}

/* What went wrong in crossing/ring3-enosys: a dump longer than the ring while another CPU owns the port. */
static void a_dump_beside_a_slow_printer(void **state)
{
	pthread_t printer;
	char want[32];
	u64 i;

	kernel_log_set_level(LOG_DEBUG);
	assert_int_equal(pthread_create(&printer, NULL, slow_printer, NULL), 0);
	while (!atomic32_load(&port_busy) && !out_length)
		cpu_relax();
	for (i = 0; i < 2 * SLOTS; i++) {
		kernel_log_line(LOG_INFO, "init", "<%lu>", i);
		log_flush();
	}
	pthread_join(printer, NULL);
	assert_int_equal(log_lost_count(), 0);
	for (i = 0; i < 2 * SLOTS; i++) {
		sprintf(want, "<%lu>\n", i);
		assert_non_null(strstr(out, want));
	}
}

#define THREADS 4
#define LINES 2000

static void *chatter(void *arg)
{
	u64 i;

	for (i = 0; i < LINES; i++) {
		kernel_log_line(LOG_INFO, "t", "<%lu %lu>", (u64)arg, i);
		/* So that some runs overflow and some don't. */
		if (i / 500 % 2 == 0)
			log_flush();
	}
	return NULL;
}

/* Every printed line is whole, in its thread's order, and what is missing was counted as lost. */
static void threads(void **state)
{
	pthread_t thread[THREADS];
	u64 next[THREADS] = {0}, i, who, n, whole = 0, gaps = 0, missing;
	char *line, *rest = out;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, chatter, (void *)i), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(port_busy.v, 0);
	while ((line = strsep(&rest, "\n")) && *line) {
		if (strstr(line, " lines lost]")) {
			assert_int_equal(sscanf(line, "[%lu", &missing), 1);
			gaps += missing;
			continue;
		}
		assert_int_equal(sscanf(line, "[%*[^]]] t: <%lu %lu>", &who, &n), 2);
		assert_true(who < THREADS && n >= next[who]);
		next[who] = n + 1;
		whole++;
	}
	assert_int_equal(whole + gaps, THREADS * LINES);
	assert_int_equal(gaps, log_lost_count());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(form_of_a_line, fresh),
		cmocka_unit_test_setup(levels, fresh),
		cmocka_unit_test_setup(long_lines_are_cut, fresh),
		cmocka_unit_test_setup(line_from_inside_the_printer, fresh),
		cmocka_unit_test_setup(line_before_the_port_is_given_up, fresh),
		cmocka_unit_test_setup(line_after_the_port_is_given_up, fresh),
		cmocka_unit_test_setup(lost_lines_are_said, fresh),
		cmocka_unit_test_setup(stuck_port, fresh),
		cmocka_unit_test_setup(slow_reader, fresh),
		cmocka_unit_test_setup(stuck_for_long, fresh),
		cmocka_unit_test_setup(panic_while_a_line_is_given, fresh),
		cmocka_unit_test_setup(a_dump_beside_a_slow_printer, fresh),
		cmocka_unit_test_setup(slow_writer_keeps_its_slot, fresh),
		cmocka_unit_test_setup(panic_prints_what_is_there, fresh),
		cmocka_unit_test_setup(threads, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
