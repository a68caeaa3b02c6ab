/*
 * Walking a stack whose frames may be anything: the kernel that is being reported on is broken.
 *
 * Every address is checked before it is read: it must lie, aligned, on a stack of this CPU that is known to be mapped, and
 * above the frame before. So a walk ends after at most as many steps as the stack has words, and never faults. All kernel
 * code keeps frame pointers: [rbp] is the caller's, [rbp + 8] the return address.
 */
#include "trace/stack.h"

#include "arch/cpu.h"
#include "arch/image.h"
#include "arch/layout.h"
#include "arch/thread.h"

static bool on(const struct stack_bounds *b, u64 address)
{
	return address >= b->low && address < b->high;
}

/* Structures of the kernel's lie in the image or above the direct map's base: a guard against a wild current pointer. */
static bool plausible_pointer(u64 p)
{
	return p >= DIRECT_MAP_BASE && p % 8 == 0;
}

static struct stack_bounds thread_stack(const struct cpu *c)
{
	const struct arch_thread *t = (const struct arch_thread *)READ_ONCE(c->current);

	if (!plausible_pointer((u64)t) || !plausible_pointer(t->stack_top))
		return (struct stack_bounds){0, 0};
	return (struct stack_bounds){t->stack_top - KERNEL_STACK_SIZE, t->stack_top};
}

static struct stack_bounds cpu_stack(u64 base, u32 page, u64 size)
{
	return (struct stack_bounds){base + page * PAGE_SIZE, base + page * PAGE_SIZE + size};
}

struct stack_bounds stack_find(u64 address)
{
	return stack_find_on(this_cpu(), address);
}

struct stack_bounds stack_find_on(const struct cpu *c, u64 address)
{
	struct stack_bounds b = thread_stack(c);
	u64 area = (u64)c;
	u32 i;

	if (on(&b, address))
		return b;
	b = cpu_stack(area, CPU_ENTRY_STACK_PAGE, PAGE_SIZE);
	if (!on(&b, address))
		b = cpu_stack(area, CPU_IDLE_STACK_PAGE, KERNEL_STACK_SIZE);
	for (i = 0; i < 4 && !on(&b, address); i++)
		b = cpu_stack(area, CPU_IST_STACK_PAGE(i), IST_STACK_SIZE);
	if (on(&b, address))
		return b;
	/* Boot code runs on a stack in .bss. What start-up has freed of the image lies below that. */
	b = (struct stack_bounds){(u64)__init_end, (u64)__image_end};
	if (on(&b, address))
		return b;
	return (struct stack_bounds){0, 0};
}

bool stack_step(const struct stack_bounds *bounds, u64 *frame_pointer, u64 *ip)
{
	const u64 *frame = (const u64 *)*frame_pointer;
	u64 caller;

	if (*frame_pointer % 8 || !on(bounds, *frame_pointer) || !on(bounds, *frame_pointer + 8))
		return false;
	caller = frame[0];
	*ip = frame[1];
	if (!*ip)
		return false;
	/* The last frame: its caller's pointer is 0 or of another stack. It is shown, and the next step ends the walk. */
	*frame_pointer = caller > *frame_pointer ? caller : 0;
	return true;
}
