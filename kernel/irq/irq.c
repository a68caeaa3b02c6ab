/*
 * Device interrupts.
 *
 * Each input that is asked for gets a vector of its own; devices that share an input share the vector, and all their handlers
 * are called. Handlers are never removed. So the handlers of a vector are a list that only grows at its end, and
 * upcall_irq() walks it without a lock: an entry is complete before the pointer to it is stored.
 *
 * Locking: lock guards growing; it is not taken in interrupts.
 */
#define LOG_SUBSYSTEM "irq"
#include "irq/irq.h"

#include "arch/irqchip.h"
#include "arch/upcalls.h"
#include "arch/vectors.h"
#include "lib/errno.h"
#include "sync/spinlock.h"
#include "trace/log.h"

#define HANDLERS_MAX 96
#define VECTORS (VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1)

struct action {
	irq_handler_t handler;
	void *arg;
	const char *name;
	struct action *next; /* written once */
};

static struct spinlock lock = SPINLOCK_INIT("irq", RANK_DEVICE);
static struct action actions[HANDLERS_MAX]; /* lock */
static u32 action_count;		    /* lock */
static struct action *vector_actions[VECTORS];
static u32 vector_gsi[VECTORS]; /* lock */
static u32 vector_count;	/* lock */

/* The last pointer of a vector's list. */
static struct action **list_end(u32 index)
{
	struct action **end = &vector_actions[index];
	while (*end)
		end = &(*end)->next;
	return end;
}

/* The vector that the input has, or else the next free one; VECTORS if there is none. */
static u32 find_vector(u32 gsi)
{
	u32 i = 0;
	while (i < vector_count && vector_gsi[i] != gsi)
		i++;
	return i;
}

int irq_request(u32 gsi, u32 trigger, irq_handler_t handler, void *arg, const char *name)
{
	u64 flags = spin_lock_irqsave(&lock);
	u32 index = find_vector(gsi);
	int err = -ENOSPC;
	if (index == VECTORS || action_count == HANDLERS_MAX)
		goto out;
	struct action *a = &actions[action_count];
	*a = (struct action){.handler = handler, .arg = arg, .name = name};
	struct action **end = list_end(index);
	/* Pairs with the acquire in upcall_irq(). Before routing, so that the first interrupt finds it. */
	__atomic_store_n(end, a, __ATOMIC_RELEASE);
	err = 0;
	if (index == vector_count)
		err = irqchip_route(gsi, trigger == IRQ_LEVEL, VECTOR_DEVICE_FIRST + index);
	if (err) {
		/* Nothing can have arrived by a vector that was never routed. */
		*end = NULL;
		goto out;
	}
	action_count++;
	if (index == vector_count)
		vector_gsi[vector_count++] = gsi;
out:
	spin_unlock_irqrestore(&lock, flags);
	if (!err)
		log_debug("%s: input %u", name, gsi);
	return err;
}

void upcall_irq(u32 vector)
{
	struct action *const *at = &vector_actions[vector - VECTOR_DEVICE_FIRST];
	struct action *a;
	while ((a = __atomic_load_n(at, __ATOMIC_ACQUIRE))) {
		a->handler(a->arg);
		at = &a->next;
	}
}
