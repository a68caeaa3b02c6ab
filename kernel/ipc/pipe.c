/*
 * The ring of a pipe: filling slots, emptying them, and changing how many there are.
 *
 * head and tail count slots for ever; the slot of a count is count & (slot_count - 1). Slots from
 * tail up to head have a page; the others have none. A slot is published by the store to head after
 * its contents are complete, and given back by the store to tail: readers without the lock look at
 * these words only, never at slots.
 *
 * Writes of up to PIPE_BUF bytes are atomic (pipe(7)): such a write either fits behind the last
 * slot's bytes as a whole, or has one slot for itself, and the lock is held while it is copied. A
 * slot that faults while it is filled is not published at all, as on Linux.
 */
#include "ipc/pipe.h"

#include "arch/clock.h"
#include "ipc/anon.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/process.h"

/* As many slots as Linux allows whoever may have any number. */
#define PIPE_SLOTS_MAX (1UL << 19)

static void own_ids(struct pipe *p)
{
	struct thread *t = current_thread();

	if (!t->process)
		return;
	spin_lock(&t->process->lock);
	p->attributes.uid = t->process->cred.fsuid;
	p->attributes.gid = t->process->cred.fsgid;
	spin_unlock(&t->process->lock);
}

struct pipe *pipe_create(void)
{
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->slots = kzalloc(PIPE_SLOTS_DEFAULT * sizeof(p->slots[0]));
	if (!p->slots) {
		kfree(p);
		return NULL;
	}
	p->slot_count = PIPE_SLOTS_DEFAULT;
	refcount_init(&p->refs);
	mutex_init(&p->lock, RANK_PIPE);
	waitq_init(&p->readable);
	waitq_init(&p->writable);
	p->ino = ipc_next_ino();
	s64 now = (s64)(clock_boot_realtime_ns() + clock_now_ns());
	p->attributes.atime = p->attributes.mtime = p->attributes.ctime = now;
	p->attributes.mode = 0600;
	own_ids(p);
	return p;
}

void pipe_get(struct pipe *p)
{
	refcount_get(&p->refs);
}

static struct pipe_slot *slot_at(struct pipe *p, u32 count)
{
	return &p->slots[count & (p->slot_count - 1)];
}

/* The page of a slot that was read: one is kept for the next write. */
static void give_page_back(struct pipe *p, struct pipe_slot *s)
{
	if (p->spare)
		frame_put(s->page);
	else
		p->spare = s->page;
	s->page = NULL;
}

void pipe_discard_locked(struct pipe *p)
{
	for (; p->tail != p->head; WRITE_ONCE(p->tail, p->tail + 1))
		give_page_back(p, slot_at(p, p->tail));
	if (p->spare)
		frame_put(p->spare);
	p->spare = NULL;
}

void pipe_put(struct pipe *p)
{
	if (!refcount_put(&p->refs))
		return;
	/* Nobody else can reach it: no lock. */
	pipe_discard_locked(p);
	kfree(p->slots);
	kfree(p);
}

u64 pipe_bytes_locked(struct pipe *p)
{
	u64 bytes = 0;

	for (u32 i = p->tail; i != p->head; i++)
		bytes += slot_at(p, i)->length;
	return bytes;
}

/* What a write begins with: the part that does not fill whole pages goes behind the last slot's
 * bytes, if there is room for all of it. */
static int append_to_last(struct pipe *p, struct iobuf *from, ssize_t *done)
{
	size_t part = from->left % PAGE_SIZE;

	if (part == 0 || pipe_is_empty(p))
		return 0;
	struct pipe_slot *s = slot_at(p, p->head - 1);
	u32 end = s->start + s->length;
	if (s->packet || end + part > PAGE_SIZE)
		return 0;
	ssize_t moved = iobuf_take(from, (char *)page_address(s->page) + end, part);
	if (moved != (ssize_t)part)
		return -EFAULT;
	s->length += (u32)moved;
	*done += moved;
	return 0;
}

static struct page *take_page(struct pipe *p)
{
	struct page *page = p->spare;

	p->spare = NULL;
	return page ? page : frame_alloc(0, FRAME_USER);
}

static int fill_slot(struct pipe *p, struct iobuf *from, bool packet, ssize_t *done)
{
	struct pipe_slot *s = slot_at(p, p->head);
	size_t wanted = MIN(from->left, PAGE_SIZE);

	*s = (struct pipe_slot){.page = take_page(p), .packet = packet};
	if (!s->page)
		return -ENOMEM;
	ssize_t moved = iobuf_take(from, page_address(s->page), wanted);
	if (moved != (ssize_t)wanted) {
		give_page_back(p, s);
		return -EFAULT;
	}
	s->length = (u32)moved;
	*done += moved;
	/* Readers without the lock see only the count: see the head of the file. */
	WRITE_ONCE(p->head, p->head + 1);
	return 0;
}

int pipe_fill(struct pipe *p, struct iobuf *from, bool merge, bool packet, ssize_t *done)
{
	int err = merge && !packet ? append_to_last(p, from, done) : 0;

	while (!err && from->left > 0 && !pipe_is_full(p))
		err = fill_slot(p, from, packet, done);
	return err;
}

/* Moves out of the first slot. *more: the read may go on with the next. */
static int drain_slot(struct pipe *p, struct iobuf *to, bool *more, ssize_t *done)
{
	struct pipe_slot *s = slot_at(p, p->tail);
	size_t wanted = MIN(to->left, s->length);
	ssize_t moved = iobuf_put(to, (char *)page_address(s->page) + s->start, wanted);

	/* What was moved of the slot before the fault stays in it, as on Linux: it will be read again. */
	if (moved != (ssize_t)wanted)
		return -EFAULT;
	*done += moved;
	s->start += (u32)moved;
	s->length -= (u32)moved;
	*more = !s->packet;
	/* What a reader leaves of a packet is lost. */
	if (s->length == 0 || s->packet) {
		give_page_back(p, s);
		WRITE_ONCE(p->tail, p->tail + 1);
	}
	return 0;
}

int pipe_drain(struct pipe *p, struct iobuf *to, ssize_t *done)
{
	bool more = true;
	int err = 0;

	while (!err && more && to->left > 0 && !pipe_is_empty(p))
		err = drain_slot(p, to, &more, done);
	return err;
}

u64 pipe_capacity(struct pipe *p)
{
	return (u64)READ_ONCE(p->slot_count) * PAGE_SIZE;
}

/* Moves what is in the ring to a new one of another size, from its beginning. */
static void adopt_slots(struct pipe *p, struct pipe_slot *slots, u32 count)
{
	u32 used = p->head - p->tail;

	for (u32 i = 0; i < used; i++)
		slots[i] = *slot_at(p, p->tail + i);
	kfree(p->slots);
	p->slots = slots;
	/* A look without the lock may see the old count with the new words or the other way round,
	 * and so a wrong answer; the wake after this makes it look again. */
	WRITE_ONCE(p->slot_count, count);
	WRITE_ONCE(p->tail, 0);
	WRITE_ONCE(p->head, used);
}

s64 pipe_set_capacity(struct pipe *p, u64 bytes, bool privileged)
{
	u64 size = PAGE_SIZE;

	if (bytes > BIT(31))
		return -EINVAL;
	while (size < bytes)
		size *= 2;
	u32 count = (u32)(size / PAGE_SIZE);
	if (size > PIPE_SIZE_MAX && size > pipe_capacity(p) && !privileged)
		return -EPERM;
	struct pipe_slot *slots = count <= PIPE_SLOTS_MAX ? kzalloc(count * sizeof(*slots)) : NULL;
	if (!slots)
		return -ENOMEM;
	mutex_lock(&p->lock);
	bool fits = p->head - p->tail <= count;
	if (fits)
		adopt_slots(p, slots, count);
	mutex_unlock(&p->lock);
	if (!fits) {
		kfree(slots);
		return -EBUSY;
	}
	waitq_wake_all(&p->writable);
	return (s64)size;
}
