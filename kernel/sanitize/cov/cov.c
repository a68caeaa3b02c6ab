/*
 * The counters that GCC keeps for -fprofile-arcs, written out as .gcda files have them.
 *
 * With -fprofile-info-section each object has one pointer in .gcov_info to a description of its functions and their counters; the
 * structures below are those of GCC 12 (gcov-io.h, libgcov.h documents them). The stream is, for each object, a word STREAM_MAGIC, the length of
 * the file's name, the name, and the file's contents: magic, version, stamp, checksum, and for each function its identity and its
 * counters. All words are little-endian; lengths are in bytes. tools/coverage/collect.py reads it.
 *
 * It goes to the port that QEMU's isa-debugcon has; on a machine without one the writes do nothing.
 */
#include "sanitize/cov.h"

#include "arch/io.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define PORT 0x402
#define STREAM_MAGIC 0x564f4341U
#define DATA_MAGIC 0x67636461U
#define TAG_FUNCTION 0x01000000U
#define TAG_COUNTER_BASE 0x01a10000U
#define TAG_COUNTER_STEP 0x00020000U
#define KINDS 8

struct gcov_counters {
	u32 count;
	const s64 *values;
};

struct gcov_info;

struct gcov_function {
	const struct gcov_info *key;
	u32 ident, line_checksum, graph_checksum;
	/* One for each kind that the object has. */
	struct gcov_counters counters[];
};

struct gcov_info {
	u32 version;
	struct gcov_info *next;
	u32 stamp, checksum;
	const char *file;
	/* Not null: the object has this kind of counters. */
	void (*merge[KINDS])(s64 *, u32);
	u32 function_count;
	const struct gcov_function *const *functions;
};

extern const struct gcov_info *const __gcov_info_start[], *const __gcov_info_end[];

/* Objects refer to it; adding up is the host's work. */
void __gcov_merge_add(s64 *counters, u32 n);
void __gcov_merge_add(s64 *counters, u32 n)
{
}

static void put(u32 word)
{
	for (u32 i = 0; i < 4; i++)
		io_out8(PORT, (u8)(word >> (8 * i)));
}

static void put_name(const char *name)
{
	u32 n = (u32)strlen(name);

	put(n);
	for (u32 i = 0; i < n; i++)
		io_out8(PORT, (u8)name[i]);
}

static void put_counters(u32 kind, const struct gcov_counters *c)
{
	put(TAG_COUNTER_BASE + kind * TAG_COUNTER_STEP);
	put(c->count * 8);
	for (u32 i = 0; i < c->count; i++) {
		u64 v = (u64)READ_ONCE(c->values[i]);

		put((u32)v);
		put((u32)(v >> 32));
	}
}

static void put_function(const struct gcov_info *info, const struct gcov_function *f)
{
	u32 n = 0;

	/* Another object's copy of an inline function stands for all. */
	if (!f || f->key != info)
		return;
	put(TAG_FUNCTION);
	put(12);
	put(f->ident);
	put(f->line_checksum);
	put(f->graph_checksum);
	for (u32 kind = 0; kind < KINDS; kind++)
		if (info->merge[kind])
			put_counters(kind, &f->counters[n++]);
}

void cov_dump(void)
{
	static atomic32_t done;

	if (atomic32_exchange(&done, 1))
		return;
	for (const struct gcov_info *const *i = __gcov_info_start; i < __gcov_info_end; i++) {
		put(STREAM_MAGIC);
		put_name((*i)->file);
		put(DATA_MAGIC);
		put((*i)->version);
		put((*i)->stamp);
		put((*i)->checksum);
		for (u32 k = 0; k < (*i)->function_count; k++)
			put_function(*i, (*i)->functions[k]);
	}
}
