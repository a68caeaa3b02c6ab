/*
 * Device interrupts.
 *
 * Each input that is asked for gets a vector of its own; devices that share an input share the
 * vector, and all their handlers are called. Messages are never shared. Handlers are never removed.
 * So the handlers of a vector are a list that only grows at its end, and upcall_irq() walks it
 * without a lock: an entry is complete before the pointer to it is stored.
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
/* Of a vector that a device raises by a message. */
#define GSI_NONE UINT32_MAX
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
	while (i < vector_count && (vector_gsi[i] != gsi || gsi == GSI_NONE))
		i++;
	return i;
}

/* Appends a handler to a vector's list. */
static int add_action(u32 index, irq_handler_t handler, void *arg, const char *name) REQUIRES(lock)
{
	if (index == VECTORS || action_count == HANDLERS_MAX)
		return -ENOSPC;
	struct action *a = &actions[action_count++];
	*a = (struct action){.handler = handler, .arg = arg, .name = name};
	/* Pairs with the acquire in upcall_irq(). Before routing, so that the first interrupt finds
	 * it. */
	__atomic_store_n(list_end(index), a, __ATOMIC_RELEASE);
	return 0;
}

int irq_request(u32 gsi, u32 trigger, irq_handler_t handler, void *arg, const char *name)
{
	u64 flags = spin_lock_irqsave(&lock);
	u32 index = find_vector(gsi);
	int err = add_action(index, handler, arg, name);
	if (!err && index == vector_count) {
		err = irqchip_route(gsi, trigger == IRQ_LEVEL, VECTOR_DEVICE_FIRST + index);
		if (!err) {
			vector_gsi[vector_count++] = gsi;
		} else {
			/* Nothing can have arrived by a vector that was never routed. */
			vector_actions[index] = NULL;
			action_count--;
		}
	}
	spin_unlock_irqrestore(&lock, flags);
	if (!err)
		log_debug("%s: input %u", name, gsi);
	return err;
}

int irq_request_msi(irq_handler_t handler, void *arg, const char *name, struct irq_message *out)
{
	u64 flags = spin_lock_irqsave(&lock);
	u32 index = vector_count;
	int err = add_action(index, handler, arg, name);
	if (!err) {
		vector_gsi[vector_count++] = GSI_NONE;
		irqchip_message(VECTOR_DEVICE_FIRST + index, &out->address, &out->data);
	}
	spin_unlock_irqrestore(&lock, flags);
	if (!err)
		log_debug("%s: message %u", name, index);
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
