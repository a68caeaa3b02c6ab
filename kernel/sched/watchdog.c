/*
 * The watchdog: a CPU that gets nowhere ends the machine with a report instead of hanging it.
 *
 * Each CPU has a timer of half a second, the beat, which also keeps stretches in ring 3 short (arch/user_time.h). In its beat a CPU looks
 * at two things:
 *   itself     the beat came, so interrupts are on; but if in the beats of `limit` seconds it has neither switched threads nor met ring 3
 *              nor had a break (sched/break.h), and is not idle, then a thread runs in the kernel for ever;
 *   the next   if the beats of the next CPU have not moved for as many of its own, that CPU takes no interrupts. Counting one's
 *              own beats instead of reading the clock means that a host which stops the whole machine is not blamed on it.
 * The report stops the others by NMI, so it has their stacks even so. If the only CPU, or all of them, take no interrupts, nobody
 * beats; for that there is a device which every beat puts off, and which sends an NMI if none does (arch/watchdog.h). If it hung on
 * one CPU's beats it would be sooner than that CPU's neighbour, who knows more, and blame all for one.
 *
 * Locking: all of a CPU's state is its own, in its timer's callback with interrupts off; beats is read by one other CPU.
 */
#include "arch/watchdog.h"
#include "arch/clock.h"
#include "lib/assert.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "trace/ring.h"

#define BEATS_PER_SECOND 2
#define BEAT_NS (NS_PER_SEC / BEATS_PER_SECOND)
#define DEFAULT_LIMIT 20

struct watchdog {
	struct timer timer;
	u32 beats;	 /* READ_ONCE() by the CPU before */
	u32 stuck;	 /* own beats without progress */
	u64 seen_record; /* the recorder's count at the last beat */
	u64 seen_breaks; /* of the thread that ran then */
	u32 next_beats, next_stuck;
};

static struct watchdog watchdogs[MAX_CPUS];
/* Start-up. */
static u32 limit = DEFAULT_LIMIT; /* s; 0: nobody looks */

void watchdog_set_limit(u32 seconds)
{
	limit = seconds;
}

static bool is_progress(enum trace_kind kind)
{
	return kind == TRACE_SYSCALL || kind == TRACE_ENTRY || kind == TRACE_EXIT ||
	       kind == TRACE_SWITCH;
}

/* If another thread ran at the last beat the CPU has switched, whatever this says. */
static bool had_break(struct watchdog *w, const struct thread *t)
{
	u64 breaks = READ_ONCE(t->breaks);
	bool had = breaks != w->seen_breaks;

	w->seen_breaks = breaks;
	return had;
}

/* Something else than interrupts of the kernel was recorded since the last beat. The newest first: mostly one look is enough. */
static bool made_progress(struct watchdog *w, u32 cpu)
{
	u64 count = trace_ring_count(cpu, false);
	u64 from = MAX(w->seen_record, count > RING_RECORDS ? count - RING_RECORDS : 0);
	struct trace_record r;

	w->seen_record = count;
	for (u64 n = count; n > from; n--)
		if (trace_ring_read(cpu, false, n - 1, &r) && is_progress(trace_kind(&r)))
			return true;
	return false;
}

static void look_at_self(struct watchdog *w, const struct runq *rq)
{
	const struct thread *t = current_thread();

	bool broke = had_break(w, t);

	if (made_progress(w, rq->cpu) || broke || t == rq->idle)
		w->stuck = 0;
	else if (++w->stuck >= limit * BEATS_PER_SECOND)
		panic("hang: CPU %u runs '%s' in the kernel for %u s without a break", rq->cpu,
			t->name, limit);
}

static u32 next_cpu(u32 cpu)
{
	u64 later = atomic64_load_relaxed(&sched_online) & ~((2UL << cpu) - 1);
	u64 online = later ? later : atomic64_load_relaxed(&sched_online);

	return (u32)__builtin_ctzl(online);
}

static void look_at_next(struct watchdog *w, u32 cpu)
{
	u32 next = next_cpu(cpu), beats = READ_ONCE(watchdogs[next].beats);

	if (next == cpu)
		return;
	if (beats != w->next_beats)
		w->next_stuck = 0;
	else if (++w->next_stuck >= limit * BEATS_PER_SECOND)
		panic("hang: CPU %u takes no interrupts for %u s", next, limit);
	w->next_beats = beats;
}

static void beat(struct timer *timer)
{
	struct watchdog *w = CONTAINER_OF(timer, struct watchdog, timer);
	const struct runq *rq = runq_here();

	WRITE_ONCE(w->beats, w->beats + 1);
	if (limit) {
		watchdog_device_put_off(limit);
		look_at_self(w, rq);
		look_at_next(w, rq->cpu);
	}
	timer_arm(timer, clock_now_ns() + BEAT_NS);
}

void watchdog_start_cpu(void)
{
	struct watchdog *w = &watchdogs[this_cpu()->id];

	if (limit)
		watchdog_device_put_off(limit);
	timer_init(&w->timer, beat);
	timer_arm(&w->timer, clock_now_ns() + BEAT_NS);
}
