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
 * Lost lines. Those that found the ring full, that the port did not take, or whose writer a panic stopped are counted; the
 * owner says so in a line of its own, where they are missing. A line carries how many were dropped before it, for that.
 * Who must not lose any (a dump of thousands of lines) calls log_flush() now and then.
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
/* The port took a part of a line. The owner's. */
static bool torn;
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

/* False if the port did not take it all; the next that it takes is on a line of its own again. */
static bool write_port(const char *line, int length)
{
	if (torn && !serial_write("\n", 1))
		return false;
	torn = !serial_write(line, length);
	return !torn;
}

/* Says that lines are missing here, up to a number of all that were dropped. */
static void print_lost(u64 count)
{
	char note[48];
	u64 said = atomic64_load(&dropped_said);
	int length;

	if (count <= said)
		return;
	length = format(note, sizeof(note), "[%lu lines lost]\n", count - said);
	if (write_port(note, length))
		atomic64_store(&dropped_said, count);
}

static void print_entry(const struct log_entry *e)
{
	char line[LOG_TEXT_MAX + 32];
	u64 us = e->time_ns / NS_PER_US;
	int length;

	print_lost(e->dropped);
	if (e->level == LEVEL_RAW)
		length = format(line, sizeof(line), "%s\n", e->text);
	else
		length = format(line, sizeof(line), "[%5lu.%06lu] %s\n", us / 1000000, us % 1000000,
			e->text);
	if (!write_port(line, length))
		atomic64_fetch_add(&dropped, 1);
}

/* Is there a next line, and is it complete? Anyone. */
static bool next_is_there(void)
{
	u64 ticket = atomic64_load(&next_print);

	return atomic64_load(&ring[ticket % SLOTS].stamp) == ticket + 1;
}

/* Prints the next line; false if there is none yet. */
static bool print_next(void)
{
	u64 ticket = atomic64_load(&next_print);

	if (next_is_there())
		print_entry(&ring[ticket % SLOTS].entry);
	else if (READ_ONCE(port_taken) && ticket != atomic64_load(&next_ticket))
		/* Its writer was stopped for good. */
		atomic64_fetch_add(&dropped, 1);
	else
		return false;
	/* The slot is free from here on. */
	atomic64_store(&next_print, ticket + 1);
	return true;
}

/* All that is there. What was dropped last has no line behind it that says so; if a line is being written, its writer will
 * come here. */
static void print_pending(void)
{
	while (print_next())
		;
	if (atomic64_load(&next_print) == atomic64_load(&next_ticket))
		print_lost(atomic64_load(&dropped));
}

static void print_all(void)
{
	u64 seen;

	if (READ_ONCE(port_taken)) {
		print_pending();
		return;
	}
	do {
		/* W2 */
		if (atomic32_exchange(&port_busy, 1))
			return;
		/* Not what was said of it: a stuck port takes no word, and is no reason to stay here. */
		seen = atomic64_load(&dropped);
		print_pending();
		/* O1, and O2 in the condition. */
		atomic32_store(&port_busy, 0);
	} while (next_is_there() || atomic64_load(&dropped) != seen);
}

void log_flush(void)
{
	u64 end = atomic64_load(&next_ticket);

	/* Another CPU owns the port or is completing a line; neither waits for anybody. */
	while ((s64)(atomic64_load(&next_print) - end) < 0) {
		print_all();
		cpu_relax();
	}
}

void log_take_port(void)
{
	/* A line that its printer will never finish is ended for it. */
	if (!READ_ONCE(port_taken) && atomic32_exchange(&port_busy, 1))
		torn = true;
	WRITE_ONCE(port_taken, true);
	print_all();
}

void log_raw(const char *line)
{
	put_line(LEVEL_RAW, line);
	print_all();
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
	print_all();
}
