/*
 * Messages.  Each is composed in memory and written with one call, so that lines of commands which
 * run side by side are never mixed, and control characters in it are replaced: part of the text may
 * come from the program in the VM, which is not to be trusted with the user's terminal.
 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void __attribute__((format(printf, 1, 0))) message_write(const char *format, va_list args)
{
	static const char prefix[] = "airlock: ";
	char line[4096];
	size_t start = sizeof(prefix) - 1;
	memcpy(line, prefix, start);
	vsnprintf(line + start, sizeof(line) - start - 1, format, args);

	size_t length = strlen(line);
	for (size_t i = start; i < length; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[length++] = '\n';
	/* Nothing is left to do for a message that cannot be shown. */
	if (write(STDERR_FILENO, line, length) < 0)
		return;
}

void message(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	message_write(format, args);
	va_end(args);
}

int message_fail(int status, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	message_write(format, args);
	va_end(args);
	return status;
}
