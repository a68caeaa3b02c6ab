/*
 * The vector state of a parked thread for its tracer, in the standard form of XSAVE.
 *
 * XSAVE does not write components that are in their initial state, so what the area holds of them
 * means nothing: reading gives them their initial values. Writing checks what XRSTOR would refuse
 * before anything is changed, because a fault there would be the kernel's (hazard X14).
 */
#include <asm/sigcontext.h>

#include "arch/cpuid.h"
#include "arch/features.h"
#include "arch/registers.h"
#include "arch/thread.h"
#include "cpu/fpu.h"
#include "lib/errno.h"
#include "lib/string.h"

#define FEATURE_X87 BIT(0)
#define FEATURE_SSE BIT(1)
#define FEATURE_AVX BIT(2)
#define FIRST_EXTENDED 2
#define LAST_EXTENDED 62
#define FCW_INITIAL 0x37f
#define MXCSR_INITIAL 0x1f80

struct area {
	struct _fpstate_64 legacy;
	struct _header header;
};

_Static_assert(sizeof(struct _fpstate_64) == FXSTATE_SIZE, "FXSAVE's form");

u32 arch_xstate_size(void)
{
	return cpu_features.xsave_size;
}

/* FXSAVE's part, without what describes the rest. */
static void legacy_get(struct _fpstate_64 *to, const struct area *from)
{
	u64 has = from->header.xfeatures;
	u32 mask = from->legacy.mxcsr_mask;

	memset(to, 0, sizeof(*to));
	to->cwd = FCW_INITIAL;
	if (has & FEATURE_X87) {
		memcpy(to, &from->legacy, offsetof(struct _fpstate_64, mxcsr));
		memcpy(to->st_space, from->legacy.st_space, sizeof(to->st_space));
	}
	to->mxcsr = has & (FEATURE_SSE | FEATURE_AVX) ? from->legacy.mxcsr : MXCSR_INITIAL;
	to->mxcsr_mask = mask ? mask : cpu_features.mxcsr_mask;
	if (has & FEATURE_SSE)
		memcpy(to->xmm_space, from->legacy.xmm_space, sizeof(to->xmm_space));
}

/* Calls copy for each extended component of the set. */
static void extended_copy(void *to, const void *from, u64 set)
{
	for (u32 i = FIRST_EXTENDED; i <= LAST_EXTENDED; i++) {
		if (!(set & BIT(i)))
			continue;
		struct cpuid c = cpuid(0xd, i);
		memcpy((char *)to + c.ebx, (const char *)from + c.ebx, c.eax);
	}
}

void arch_fxstate_get(const struct arch_thread *t, void *out)
{
	legacy_get(out, (const struct area *)t->fpu_parked);
}

void arch_xstate_get(const struct arch_thread *t, void *out)
{
	const struct area *from = (const struct area *)t->fpu_parked;
	struct area *to = out;
	u64 has = from->header.xfeatures & cpu_features.xcr0;

	memset(out, 0, cpu_features.xsave_size);
	legacy_get(&to->legacy, from);
	/* Linux tells here which components there are. */
	*(u64 *)&to->legacy.sw_reserved = cpu_features.xcr0;
	to->header.xfeatures = has;
	extended_copy(out, from, has);
}

static void legacy_set(struct _fpstate_64 *to, const struct _fpstate_64 *from)
{
	memcpy(to, from, offsetof(struct _fpstate_64, reserved2));
}

int arch_fxstate_set(struct arch_thread *t, const void *from)
{
	const struct _fpstate_64 *f = from;
	struct area *to = (struct area *)t->fpu_parked;

	if (f->mxcsr & ~cpu_features.mxcsr_mask)
		return -EINVAL;
	legacy_set(&to->legacy, f);
	to->header.xfeatures |= FEATURE_X87 | FEATURE_SSE;
	return 0;
}

static bool header_ok(const struct _header *h)
{
	return !(h->xfeatures & ~cpu_features.xcr0) && !h->reserved1[0] && !h->reserved1[1] &&
	       !h->reserved2[0] && !h->reserved2[1] && !h->reserved2[2] && !h->reserved2[3] &&
	       !h->reserved2[4];
}

int arch_xstate_set(struct arch_thread *t, const void *from)
{
	const struct area *f = from;
	struct area *to = (struct area *)t->fpu_parked;
	u64 has = f->header.xfeatures;
	bool mxcsr = has & (FEATURE_SSE | FEATURE_AVX);

	if (!header_ok(&f->header) || (mxcsr && (f->legacy.mxcsr & ~cpu_features.mxcsr_mask)))
		return -EINVAL;
	legacy_set(&to->legacy, &f->legacy);
	/* XRSTOR reads it whatever the components. */
	if (!mxcsr)
		to->legacy.mxcsr = MXCSR_INITIAL;
	to->header.xfeatures = has;
	extended_copy(to, f, has);
	return 0;
}
