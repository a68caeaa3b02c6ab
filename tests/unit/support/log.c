/* The host's log. */
#include "trace/log.h"

#include <stdio.h>

#include "fake_log.h"

char fake_log_last[512];
unsigned fake_log_count;

void log_line(enum log_level level, const char *subsystem, const char *format, ...)
{
	va_list args;
	int n = snprintf(fake_log_last, sizeof(fake_log_last), "%d %s: ", level, subsystem);

	va_start(args, format);
	vsnprintf(fake_log_last + n, sizeof(fake_log_last) - (size_t)n, format, args);
	va_end(args);
	fake_log_count++;
}

bool log_enabled(enum log_level level)
{
	return true;
}

void log_set_level(enum log_level level)
{
}
