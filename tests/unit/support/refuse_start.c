/* The host's refuse_start(): a panic that a test can expect. */
#include <stdio.h>

#include "lib/assert.h"
#include "trace/log.h"

void refuse_start(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	panic("airlock-fatal: %s", text);
}
