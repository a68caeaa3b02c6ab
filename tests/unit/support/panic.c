/* The host's panic(): cmocka's mock_assert(), which a test can expect. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/assert.h"
#include "unit.h"

static char text[512];

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	mock_assert(0, text, "panic", 0);
	abort();
}

const char *panic_text(void)
{
	return text;
}
