/* XSAVE areas in the standard format, which is also the one of Linux's signal frames. */
#include "cpu/fpu.h"

#include "arch/features.h"
#include "arch/upcalls.h"
#include "lib/string.h"

#define MXCSR_OFFSET 24
#define MXCSR_DEFAULT 0x1f80
#define FCW_DEFAULT 0x37f

#define MXCSR_MASK_OFFSET 28
/* What a CPU means that stores 0 there. */
#define MXCSR_MASK_DEFAULT 0xffbf
#define XSAVE_FIXED_SIZE (512 + 64)

static void find_mxcsr_mask(void)
{
	static ALIGNED(64) INIT_DATA char area[XSAVE_FIXED_SIZE];
	u32 mask;

	__asm__ volatile("fxsave64 (%0)" ::"r"(area) : "memory");
	mask = *(u32 *)(area + MXCSR_MASK_OFFSET);
	cpu_features.mxcsr_mask = mask ? mask : MXCSR_MASK_DEFAULT;
}

void fpu_load(void)
{
	u64 mask = cpu_features.xcr0;
	__asm__ volatile("xsetbv" ::"c"(0), "a"((u32)mask), "d"((u32)(mask >> 32)));
	if (!cpu_features.mxcsr_mask)
		find_mxcsr_mask();
}

/* An XSTATE_BV of 0 makes XRSTOR give every component its initial value; only MXCSR is read all the same. */
static void fpu_init(struct fpu_state *s)
{
	*(u16 *)s = FCW_DEFAULT;
	*(u32 *)((char *)s + MXCSR_OFFSET) = MXCSR_DEFAULT;
}

void fpu_reset(struct fpu_state *s)
{
	memset(s, 0, cpu_features.xsave_size);
	fpu_init(s);
	fpu_restore(s);
}

void fpu_clear(void)
{
	/* As in fpu_alloc(): of components in their initial state nothing but MXCSR is read. */
	static ALIGNED(64) const struct {
		u8 legacy[MXCSR_OFFSET];
		u32 mxcsr;
		u8 rest[XSAVE_FIXED_SIZE - MXCSR_OFFSET - sizeof(u32)];
	} clean = {.mxcsr = MXCSR_DEFAULT};

	fpu_restore((const struct fpu_state *)&clean);
}

struct fpu_state *fpu_alloc(bool copy_current)
{
	struct fpu_state *s = upcall_fpu_alloc();
	if (!s)
		return NULL;
	if (copy_current) {
		fpu_save(s);
		return s;
	}
	fpu_init(s);
	return s;
}

void fpu_free(struct fpu_state *s)
{
	if (s)
		upcall_fpu_free(s);
}
