/*
 * The kernel's log. Lines go to a ring in memory and, at or below the level of `loglevel=`, to the serial port.
 *
 * Any context, NMI included: a line is formatted into a buffer of the caller's, put into the ring without a lock, and
 * printed by whoever gets the port; nobody waits for another printer (hazard B30). What finds no place is counted, and the
 * log says how many lines are missing, and where.
 *
 * Each file that logs defines LOG_SUBSYSTEM before including this: #define LOG_SUBSYSTEM "mm". A line looks like
 *     [    0.001234] mm: 31 MiB in 7936 frames
 * and carries "warning: " or "error: " before the text at those levels.
 */
#ifndef TRACE_LOG_H
#define TRACE_LOG_H

#include "lib/compiler.h"
#include "lib/types.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

/* Longest text of a line, with its NUL; the rest is cut off. */
#define LOG_TEXT_MAX 240

void log_line(enum log_level level, const char *subsystem, const char *format, ...)
	PRINTF_LIKE(3, 4);
bool log_enabled(enum log_level level);
void log_set_level(enum log_level level);
/* "error", "warn", "info", "debug", "trace" into *level; false for any other word. */
bool log_level_parse(const char *word, enum log_level *level);

/* How many warnings and errors there were so far: tests expect none. Any context. */
u64 log_warning_count(void);

/* How many lines found the ring full so far and will never be printed. The log says where they are missing. Any context. */
u64 log_lost_count(void);

/* Waits until all that was logged so far is printed; false if the port is stuck before that: it keeps the rest, and the caller
 * may sleep and call again. For those who log much (a line finds no place while 256 wait for the port). Thread context or
 * start-up, interrupts on, no spinlock held: the port's owner may need any. */
bool log_flush(void);

/* Prints what the ring holds and was not printed yet, and from then on prints every line at once, whoever had the port. For
 * panic(), with the other CPUs stopped. */
void log_take_port(void);
/* One line to the port, without time or subsystem, after everything logged so far; also any context. */
void log_raw(const char *line);

#define log_error(...) log_line(LOG_ERROR, LOG_SUBSYSTEM, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, LOG_SUBSYSTEM, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, LOG_SUBSYSTEM, __VA_ARGS__)
#define log_debug(...)                                                   \
	do {                                                             \
		if (UNLIKELY(log_enabled(LOG_DEBUG)))                    \
			log_line(LOG_DEBUG, LOG_SUBSYSTEM, __VA_ARGS__); \
	} while (0)
#define log_trace(...)                                                   \
	do {                                                             \
		if (UNLIKELY(log_enabled(LOG_TRACE)))                    \
			log_line(LOG_TRACE, LOG_SUBSYSTEM, __VA_ARGS__); \
	} while (0)

/* Ends the machine with POWER_REFUSED after the line `airlock-fatal: ...`: for what the user can mend (missing CPU
 * feature, too little memory). panic() in lib/assert.h is for our own mistakes. */
NORETURN COLD void refuse_start(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
