/*
 * Floating-point and vector state that the processor refuses, and state that must come through
 * the kernel unharmed.
 *
 * Hazards I13, X9, X14, W5.  What the processor refuses is refused to ring 3 itself here
 * (#GP); the kernel's own XRSTOR never sees an image of the program's making before signal
 * frames exist.
 */
#include "hostile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static char image[8192] __attribute__((aligned(64)));

static void xsave(void)
{
	memset(image, 0, sizeof(image));
	__asm__ volatile("xsave (%0)" : : "r"(image), "a"(7), "d"(0) : "memory");
}

static void xrstor(const char *from)
{
	__asm__ volatile("xrstor (%0)" : : "r"(from), "a"(7), "d"(0) : "memory");
}

/* a: offset of a 64-bit word in the image, b: what to put there. */
static void fpu_bad_image(const struct hostile_case *c)
{
	xsave();
	memcpy(image + c->a, &c->b, 8);
	xrstor(image);
}

static void fpu_unaligned_image(const struct hostile_case *c)
{
	xsave();
	xrstor(image + c->a);
}

static void fpu_unmapped_image(const struct hostile_case *c)
{
	char *end = page_end(PROT_READ | PROT_WRITE);
	memset(end - 4096, 0, 4096);
	memcpy(end - 512, "\x7f\x03", 2);
	xrstor(end - c->a);
}

static void fpu_bad_mxcsr(const struct hostile_case *c)
{
	uint32_t mxcsr = (uint32_t)c->a;
	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static void fpu_bad_fxrstor(const struct hostile_case *c)
{
	__asm__ volatile("fxsave (%0)" : : "r"(image) : "memory");
	memcpy(image + 24, &c->a, 4);
	__asm__ volatile("fxrstor (%0)" : : "r"(image) : "memory");
}

/* The state while the kernel is entered in different ways. */
static void fpu_disturb(unsigned int how)
{
	struct timespec time = {0, 2000000};
	switch (how) {
	case 0:
		raw6(39, 0, 0, 0, 0, 0, 0);
		break;
	case 1:
		raw6(35, (long)&time, 0, 0, 0, 0, 0);
		break;
	case 2:
		*(volatile char *)fresh_pages(1, PROT_READ | PROT_WRITE) = 1;
		break;
	case 3:
		for (volatile unsigned int i = 0; i < 3000000; i++)
			;
		break;
	}
}

static void fpu_kept(const struct hostile_case *c)
{
	(void)c;
	static char before[8192] __attribute__((aligned(64)));
	for (unsigned int how = 0; how < 4; how++) {
		uint16_t control = 0x0c7f;
		uint32_t mxcsr = 0x7fa0;
		xsave();
		for (int i = 0; i < 16; i++)
			memset(image + 160 + 16 * i, 0x11 * (i + 1), 16);
		for (int i = 0; i < 16; i++)
			memset(image + 576 + 16 * i, 0xff - i, 16);
		for (int i = 0; i < 8; i++)
			memset(image + 32 + 16 * i, 0x20 + i, 10);
		memcpy(image, &control, 2);
		memcpy(image + 24, &mxcsr, 4);
		image[4] = (char)0xff;
		image[512] = 7;
		memcpy(before, image, sizeof(before));
		uint32_t plain = 0x1f80;
		__asm__ volatile("" ::: "memory");
		xrstor(image);
		fpu_disturb(how);
		__asm__ volatile("xsave (%0)" : : "r"(image), "a"(7), "d"(0) : "memory");
		__asm__ volatile("vzeroall; fninit; ldmxcsr %0" : : "m"(plain));
		say("%u: control %x, MXCSR %x, tags %x, x87 %s, XMM %s, YMM %s\n", how,
			*(uint16_t *)image, *(uint32_t *)(image + 24), (unsigned char)image[4],
			memcmp(image + 32, before + 32, 128) ? "CHANGED" : "kept",
			memcmp(image + 160, before + 160, 256) ? "CHANGED" : "kept",
			memcmp(image + 576, before + 576, 256) ? "CHANGED" : "kept");
	}
}

/*
 * Exceptions that are unmasked: SIGFPE where the processor raises them (an emulated one may
 * not).
 */
static void fpu_unmasked_sse(const struct hostile_case *c)
{
	uint32_t mxcsr = 0;
	(void)c;
	__asm__ volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; divss %%xmm0, %%xmm0"
			 :
			 : "m"(mxcsr)
			 : "xmm0");
}

static void fpu_unmasked_x87(const struct hostile_case *c)
{
	uint16_t control = 0;
	(void)c;
	__asm__ volatile("fninit; fldcw %0; fldz; fldz; fdivp; fwait" : : "m"(control));
}

static void fpu_alignment_check(const struct hostile_case *c)
{
	(void)c;
	__asm__ volatile("pushfq; orl $0x40000, (%%rsp); popfq; movl 1(%0), %%eax"
			 :
			 : "r"(image)
			 : "rax", "cc");
}

void fpu_cases(void)
{
	case_add(SURVIVES, fpu_kept, 0, 0, "fpu.kept");
	case_add(DIES, fpu_bad_image, 512, 0x8000000000000007, "fpu.xrstor.xstate_bv");
	case_add(DIES, fpu_bad_image, 512, 1UL << 62, "fpu.xrstor.component-62");
	case_add(DIES, fpu_bad_image, 520, 7, "fpu.xrstor.xcomp_bv");
	case_add(DIES, fpu_bad_image, 520, 1UL << 63, "fpu.xrstor.compacted");
	case_add(DIES, fpu_bad_image, 528, 1, "fpu.xrstor.reserved");
	case_add(DIES, fpu_bad_image, 24, 0xffffffffffff, "fpu.xrstor.mxcsr");
	case_add(DIES, fpu_unaligned_image, 8, 0, "fpu.xrstor.unaligned");
	case_add(DIES, fpu_unmapped_image, 512, 0, "fpu.xrstor.unmapped");
	case_add(DIES, fpu_bad_mxcsr, 0x10000, 0, "fpu.ldmxcsr.reserved");
	case_add(DIES, fpu_bad_mxcsr, 0xffffffff, 0, "fpu.ldmxcsr.all");
	case_add(DIES, fpu_bad_fxrstor, 0xffff0000, 0, "fpu.fxrstor.mxcsr");
	case_add(DIES, fpu_unmasked_sse, 0, 0, "fpu.unmasked.sse");
	case_add(DIES, fpu_unmasked_x87, 0, 0, "fpu.unmasked.x87");
	case_add(DIES, fpu_alignment_check, 0, 0, "fpu.alignment-check");
}
