/*
 * Debug kernels: which rank was taken while which was held, and where the first time. Ranks only rise, so what is noted here never
 * has a cycle; when a lock is taken against the order, the way back through these notes closes one, and the report shows it.
 *
 * One word for each pair, the low half of a return address, set once or twice with the same meaning: no lock.
 */
#include "lib/compiler.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sync/spinlock_debug.h"
#include "trace/ksyms.h"

#ifdef AIRLOCK_DEBUG

#define RANKS 64

_Static_assert(RANK_LOG < RANKS, "ranks fit the table");

static s32 seen[RANKS][RANKS];

void lock_order_note(u32 held, u32 taken, u64 caller)
{
	if (held < taken && taken < RANKS && !READ_ONCE(seen[held][taken]))
		WRITE_ONCE(seen[held][taken], (s32)caller);
}

/* The smallest rank above `from` that was taken under it and from which `to` was reached, directly or not; ranks only rise,
 * so looking from the target downwards needs no more than one pass. */
static void mark_reaching(u32 from, u32 to, bool reaches[RANKS])
{
	memset(reaches, 0, RANKS * sizeof(bool));
	reaches[to] = true;
	for (u32 r = to; r-- > from;)
		for (u32 next = r + 1; next <= to; next++)
			if (reaches[next] && READ_ONCE(seen[r][next]))
				reaches[r] = true;
}

void lock_order_describe(u32 from, u32 to, char *text, size_t size)
{
	bool reaches[RANKS];
	size_t used = 0;

	text[0] = '\0';
	if (from >= to || to >= RANKS)
		return;
	mark_reaching(from, to, reaches);
	if (!reaches[from])
		return;
	for (u32 r = from; r != to && used + 1 < size;) {
		char where[64];
		u32 next = r + 1;

		while (!reaches[next] || !READ_ONCE(seen[r][next]))
			next++;
		ksym_format(where, sizeof(where), (u64)(s64)seen[r][next]);
		used += (size_t)format(text + used, size - used, "%s rank %u -> %u at %s",
			used ? "," : "; the cycle:", r, next, where);
		r = next;
	}
}

#endif
