/*
 * Telling of a race: an error in the log, once for each pair of places, and the kernel goes on. The places are what GCC's calls return to,
 * each in a line like those of a stack, so that the same tools find their source lines.
 */
#define KCSAN_RUNTIME
#define LOG_SUBSYSTEM "kcsan"
#include "lib/atomic.h"
#include "lib/format.h"
#include "sanitize/kcsan.h"
#include "sanitize/kcsan/private.h"
#include "trace/ksyms.h"
#include "trace/log.h"
#include "trace/stack.h"

#define KNOWN_MAX 256
#define STACK_LINES 12

/* Pairs that were reported: sums of their places, which is unique enough. A slot is filled once. */
static atomic64_t known[KNOWN_MAX];

static bool is_new(u64 pair)
{
	for (u32 i = 0; i < KNOWN_MAX; i++) {
		u64 old = 0;

		if (atomic64_compare_exchange(&known[i], &old, pair))
			return true;
		if (old == pair)
			return false;
	}
	return false;
}

static const char *kind(const struct kcsan_access *a)
{
	if (a->marked)
		return a->write ? "marked write" : "marked read";
	return a->write ? "write" : "read";
}

static void print_place(u64 ip)
{
	char where[96], line[LOG_TEXT_MAX];

	format(line, sizeof(line), "    %016lx %s", ip, ksym_format(where, sizeof(where), ip));
	log_raw(line);
}

void kcsan_report(
	const struct kcsan_access *mine, const struct kcsan_access *other, u64 frame_pointer)
{
	char here[96], there[96];
	struct stack_bounds bounds = stack_find(frame_pointer);
	u64 ip;

	if (!is_new(mine->ip * 31 + other->ip))
		return;
	log_error(
		"data race: %s of %u bytes at %#lx in %s on CPU %u, %s of %u at %#lx in %s on CPU %u",
		kind(mine), mine->size, mine->address, ksym_format(here, sizeof(here), mine->ip),
		mine->cpu, kind(other), other->size, other->address,
		ksym_format(there, sizeof(there), other->ip), other->cpu);
	print_place(other->ip);
	for (u32 i = 0; i < STACK_LINES && stack_step(&bounds, &frame_pointer, &ip); i++)
		print_place(ip);
}
