/*
 * The XSAVE area of a signal frame.
 *
 * It is written and read by XSAVE and XRSTOR on the program's memory itself: no copy, and what
 * another thread changes meanwhile can do no more than make the instruction fault. A fault on a page
 * that is merely not there yet is mended and the instruction starts anew; between, the thread may
 * have been switched out and in, which neither changes the registers that XSAVE stores nor harms
 * what XRSTOR has loaded so far, since it begins again. Any other fault ends at the fixup.
 *
 * What the CPU checks (the header's reserved bits, MXCSR) is checked here first, because a CPU under
 * emulation may not.
 */
#include "signal/xstate.h"

#include <asm/sigcontext.h>

#include "arch/features.h"
#include "arch/ucopy.h"
#include "cpu/fpu.h"
#include "lib/errno.h"
#include "signal/offsets.h"

#define XSTATE_LEGACY (BIT(0) | BIT(1))
#define XSTATE_MXCSR_USERS (BIT(1) | BIT(2))
#define XSTATE_SIZE_MIN (sizeof(struct _fpstate_64) + sizeof(struct _header))

/* What an area says about itself, and what is checked of it: each word read once. */
struct xstate_look {
	u32 magic1, extended_size;
	u64 features;
	u32 size, unused;
	/* Of XSAVE's header. */
	u64 header_features, header_reserved[2];
	u32 mxcsr;
};

#define SW_IS(member, look)                                                                   \
	_Static_assert(                                                                       \
		offsetof(struct _fpx_sw_bytes, member) == offsetof(struct xstate_look, look), \
		#member)
SW_IS(magic1, magic1);
SW_IS(extended_size, extended_size);
SW_IS(xfeatures, features);
SW_IS(xstate_size, size);
_Static_assert(offsetof(struct _fpx_sw_bytes, xstate_size) == SW_XSTATE_SIZE, "size");
_Static_assert(offsetof(struct _fpstate_64, mxcsr) == XSTATE_MXCSR, "MXCSR");
_Static_assert(offsetof(struct _fpstate_64, sw_reserved) == XSTATE_SW, "Linux's description");
_Static_assert(sizeof(struct _fpx_sw_bytes) == XSTATE_HEADER - XSTATE_SW, "and its end");
_Static_assert(sizeof(struct _fpstate_64) == XSTATE_HEADER, "XSAVE's header");
_Static_assert(offsetof(struct xstate_look, header_features) == LOOK_HEADER, "header");
_Static_assert(offsetof(struct xstate_look, mxcsr) == LOOK_MXCSR, "MXCSR");

/* ucopy_xstate.S: 0, or 1 after a fault. */
int ucopy_xsave(uaddr_t to, u64 mask, const struct _fpx_sw_bytes *sw, u64 magic2);
int ucopy_xstate_look(struct xstate_look *to, uaddr_t from);
int ucopy_xrstor(uaddr_t from, u64 mask);
int ucopy_fxrstor(uaddr_t from);

static struct _fpx_sw_bytes description RO_AFTER_INIT;

INIT_TEXT void xstate_init(void)
{
	description = (struct _fpx_sw_bytes){
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = xstate_frame_size(),
		.xfeatures = cpu_features.xcr0,
		.xstate_size = cpu_features.xsave_size,
	};
}

int xstate_save_user(uaddr_t to)
{
	if (ucopy_xsave(to, cpu_features.xcr0, &description, FP_XSTATE_MAGIC2))
		return -EFAULT;
	return 0;
}

/* What is to be loaded: components, and whether the area is only FXSAVE's. */
struct xstate_content {
	u64 features;
	bool legacy;
};

/* As on Linux, an area that does not describe itself consistently is not an error but an old one. */
static int read_description(uaddr_t from, struct xstate_look *look, struct xstate_content *c)
{
	u32 magic2;

	*c = (struct xstate_content){.features = XSTATE_LEGACY, .legacy = true};
	if (ucopy_xstate_look(look, from))
		return -EFAULT;
	if (look->magic1 != FP_XSTATE_MAGIC1 || look->size < XSTATE_SIZE_MIN ||
		look->size > cpu_features.xsave_size || look->size > look->extended_size)
		return 0;
	if (get_user_u32(&magic2, from + look->size))
		return -EFAULT;
	if (magic2 != FP_XSTATE_MAGIC2)
		return 0;
	*c = (struct xstate_content){.features = look->features & cpu_features.xcr0};
	return 0;
}

static bool mxcsr_is_good(const struct xstate_look *look)
{
	return !(look->mxcsr & ~cpu_features.mxcsr_mask);
}

/* Only the standard form, only components that there are, and nothing reserved. */
static bool header_is_good(const struct xstate_look *look)
{
	return !(look->header_features & ~cpu_features.xcr0) && !look->header_reserved[0] &&
	       !look->header_reserved[1];
}

static int restore_legacy(uaddr_t from, const struct xstate_look *look)
{
	/* FXRSTOR leaves the other components alone. */
	fpu_clear();
	return mxcsr_is_good(look) && !ucopy_fxrstor(from) ? 0 : -EFAULT;
}

static int restore_extended(uaddr_t from, const struct xstate_look *look, u64 features)
{
	if (!header_is_good(look) || ((features & XSTATE_MXCSR_USERS) && !mxcsr_is_good(look)))
		return -EFAULT;
	if (features != cpu_features.xcr0)
		fpu_clear();
	return ucopy_xrstor(from, features) ? -EFAULT : 0;
}

int xstate_restore_user(uaddr_t from)
{
	struct xstate_look look;
	struct xstate_content c;

	if (!from) {
		fpu_clear();
		return 0;
	}
	int err = user_access_ok(from, xstate_frame_size()) ? read_description(from, &look, &c)
							    : -EFAULT;
	if (!err)
		err = c.legacy ? restore_legacy(from, &look)
			       : restore_extended(from, &look, c.features);
	if (err)
		fpu_clear();
	return err;
}
