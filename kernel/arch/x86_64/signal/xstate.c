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

#define XSTATE_LEGACY (BIT(0) | BIT(1))
#define XSTATE_MXCSR_USERS (BIT(1) | BIT(2))
#define XSTATE_HEADER_OFFSET sizeof(struct _fpstate_64)
/* Of the middle, as far as anything is looked at. */
#define XSTATE_CHECKED_BYTES (sizeof(struct _fpx_sw_bytes) + offsetof(struct _header, reserved2))
#define XSTATE_SIZE_MIN (sizeof(struct _fpstate_64) + sizeof(struct _header))

/* ucopy_xstate.S: 0, or 1 after a fault. */
int ucopy_xsave(uaddr_t to, u64 mask);
int ucopy_xrstor(uaddr_t from, u64 mask);
int ucopy_fxrstor(uaddr_t from);

u32 xstate_frame_size(void)
{
	return cpu_features.xsave_size + FP_XSTATE_MAGIC2_SIZE;
}

static uaddr_t field(uaddr_t area, size_t offset)
{
	return area + offset;
}

/* What lies between the legacy area's registers and the extended ones: Linux's description, and XSAVE's
 * header, of which XSAVE writes the first word only. Written and read in one piece. */
struct xstate_middle {
	struct _fpx_sw_bytes sw;
	struct _header header;
};

#define XSTATE_MIDDLE_OFFSET offsetof(struct _fpstate_64, sw_reserved)
_Static_assert(XSTATE_MIDDLE_OFFSET + sizeof(struct _fpx_sw_bytes) == XSTATE_HEADER_OFFSET,
	"the description ends where the header begins");

int xstate_save_user(uaddr_t to)
{
	struct xstate_middle middle = {
		.sw =
			{
				.magic1 = FP_XSTATE_MAGIC1,
				.extended_size = xstate_frame_size(),
				.xfeatures = cpu_features.xcr0,
				.xstate_size = cpu_features.xsave_size,
			},
	};

	if (!user_range_ok(to, xstate_frame_size()))
		return -EFAULT;
	int err = copy_to_user(field(to, XSTATE_MIDDLE_OFFSET), &middle, sizeof(middle));
	if (!err && ucopy_xsave(to, cpu_features.xcr0))
		err = -EFAULT;
	return err ? err : put_user_u32(field(to, cpu_features.xsave_size), FP_XSTATE_MAGIC2);
}

/* What is to be loaded: components, and whether the area is only FXSAVE's. */
struct xstate_content {
	u64 features;
	bool legacy;
};

/* As on Linux, an area that does not describe itself consistently is not an error but an old one. */
static int read_description(uaddr_t from, struct xstate_middle *middle, struct xstate_content *c)
{
	const struct _fpx_sw_bytes *sw = &middle->sw;
	u32 magic2;

	*c = (struct xstate_content){.features = XSTATE_LEGACY, .legacy = true};
	if (copy_from_user(middle, field(from, XSTATE_MIDDLE_OFFSET), XSTATE_CHECKED_BYTES))
		return -EFAULT;
	if (sw->magic1 != FP_XSTATE_MAGIC1 || sw->xstate_size < XSTATE_SIZE_MIN ||
		sw->xstate_size > cpu_features.xsave_size || sw->xstate_size > sw->extended_size)
		return 0;
	if (get_user_u32(&magic2, field(from, sw->xstate_size)))
		return -EFAULT;
	if (magic2 != FP_XSTATE_MAGIC2)
		return 0;
	*c = (struct xstate_content){.features = sw->xfeatures & cpu_features.xcr0};
	return 0;
}

static int check_mxcsr(uaddr_t from)
{
	u32 mxcsr;

	if (get_user_u32(&mxcsr, field(from, offsetof(struct _fpstate_64, mxcsr))))
		return -EFAULT;
	return mxcsr & ~cpu_features.mxcsr_mask ? -EFAULT : 0;
}

/* Only the standard form, only components that there are, and nothing reserved. */
static bool header_is_good(const struct _header *h)
{
	return !(h->xfeatures & ~cpu_features.xcr0) && !h->reserved1[0] && !h->reserved1[1];
}

static int restore_legacy(uaddr_t from)
{
	int err = check_mxcsr(from);

	/* FXRSTOR leaves the other components alone. */
	fpu_clear();
	return err || ucopy_fxrstor(from) ? -EFAULT : 0;
}

static int restore_extended(uaddr_t from, const struct _header *h, u64 features)
{
	int err = header_is_good(h) ? 0 : -EFAULT;

	if (!err && (features & XSTATE_MXCSR_USERS))
		err = check_mxcsr(from);
	if (!err && features != cpu_features.xcr0)
		fpu_clear();
	return err || ucopy_xrstor(from, features) ? -EFAULT : 0;
}

int xstate_restore_user(uaddr_t from)
{
	struct xstate_middle middle;
	struct xstate_content c;

	if (!from) {
		fpu_clear();
		return 0;
	}
	int err = user_range_ok(from, xstate_frame_size()) ? read_description(from, &middle, &c)
							   : -EFAULT;
	if (!err)
		err = c.legacy ? restore_legacy(from)
			       : restore_extended(from, &middle.header, c.features);
	if (err)
		fpu_clear();
	return err;
}
