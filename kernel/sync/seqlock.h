/*
 * Sequence counts: readers never wait for the lock and never write, and read again if a writer was at work.
 *
 * For data that is read often and from any context, NMI included, and written seldom by writers that are serialised
 * otherwise (one CPU with interrupts off, or a spinlock). The data's fields are read with READ_ONCE and written with
 * WRITE_ONCE between the calls; a reader must not follow pointers among them before seq_read_retry() has said no.
 *
 * Not for a writer that an NMI reader could interrupt on its own CPU: that reader would wait for ever. Such readers use
 * seq_read_try() and do without.
 *
 *	do {
 *		start = seq_read_begin(&s);
 *		... copy ...
 *	} while (seq_read_retry(&s, start));
 */
#ifndef SYNC_SEQLOCK_H
#define SYNC_SEQLOCK_H

#include "arch/irqflags.h"
#include "lib/types.h"

struct seqcount {
	u32 sequence; /* odd while a writer is at work */
};

/* False if a writer is at work. */
static inline bool seq_read_try(const struct seqcount *s, u32 *start)
{
	/* Acquire: the data is read after the count. Pairs with the release in seq_write_end(). */
	*start = __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE);
	return !(*start & 1);
}

static inline u32 seq_read_begin(const struct seqcount *s)
{
	u32 start;

	while (!seq_read_try(s, &start))
		cpu_relax();
	return start;
}

static inline bool seq_read_retry(const struct seqcount *s, u32 start)
{
	/* The data is read before the count is read again. Pairs with the fence in seq_write_begin(). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&s->sequence, __ATOMIC_RELAXED) != start;
}

static inline void seq_write_begin(struct seqcount *s)
{
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELAXED);
	/* The odd count is visible before any of the data that follows. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void seq_write_end(struct seqcount *s)
{
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELEASE);
}

#endif
