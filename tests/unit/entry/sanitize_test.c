/*
 * The sanitizer of frames for ring 3 and the verdict on SYSRET (arch/sanitize.h), against every bit
 * of every field.
 *
 * Seen to fail: with IOPL added to RFLAGS_USER, with `<=` for `<` in sysret_ok(), with the
 * comparison of R11 left out.
 */
// sources: kernel/lib/string.c
#include "unit.h"

#include "arch/sanitize.h"

static struct trap_frame good_frame(void)
{
	struct trap_frame f = {
		.rip = 0x400000,
		.rcx = 0x400000,
		.rflags = RFLAGS_IF | RFLAGS_FIXED,
		.r11 = RFLAGS_IF | RFLAGS_FIXED,
		.cs = USER_CS,
		.ss = USER_DS,
		.rsp = 0x7ffffff000,
	};
	return f;
}

static void sanitized_frames_are_ok(void **state)
{
	u64 x = 0x9e3779b97f4a7c15;
	for (int n = 0; n < 100000; n++) {
		struct trap_frame f;
		u64 *word = (u64 *)&f;
		for (size_t i = 0; i < sizeof(f) / 8; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			word[i] = x;
		}
		frame_sanitize(&f);
		assert_true(frame_ok(&f));
		assert_true(frame_from_user(&f));
		assert_int_equal(f.rflags & RFLAGS_IOPL, 0);
		assert_true(f.rflags & RFLAGS_IF);
	}
}

static void sanitizing_keeps_what_is_the_programs(void **state)
{
	struct trap_frame f = good_frame(), before = f;
	frame_sanitize(&f);
	assert_memory_equal(&f, &before, sizeof(f));
	for (int bit = 0; bit < 64; bit++) {
		f = good_frame();
		f.rflags ^= BIT(bit);
		frame_sanitize(&f);
		u64 users = RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF |
			    RFLAGS_DF | RFLAGS_OF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID;
		assert_int_equal(f.rflags, good_frame().rflags | (BIT(bit) & users));
	}
}

static void a_frame_of_ring_0_is_not_ok(void **state)
{
	struct trap_frame f = good_frame();
	assert_true(frame_ok(&f));
	f.cs = KERNEL_CS;
	assert_false(frame_ok(&f));
	f = good_frame();
	f.ss = KERNEL_DS;
	assert_false(frame_ok(&f));
	f = good_frame();
	f.rip = USER_END + 1;
	assert_false(frame_ok(&f));
	f = good_frame();
	f.rflags &= ~RFLAGS_IF;
	assert_false(frame_ok(&f));
	f = good_frame();
	f.rflags |= RFLAGS_IOPL;
	assert_false(frame_ok(&f));
}

static void sysret_takes_the_frame_it_gives(void **state)
{
	struct trap_frame f = good_frame();
	assert_true(sysret_ok(&f));
	f.rip = f.rcx = USER_END - 1;
	assert_true(sysret_ok(&f));
}

static void sysret_refuses_rips_it_would_fault_on(void **state)
{
	static const u64 bad[] = {USER_END, USER_END + 1, 0x7fffffffffff, 0x800000000000,
		0xffff800000000000, 0xffffffff80100000, UINT64_MAX};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct trap_frame f = good_frame();
		f.rip = f.rcx = bad[i];
		assert_false(sysret_ok(&f));
	}
}

/* Any single bit that SYSRET would not restore. */
static void sysret_refuses_what_it_cannot_restore(void **state)
{
	for (int bit = 0; bit < 64; bit++) {
		struct trap_frame f = good_frame();
		f.rcx ^= BIT(bit);
		assert_false(sysret_ok(&f));
		f = good_frame();
		f.r11 ^= BIT(bit);
		assert_false(sysret_ok(&f));
		f = good_frame();
		f.cs ^= BIT(bit);
		assert_false(sysret_ok(&f));
		f = good_frame();
		f.ss ^= BIT(bit);
		assert_false(sysret_ok(&f));
	}
	struct trap_frame f = good_frame();
	f.rflags = f.r11 |= RFLAGS_TF;
	assert_false(sysret_ok(&f));
	f = good_frame();
	f.rflags = f.r11 |= RFLAGS_RF;
	assert_false(sysret_ok(&f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sanitized_frames_are_ok),
		cmocka_unit_test(sanitizing_keeps_what_is_the_programs),
		cmocka_unit_test(a_frame_of_ring_0_is_not_ok),
		cmocka_unit_test(sysret_takes_the_frame_it_gives),
		cmocka_unit_test(sysret_refuses_rips_it_would_fault_on),
		cmocka_unit_test(sysret_refuses_what_it_cannot_restore),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
