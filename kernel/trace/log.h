/*
 * The kernel's log. Lines go to a ring in memory and, at or below the level of `loglevel=`, to the serial port.
 *
 * Any context, NMI included: a line is formatted into a buffer of the caller's, put into the ring without a lock, and
 * printed by whoever gets the port; nobody waits for another printer (hazard B30).
 *
 * Each file that logs defines LOG_SUBSYSTEM before including this: #define LOG_SUBSYSTEM "mm". A line looks like
 *     [    0.001234] mm: 31 MiB in 7936 frames
 */
#ifndef TRACE_LOG_H
#define TRACE_LOG_H

#include "lib/compiler.h"
#include "lib/types.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

void log_line(enum log_level level, const char *subsystem, const char *format, ...) PRINTF_LIKE(3, 4);
bool log_enabled(enum log_level level);
void log_set_level(enum log_level level);

#define log_error(...) log_line(LOG_ERROR, LOG_SUBSYSTEM, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, LOG_SUBSYSTEM, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, LOG_SUBSYSTEM, __VA_ARGS__)
#define log_debug(...)                                                                             \
	do {                                                                                       \
		if (UNLIKELY(log_enabled(LOG_DEBUG)))                                              \
			log_line(LOG_DEBUG, LOG_SUBSYSTEM, __VA_ARGS__);                           \
	} while (0)

/* Ends the machine with POWER_REFUSED after the line `airlock-fatal: ...`: for what the user can mend (missing CPU
 * feature, too little memory). panic() in lib/assert.h is for our own mistakes. */
NORETURN COLD void refuse_start(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
