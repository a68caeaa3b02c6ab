/*
 * Planted races, for schedule fuzzing (sync/fuzz.h). In each of them the fault needs a switch of threads between two steps, in a place
 * where this kernel never switches by itself: on one CPU only a fuzzed schedule finds them. With several CPUs it takes another CPU at
 * just the right moment.
 */
#include "arch/clock.h"
#include "init/guest_test.h"
#include "lib/assert.h"
#include "mm/slab.h"
#include "sched/sched.h"
#include "sched/tests/crew.h"
#include "sched/wait.h"
#include "sync/spinlock.h"

#define ROUNDS 200
#define RANK_PLANTED RANK_IPC

static struct crew crew;
static struct spinlock lock = SPINLOCK_INIT("planted", RANK_PLANTED);

static void run_crew(u32 size, void (*work)(struct crew_member *m))
{
	EXPECT(crew_run(&crew, size, work));
}

/* -- a wakeup that comes between looking and joining the queue -- */

static struct waitq flag_queue = WAITQ_INIT(flag_queue);
static bool flag;

/* The order of sched/wait.h, the wrong way round: the condition is looked at before the thread has joined the queue. */
static int wait_for_flag(u64 deadline_ns)
{
	struct waiter w = {.link = LIST_INIT(w.link)};
	int err = 0;

	if (!READ_ONCE(flag)) {
		wait_prepare(&flag_queue, &w, THREAD_SLEEPING);
		err = wait_sleep(deadline_ns);
		wait_finish(&flag_queue, &w);
	}
	return err;
}

static void lose_wakeup(struct crew_member *m)
{
	for (u32 round = 0; round < ROUNDS; round++) {
		if (m->index == 0) {
			SIN(CHECK(wait_for_flag(clock_now_ns() + NS_PER_SEC) == 0));
			WRITE_ONCE(flag, false);
			continue;
		}
		WRITE_ONCE(flag, true);
		waitq_wake_all(&flag_queue);
		while (READ_ONCE(flag))
			sched_yield();
	}
}

PLANTED(race_lost_wakeup)
{
	WRITE_ONCE(flag, false);
	run_crew(2, lose_wakeup);
}

/* -- a decision that is no longer right when it is acted upon -- */

static u32 owners;

static bool is_free(void)
{
	bool nobody;

	spin_lock(&lock);
	nobody = owners == 0;
	spin_unlock(&lock);
	return nobody;
}

static void take(s32 change)
{
	spin_lock(&lock);
	owners += (u32)change;
	SIN(CHECK(owners <= 1));
	spin_unlock(&lock);
}

static void check_then_act(struct crew_member *m)
{
	for (u32 round = 0; round < ROUNDS; round++) {
		while (!is_free())
			sched_yield();
		take(1);
		take(-1);
	}
}

PLANTED(race_check_then_act)
{
	owners = 0;
	run_crew(2, check_then_act);
}

/* -- an object that is used without a reference -- */

struct object {
	struct object *self;
	u64 padding[30];
};

static struct object *published GUARDED_BY(&lock);

static struct object *publish(struct object *new)
{
	struct object *old;

	spin_lock(&lock);
	old = published;
	published = new;
	spin_unlock(&lock);
	return old;
}

/* What is found here may be gone as soon as the lock is given back. */
static struct object *find(void)
{
	struct object *o;

	spin_lock(&lock);
	o = published;
	spin_unlock(&lock);
	return o;
}

static NOINLINE void use(struct object *o)
{
	SIN(CHECK(o->self->self == o));
}

static void replace(void)
{
	struct object *o = kmalloc(sizeof(*o));

	EXPECT(o);
	if (!o)
		return;
	o->self = o;
	kfree(publish(o));
}

static void use_without_reference(struct crew_member *m)
{
	for (u32 round = 0; round < ROUNDS; round++) {
		struct object *o = m->index ? NULL : find();

		if (o)
			use(o);
		if (m->index)
			replace();
		sched_yield();
	}
}

PLANTED(race_missing_reference)
{
	run_crew(2, use_without_reference);
	kfree(publish(NULL));
}
