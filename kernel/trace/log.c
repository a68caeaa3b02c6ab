/*
 * The log's ring in memory and the way from there to the serial port.
 *
 * Writing. A line draws a ticket from next_ticket; ticket t belongs in slot t modulo SLOTS. The slot's stamp says whose it
 * is: 2t+1 while line t is being written, 2t+2 once it is complete, 0 at first. A writer takes the slot by moving the
 * stamp from a complete older line to 2t+1; if an older line is still being written there (its writer was interrupted for a
 * whole round of the ring) the new line is dropped. So nobody waits, and no two writers share a slot.
 *
 * Printing. The port belongs to whoever moved port_busy from 0 to 1, and is given up when the next line is not there yet. A
 * line can't be left unprinted: its writer completes it (W1) and then tries for the port (W2); the owner gives the port up
 * (O1) and then looks for one more line (O2). All four are sequentially consistent, so either W2 finds the port free, or
 * O1 came after W2 and O2 sees the line.
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

#define SLOTS 256
/* Printed always and as it stands. */
#define LEVEL_RAW 0xff

struct log_entry {
	u64 time_ns;
	u8 level;
	char text[LOG_TEXT_MAX - 1];
};

struct log_slot {
	atomic64_t stamp;
	struct log_entry entry;
};

static struct log_slot ring[SLOTS];
static atomic64_t next_ticket;
static atomic32_t port_busy;
/* The next ticket to print, and how many lines since the last printed one were lost. Written by the port's owner. */
static atomic64_t next_print;
static u64 lost;
static atomic32_t log_level = {LOG_INFO};
static atomic64_t warnings;
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

/* -- writing -- */

/* The slot for a new line and its ticket, or NULL. */
static struct log_slot *claim_slot(u64 *ticket)
{
	struct log_slot *slot;
	u64 stamp;

	*ticket = atomic64_fetch_add(&next_ticket, 1);
	slot = &ring[*ticket % SLOTS];
	stamp = atomic64_load(&slot->stamp);
	do {
		if (stamp & 1 || stamp > 2 * *ticket)
			return NULL;
	} while (!atomic64_compare_exchange(&slot->stamp, &stamp, 2 * *ticket + 1));
	return slot;
}

static void put_line(u8 level, const char *text)
{
	u64 ticket;
	struct log_slot *slot = claim_slot(&ticket);

	if (!slot)
		return;
	slot->entry.time_ns = clock_now_ns();
	slot->entry.level = level;
	string_copy(slot->entry.text, text, sizeof(slot->entry.text));
	/* W1 */
	atomic64_store(&slot->stamp, 2 * ticket + 2);
}

/* -- printing -- */

enum line_state { LINE_READY, LINE_MISSING, LINE_LOST };

static enum line_state read_line(u64 ticket, struct log_entry *out)
{
	struct log_slot *slot = &ring[ticket % SLOTS];
	u64 stamp = atomic64_load(&slot->stamp);

	if (stamp < 2 * ticket + 2) {
		/* Not complete. It never will be if it was dropped: give up on it half a ring later. */
		bool dropped = atomic64_load(&next_ticket) - ticket > SLOTS / 2;
		return dropped || READ_ONCE(port_taken) ? LINE_LOST : LINE_MISSING;
	}
	*out = slot->entry;
	/* The copy is complete before the stamp is read again. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return atomic64_load(&slot->stamp) == 2 * ticket + 2 ? LINE_READY : LINE_LOST;
}

static void print_entry(const struct log_entry *e)
{
	char line[LOG_TEXT_MAX + 32];
	u64 us = e->time_ns / NS_PER_US;
	int length;

	if (e->level == LEVEL_RAW)
		length = format(line, sizeof(line), "%s\n", e->text);
	else if (log_enabled(e->level))
		length = format(line, sizeof(line), "[%5lu.%06lu] %s\n", us / 1000000, us % 1000000,
			e->text);
	else
		return;
	serial_write(line, length);
}

/* Prints the next line; false if there is none yet. The port's owner only. */
static bool print_next(void)
{
	u64 ticket = atomic64_load(&next_print);
	struct log_entry e;
	char note[40];
	enum line_state state;

	if (ticket == atomic64_load(&next_ticket))
		return false;
	state = read_line(ticket, &e);
	if (state == LINE_MISSING)
		return false;
	atomic64_store(&next_print, ticket + 1);
	if (state == LINE_LOST) {
		lost++;
		return true;
	}
	if (lost)
		serial_write(note, format(note, sizeof(note), "[%lu lines lost]\n", lost));
	lost = 0;
	print_entry(&e);
	return true;
}

static bool next_is_there(void)
{
	u64 ticket = atomic64_load(&next_print);

	return ticket != atomic64_load(&next_ticket) &&
	       atomic64_load(&ring[ticket % SLOTS].stamp) >= 2 * ticket + 2;
}

static void print_all(void)
{
	if (READ_ONCE(port_taken)) {
		while (print_next())
			;
		return;
	}
	do {
		/* W2 */
		if (atomic32_exchange(&port_busy, 1))
			return;
		while (print_next())
			;
		/* O1, and O2 in the condition. */
		atomic32_store(&port_busy, 0);
	} while (next_is_there());
}

void log_take_port(void)
{
	/* A line that its printer will never finish is ended for it. */
	if (!READ_ONCE(port_taken) && atomic32_exchange(&port_busy, 1))
		serial_write("\n", 1);
	WRITE_ONCE(port_taken, true);
	print_all();
}

void log_raw(const char *line)
{
	put_line(LEVEL_RAW, line);
	print_all();
}

void log_line(enum log_level level, const char *subsystem, const char *format_string, ...)
{
	static const char *const marks[] = {"error: ", "warning: "};
	char text[LOG_TEXT_MAX];
	va_list args;
	int length;

	if (level <= LOG_WARN)
		atomic64_fetch_add(&warnings, 1);
	length = format(text, sizeof(text), "%s: %s", subsystem,
		level < ARRAY_SIZE(marks) ? marks[level] : "");
	if (length < LOG_TEXT_MAX) {
		va_start(args, format_string);
		format_v(text + length, sizeof(text) - length, format_string, args);
		va_end(args);
	}
	put_line(level, text);
	print_all();
}
