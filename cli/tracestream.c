/*
 * The stream comes in batches of one ring each (kernel/trace/stream.h). A round of them ends with a mark that says up to
 * which time everything has been sent; so at a mark the records so far are sorted, and those before that time are given on.
 * The program in the VM may have taken the kernel over: nothing that comes is believed beyond its bounds.
 */
#include "tracestream.h"

#include <stdlib.h>
#include <string.h>

#include "../kernel/trace/kinds.h"
#include "text.h"

enum { BATCH_RECORDS_MAX = 4096, HEAD_SIZE = 64, RECORD_SIZE = 32 };

struct head {
	uint64_t magic;
	uint32_t cpu, count;
	uint64_t first, lost, tsc, ns, khz, reserved;
};

_Static_assert(sizeof(struct head) == HEAD_SIZE, "as the kernel writes it");

static int compare(const void *left, const void *right)
{
	const struct trace_item *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu ? -1 : 1;
	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* Gives on what has a key up to `until`. */
static void flush(struct tracestream *stream, uint64_t until)
{
	size_t done = 0;
	if (stream->count == 0)
		return;
	qsort(stream->items, stream->count, sizeof(*stream->items), compare);
	while (done < stream->count && stream->items[done].key <= until)
		stream->take(stream->context, &stream->items[done++]);
	memmove(stream->items, stream->items + done,
		(stream->count - done) * sizeof(*stream->items));
	stream->count -= done;
}

/* Some records hold something else where the time is. */
static bool has_time(const struct trace_item *item)
{
	unsigned kind = (unsigned)(item->place >> 56);
	return kind != TRACE_WORDS && kind != TRACE_NAME;
}

static void add_record(struct tracestream *stream, uint32_t cpu, const char *bytes)
{
	struct trace_item item = {.cpu = cpu, .sequence = stream->sequence++};
	memcpy(&item.tsc, bytes, 8);
	memcpy(&item.place, bytes + 8, 8);
	memcpy(&item.number, bytes + 16, 4);
	memcpy(&item.extra, bytes + 20, 4);
	memcpy(&item.word, bytes + 24, 8);
	item.key = has_time(&item) ? item.tsc : stream->last_key[cpu];
	stream->last_key[cpu] = item.key;
	if (stream->count == stream->room) {
		stream->room = stream->room ? 2 * stream->room : 4096;
		stream->items = text_grow(stream->items, stream->room * sizeof(*stream->items));
	}
	stream->items[stream->count++] = item;
	stream->total++;
}

static void note_lost(struct tracestream *stream, uint32_t ring, uint64_t lost)
{
	uint64_t more = lost - stream->known_lost[ring];
	if (lost <= stream->known_lost[ring])
		return;
	stream->known_lost[ring] = lost;
	stream->total_lost += more;
	stream->lost(stream->context, ring % TRACE_CPUS, more);
}

static bool take_batch(struct tracestream *stream, const struct head *head, const char *records)
{
	uint32_t cpu = head->cpu & ~TRACE_BATCH_NMI;
	bool nmi = head->cpu & TRACE_BATCH_NMI;
	if (!stream->khz) {
		stream->tsc = head->tsc;
		stream->ns = head->ns;
		stream->khz = head->khz ? head->khz : 1000000;
	}
	if (head->cpu == TRACE_BATCH_MARK) {
		flush(stream, head->tsc);
		return true;
	}
	if (cpu >= TRACE_CPUS)
		return false;
	note_lost(stream, cpu + (nmi ? TRACE_CPUS : 0), head->lost);
	for (uint32_t i = 0; i < head->count; i++)
		add_record(stream, cpu, records + (size_t)i * RECORD_SIZE);
	return true;
}

/* How many bytes the first batch takes, 0 if it is not whole yet. */
static size_t step(struct tracestream *stream, const char *bytes, size_t length)
{
	struct head head;
	if (length < HEAD_SIZE)
		return 0;
	memcpy(&head, bytes, HEAD_SIZE);
	if (head.magic != TRACE_BATCH_MAGIC || head.count > BATCH_RECORDS_MAX) {
		stream->broken = true;
		return 0;
	}
	size_t size = HEAD_SIZE + (size_t)head.count * RECORD_SIZE;
	if (length < size)
		return 0;
	if (!take_batch(stream, &head, bytes + HEAD_SIZE))
		stream->broken = true;
	return size;
}

void tracestream_add(struct tracestream *stream, const char *data, size_t length)
{
	size_t done = 0, used;
	if (stream->broken || length == 0)
		return;
	stream->bytes = text_grow(stream->bytes, stream->length + length);
	memcpy(stream->bytes + stream->length, data, length);
	stream->length += length;
	while ((used = step(stream, stream->bytes + done, stream->length - done)) > 0)
		done += used;
	memmove(stream->bytes, stream->bytes + done, stream->length - done);
	stream->length -= done;
}

void tracestream_finish(struct tracestream *stream)
{
	flush(stream, UINT64_MAX);
	free(stream->bytes);
	free(stream->items);
	stream->bytes = NULL;
	stream->items = NULL;
	stream->length = stream->count = stream->room = 0;
}

int64_t tracestream_ns(const struct tracestream *stream, uint64_t tsc)
{
	if (!stream->khz)
		return 0;
	return (int64_t)stream->ns +
	       (int64_t)((double)(int64_t)(tsc - stream->tsc) * 1e6 / (double)stream->khz);
}
