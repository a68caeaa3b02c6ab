/*
 * Debug registers, switched with threads. cpu->debug_loaded says whether DR7 is anybody's, so threads
 * without breakpoints cost one look at two words.
 *
 * DR7 stays loaded in the kernel: instruction breakpoints can't be reached from ring 0 (SMEP), and
 * data ones only by a user copy. Debug exceptions and NMIs turn it off for their own time.
 */
#include "arch/debug.h"

#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/thread.h"
#include "cpu/debug_switch.h"
#include "lib/errno.h"

#define DR6_READ 0xffff0ff0UL
#define DR7_NONE 0x400UL
#define TYPE_EXECUTE 0U
#define TYPE_PORT 2U

/* One breakpoint's part of DR7. */
struct slot {
	bool on;
	u32 type;
	u32 length; /* bytes */
};

static struct slot slot_of(u64 control, u32 i)
{
	static const u8 lengths[4] = {1, 2, 8, 4};
	u32 bits = control >> (16 + 4 * i) & 0xf;

	return (struct slot){
		.on = control >> (2 * i) & 3,
		.type = bits & 3,
		.length = lengths[bits >> 2],
	};
}

static bool address_ok(u64 address, u32 length)
{
	return address < USER_END && !(address & (length - 1));
}

static bool slot_ok(const struct slot *s, u64 address)
{
	if (!s->on)
		return true;
	if (s->type == TYPE_PORT || (s->type == TYPE_EXECUTE && s->length != 1))
		return false;
	return address_ok(address, s->length);
}

/* What DR7 is to be: only the parts of breakpoints that are on. The other bits, GD among them, are shown as they were written. */
static u64 live_of(const struct arch_debug *d)
{
	u64 live = 0;

	for (u32 i = 0; i < DEBUG_ADDRESSES; i++)
		if (slot_of(d->control, i).on)
			live |= 2UL << (2 * i) | (d->control & 0xfUL << (16 + 4 * i));
	return live ? live | DR7_NONE : 0;
}

u64 arch_debug_get(const struct arch_thread *t, u32 n)
{
	if (n < DEBUG_ADDRESSES)
		return t->debug.address[n];
	if (n == 6)
		return t->debug.status ^ DR6_READ;
	return n == 7 ? t->debug.control : 0;
}

static int set_address(struct arch_debug *d, u32 n, u64 address)
{
	struct slot s = slot_of(d->control, n);

	if (!address_ok(address, s.on ? s.length : 1))
		return -EINVAL;
	d->address[n] = address;
	return 0;
}

static int set_control(struct arch_debug *d, u64 control)
{
	for (u32 i = 0; i < DEBUG_ADDRESSES; i++) {
		struct slot s = slot_of(control, i);
		if (!slot_ok(&s, d->address[i]))
			return -EINVAL;
	}
	d->control = control;
	return 0;
}

int arch_debug_set(struct arch_thread *t, u32 n, u64 value)
{
	if (n < DEBUG_ADDRESSES)
		return set_address(&t->debug, n, value);
	if (n == 7)
		return set_control(&t->debug, value);
	if (n != 6)
		return -EIO;
	t->debug.status = value ^ DR6_READ;
	return 0;
}

void arch_debug_load(struct arch_thread *t)
{
	const u64 *a = t->debug.address;

	dr7_write(DR7_NONE);
	this_cpu()->debug_loaded = t->live_dr7;
	if (!t->live_dr7)
		return;
	dr0_write(a[0]);
	dr1_write(a[1]);
	dr2_write(a[2]);
	dr3_write(a[3]);
	dr7_write(t->live_dr7);
}

void arch_debug_note(u64 status)
{
	((struct arch_thread *)current_thread())->debug.status = status;
}

void debug_park(struct arch_thread *t)
{
	t->live_dr7 = 0;
}

void debug_unpark(struct arch_thread *t)
{
	t->live_dr7 = live_of(&t->debug);
	if (t->live_dr7 | this_cpu()->debug_loaded)
		arch_debug_load(t);
}

void debug_reset(struct arch_thread *t)
{
	t->debug = (struct arch_debug){0};
	debug_unpark(t);
}
