#include "fail_alloc.h"

#include "unit.h"

static u64 countdown, count;
static bool happened;

bool fail_alloc_now(void)
{
	count++;
	if (countdown == 0 || --countdown != 0)
		return false;
	happened = true;
	return true;
}

void fail_alloc_at(u64 n)
{
	countdown = n;
	count = 0;
	happened = false;
}

u64 fail_alloc_count(void)
{
	return count;
}

bool fail_alloc_happened(void)
{
	return happened;
}

static void run_once(void (*run)(void *arg), void *arg, u64 n)
{
	u64 objects = slab_live(), frames = frame_live();

	fail_alloc_at(n);
	run(arg);
	if (slab_live() != objects || frame_live() != frames)
		fail_msg("failing allocation %lu: %ld objects and %ld frames left", n,
			(long)(slab_live() - objects), (long)(frame_live() - frames));
}

void fail_alloc_each(void (*run)(void *arg), void *arg)
{
	run_once(run, arg, 0);
	for (u64 n = 1;; n++) {
		run_once(run, arg, n);
		if (!fail_alloc_happened())
			break;
	}
	fail_alloc_at(0);
}
