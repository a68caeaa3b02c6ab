/* Each call's name and types come from the kernel's table at compile time, so they can't differ from the kernel's. */
#include "calls.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct call {
	const char *name;
	unsigned count;
	const char *types[6];
};

static const struct call calls[] = {
#define CALL0(n) [__NR_##n] = {#n, 0, {0}},
#define CALL1(n, a) [__NR_##n] = {#n, 1, {#a}},
#define CALL2(n, a, b) [__NR_##n] = {#n, 2, {#a, #b}},
#define CALL3(n, a, b, c) [__NR_##n] = {#n, 3, {#a, #b, #c}},
#define CALL4(n, a, b, c, d) [__NR_##n] = {#n, 4, {#a, #b, #c, #d}},
#define CALL5(n, a, b, c, d, e) [__NR_##n] = {#n, 5, {#a, #b, #c, #d, #e}},
#define CALL6(n, a, b, c, d, e, f) [__NR_##n] = {#n, 6, {#a, #b, #c, #d, #e, #f}},
#define NONE(n) [__NR_##n] = {#n, 6, {"u64", "u64", "u64", "u64", "u64", "u64"}},
#include "../kernel/sys/table.def"
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]), ERRNO_MAX = 4095 };

const char *calls_name(uint32_t number)
{
	return number < CALLS ? calls[number].name : NULL;
}

/* Numbers are shown as numbers; what is an address, or bits, in hexadecimal. */
static void put_value(char *text, size_t size, const char *type, uint64_t value)
{
	if (strcmp(type, "s32_dirfd") == 0 && (int32_t)value == AT_FDCWD)
		snprintf(text, size, "AT_FDCWD");
	else if (strncmp(type, "s32", 3) == 0)
		snprintf(text, size, "%d", (int32_t)value);
	else if (strncmp(type, "u32", 3) == 0 && !strstr(type, "flags") && (uint32_t)value < 65536)
		snprintf(text, size, "%u", (uint32_t)value);
	else if (strcmp(type, "size_t") == 0)
		snprintf(text, size, "%llu", (unsigned long long)value);
	else if (strcmp(type, "s64") == 0)
		snprintf(text, size, "%lld", (long long)value);
	else if (value == 0)
		snprintf(text, size, "0");
	else
		snprintf(text, size, "0x%llx", (unsigned long long)value);
}

void calls_arguments(uint32_t number, const uint64_t args[6], char *text, size_t size)
{
	size_t at = 0;
	unsigned count = number < CALLS ? calls[number].count : 6;
	text[0] = '\0';
	for (unsigned i = 0; i < count && at + 24 < size; i++) {
		if (i > 0)
			at += (size_t)snprintf(text + at, size - at, ", ");
		put_value(text + at, size - at, number < CALLS ? calls[number].types[i] : "u64",
			args[i]);
		at += strlen(text + at);
	}
}

void calls_result(uint32_t number, int64_t result, char *text, size_t size)
{
	const char *name = NULL;
	(void)number;
	if (result < 0 && result >= -ERRNO_MAX)
		name = strerrorname_np((int)-result);
	if (name)
		snprintf(text, size, "-%s", name);
	else if (result > 0xffffffff || result < 0)
		snprintf(text, size, "0x%llx", (unsigned long long)result);
	else
		snprintf(text, size, "%lld", (long long)result);
}
