/*
 * printf-style formatting into a buffer: d i u x X o c s p %, with flags - 0 + # and space, width, precision
 * (both may be *), and lengths hh h l ll z t. No floating point. The result is always NUL-terminated when
 * size > 0; the return value is the length that a large enough buffer would hold, as snprintf's.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include "lib/compiler.h"
#include "lib/types.h"

int format_v(char *buffer, size_t size, const char *format, va_list args);
int format(char *buffer, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
