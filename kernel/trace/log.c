/*
 * The log's ring in memory and the way from there to the serial port.
 *
 * Writing. A line takes the next ticket; ticket t owns slot t modulo SLOTS until it has been printed, so a ticket is only
 * given out while fewer than SLOTS are unprinted. If there is none, the line is dropped and counted in `dropped`: nobody
 * waits, and nothing that has a ticket can be lost. The slot's stamp becomes t + 1 when the line is complete.
 *
 * Printing. The port belongs to whoever moved port_busy from 0 to 1, and is given up when the next line is not there yet. A
 * line can't be left unprinted: its writer completes it (W1) and then tries for the port (W2); the owner gives the port up
 * (O1) and then looks for one more line (O2). All four are sequentially consistent, so either W2 finds the port free, or
 * O1 came after W2 and O2 sees the line. The same holds for a dropped line, where W1 is the counting, and O2 looks at
 * the count, too.
 *
 * A stuck port. A host that does not read leaves the port stuck, in the middle of a line. The owner gives it up then as well, and
 * whoever owns it next goes on with the byte that was not taken (`given`): so a slow reader loses nothing. Nobody looks for
 * lines then before the next one is logged or log_flush() is called.
 *
 * Lost lines. Those that found the ring full, or whose writer a panic stopped, are counted; the owner says so in a line of
 * its own, where they are missing. A line carries how many were dropped before it, for that. Who must not lose any (a dump
 * of thousands of lines) calls log_flush() after each, and waits while that says that the port is stuck.
 *
 * NMI: an NMI that interrupts the owner on its own CPU fails to get the port and leaves its line for the owner.
 */
#include "trace/log.h"

#include "arch/clock.h"
#include "arch/irqflags.h"
#include "arch/serial.h"
#include "lib/atomic.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sync/fuzz.h"

#define SLOTS 256
/* Printed always and as it stands. */
#define LEVEL_RAW 0xff

struct log_entry {
	u64 time_ns;
	u64 dropped; /* of all lines so far, when this one got its ticket */
	u8 level;
	char text[LOG_TEXT_MAX];
};

struct log_slot {
	atomic64_t stamp;
	struct log_entry entry;
};

static struct log_slot ring[SLOTS];
static atomic64_t next_ticket;
static atomic32_t port_busy;
/* The next ticket to print. Written by the port's owner. */
static atomic64_t next_print;
/* How many lines were lost, and of how many of them the log says so. The second is written by the port's owner. */
static atomic64_t dropped;
static atomic64_t dropped_said;
static atomic32_t log_level = {LOG_INFO};
static atomic64_t warnings;
/* What the port is being given, and what is true when it has all of that. The owner's. */
static struct {
	char text[LOG_TEXT_MAX + 32];
	size_t length; /* 0: nothing */
	size_t taken;
	u64 printed; /* next_print */
	u64 said;    /* dropped_said */
} given;
/* A panic owns the port for good; no other CPU runs. */
static bool port_taken;

bool log_enabled(enum log_level level)
{
	/* A single word that nothing else depends on. */
	return level <= atomic32_load_relaxed(&log_level);
}

void log_set_level(enum log_level level)
{
	atomic32_store_relaxed(&log_level, level);
}

bool log_level_parse(const char *word, enum log_level *level)
{
	static const char *const words[] = {"error", "warn", "info", "debug", "trace"};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0) {
			*level = i;
			return true;
		}
	return false;
}

u64 log_warning_count(void)
{
	return atomic64_load_relaxed(&warnings);
}

u64 log_lost_count(void)
{
	return atomic64_load_relaxed(&dropped);
}

/* -- writing -- */

/* The slot for a new line and its ticket, or NULL: all slots have lines that wait for the port. */
static struct log_slot *claim_slot(u64 *ticket)
{
	*ticket = atomic64_load(&next_ticket);
	do {
		/* Signed: others may have moved both on since; then the exchange fails. */
		if ((s64)(*ticket - atomic64_load(&next_print)) >= SLOTS)
			return NULL;
	} while (!atomic64_compare_exchange(&next_ticket, ticket, *ticket + 1));
	return &ring[*ticket % SLOTS];
}

static void put_line(u8 level, const char *text)
{
	u64 ticket;
	struct log_slot *slot = claim_slot(&ticket);

	if (!slot) {
		/* W1 */
		atomic64_fetch_add(&dropped, 1);
		return;
	}
	slot->entry.time_ns = clock_now_ns();
	slot->entry.dropped = atomic64_load(&dropped);
	slot->entry.level = level;
	string_copy(slot->entry.text, text, sizeof(slot->entry.text));
	/* W1 */
	atomic64_store(&slot->stamp, ticket + 1);
}

/* -- printing: the port's owner only -- */

/* Gives the port what it has not taken yet; false if it is stuck. */
static bool give_rest(void)
{
	if (!given.length)
		return true;
	given.taken += serial_write(given.text + given.taken, given.length - given.taken);
	if (given.taken < given.length)
		return false;
	given.length = 0;
	atomic64_store(&dropped_said, given.said);
	/* The slot is free from here on. */
	atomic64_store(&next_print, given.printed);
	return true;
}

static bool give(int length, u64 printed, u64 said)
{
	given.length = (size_t)length;
	given.taken = 0;
	given.printed = printed;
	given.said = said;
	return give_rest();
}

static bool give_entry(const struct log_entry *e, u64 ticket)
{
	u64 us = e->time_ns / NS_PER_US;
	int length;

	if (e->level == LEVEL_RAW)
		length = format(given.text, sizeof(given.text), "%s\n", e->text);
	else
		length = format(given.text, sizeof(given.text), "[%5lu.%06lu] %s\n", us / 1000000,
			us % 1000000, e->text);
	return give(length, ticket + 1, atomic64_load(&dropped_said));
}

/* Says that lines are missing before this ticket's, up to a number of all that were dropped. */
static bool give_lost(u64 count, u64 ticket)
{
	int length = format(given.text, sizeof(given.text), "[%lu lines lost]\n",
		count - atomic64_load(&dropped_said));

	return give(length, ticket, count);
}

/* Is there a next line, and is it complete? Anyone. */
static bool next_is_there(void)
{
	u64 ticket = atomic64_load(&next_print);

	return atomic64_load(&ring[ticket % SLOTS].stamp) == ticket + 1;
}

/* How many dropped lines are to be told of before the next one. What was dropped last has no line behind it that says so; if
 * a line is being written, its writer will come here. */
static u64 dropped_before(u64 ticket, bool there)
{
	if (there)
		return ring[ticket % SLOTS].entry.dropped;
	return ticket == atomic64_load(&next_ticket) ? atomic64_load(&dropped) : 0;
}

/* Prints the next line; false if there is none yet, or the port is stuck. */
static bool print_next(void)
{
	u64 ticket, lost;
	bool there;

	if (!give_rest())
		return false;
	ticket = atomic64_load(&next_print);
	there = next_is_there();
	lost = dropped_before(ticket, there);
	if (lost > atomic64_load(&dropped_said))
		return give_lost(lost, ticket);
	if (there)
		return give_entry(&ring[ticket % SLOTS].entry, ticket);
	if (!READ_ONCE(port_taken) || ticket == atomic64_load(&next_ticket))
		return false;
	/* Its writer was stopped for good. */
	atomic64_fetch_add(&dropped, 1);
	atomic64_store(&next_print, ticket + 1);
	return true;
}

/* All that is there; false if the port is stuck. */
static bool print_pending(void)
{
	while (print_next())
		;
	return !given.length;
}

/* False if the port is stuck; true also if somebody else has it. */
static bool print_all(void)
{
	bool taking;
	u64 seen;

	if (READ_ONCE(port_taken))
		return print_pending();
	do {
		/* W2 */
		if (atomic32_exchange(&port_busy, 1))
			return true;
		/* Not what was said of it: a line that is being written may be before it. */
		seen = atomic64_load(&dropped);
		taking = print_pending();
		/* O1, and O2 in the condition. */
		atomic32_store(&port_busy, 0);
	} while (taking && (next_is_there() || atomic64_load(&dropped) != seen));
	return taking;
}

bool log_flush(void)
{
	u64 end = atomic64_load(&next_ticket);

	/* Another CPU owns the port or is completing a line; neither waits for anybody. */
	while ((s64)(atomic64_load(&next_print) - end) < 0) {
		if (!print_all())
			return false;
		cpu_relax();
	}
	return true;
}

void log_take_port(void)
{
	if (!READ_ONCE(port_taken) && atomic32_exchange(&port_busy, 1)) {
		/* A line that its printer will never finish is ended for it, and printed anew. */
		given.text[0] = '\n';
		(void)give(1, atomic64_load(&next_print), atomic64_load(&dropped_said));
	}
	WRITE_ONCE(port_taken, true);
	(void)print_all();
}

void log_raw(const char *line)
{
	put_line(LEVEL_RAW, line);
	(void)print_all();
}

/* What it takes to see the same again. */
static void add_seed(char text[LOG_TEXT_MAX])
{
	size_t length = MIN(strlen(text), (size_t)(LOG_TEXT_MAX - FUZZ_TEXT_MAX));

	fuzz_describe(text + length, LOG_TEXT_MAX - length);
}

void log_line(enum log_level level, const char *subsystem, const char *format_string, ...)
{
	static const char *const marks[] = {"error: ", "warning: "};
	char text[LOG_TEXT_MAX];
	va_list args;
	int length;

	if (level <= LOG_WARN)
		atomic64_fetch_add(&warnings, 1);
	if (!log_enabled(level))
		return;
	length = format(text, sizeof(text), "%s: %s", subsystem,
		level < ARRAY_SIZE(marks) ? marks[level] : "");
	if (length < LOG_TEXT_MAX) {
		va_start(args, format_string);
		format_v(text + length, sizeof(text) - length, format_string, args);
		va_end(args);
	}
	if (UNLIKELY(level <= LOG_WARN) && fuzz_on())
		add_seed(text);
	put_line(level, text);
	(void)print_all();
}
