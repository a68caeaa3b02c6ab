/*
 * When there is no memory for a program: what the kernel holds without need is given back first;
 * then proc/ is asked, which ends a process. No lock of mm/ is held meanwhile, because the victim
 * needs its own to leave.
 */
#include "mm/frame_private.h"
#include "mm/inject.h"
#include "mm/kstack.h"
#include "mm/mm_private.h"

/* Set once, at start-up. */
RO_AFTER_INIT static const struct mm_oom_ops *ops;

INIT_TEXT void mm_set_oom_ops(const struct mm_oom_ops *new_ops)
{
	ops = new_ops;
}

bool oom_try_again(void)
{
	/* It has not run out: it was made to look so. */
	if (inject_take())
		return false;
	if (kstack_trim(0) > 0)
		return true;
	/*
	 * This CPU's cached frames count as used as long as the buddy allocator does not have them.
	 * Trying again helps only if what is there then outlasts a whole fault: the first
	 * allocation takes a batch back into the cache, and the page may need tables. With less,
	 * page and batch would go to and fro for ever.
	 */
	if (cache_drain() && frame_has(CACHE_BATCH + 4))
		return true;
	return ops && ops->out_of_memory();
}
