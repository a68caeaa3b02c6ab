/*
 * Which features this CPU has. What the kernel can't do without (every server CPU since 2015 has it) is
 * demanded here, in one clear line; what is only useful is noted in cpu_features.
 */
#define LOG_SUBSYSTEM "cpu"
#include "arch/features.h"

#include "arch/cpu_setup.h"
#include "arch/cpuid.h"
#include "arch/msr.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "trace/log.h"

#define XCR0_X87 BIT(0)
#define XCR0_SSE BIT(1)
#define XCR0_AVX BIT(2)
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))

/* IA32_ARCH_CAPABILITIES */
#define ARCH_CAP_RDCL_NO BIT(0)
#define ARCH_CAP_MDS_NO BIT(5)
#define ARCH_CAP_TAA_NO BIT(8)
#define ARCH_CAP_FBSDP_NO BIT(14)
#define ARCH_CAP_RFDS_NO BIT(27)

RO_AFTER_INIT struct cpu_features cpu_features;

struct needed_feature {
	const char *name;
	u32 leaf;
	u8 reg; /* 'a' to 'd' */
	u8 bit;
};

static const struct needed_feature needed[] = {
	{"PAE", 1, 'd', 6},
	{"APIC", 1, 'd', 9},
	{"FXSR", 1, 'd', 24},
	{"SSE2", 1, 'd', 26},
	{"XSAVE", 1, 'c', 26},
	{"FSGSBASE", 7, 'b', 0},
	{"SMEP", 7, 'b', 7},
	{"SMAP", 7, 'b', 20},
	{"SYSCALL", 0x80000001, 'd', 11},
	{"NX", 0x80000001, 'd', 20},
	{"long mode", 0x80000001, 'd', 29},
};

static INIT_TEXT bool leaf_exists(u32 leaf)
{
	return cpuid(leaf & 0x80000000, 0).eax >= leaf;
}

static INIT_TEXT bool has(u32 leaf, u8 reg, u8 bit)
{
	if (!leaf_exists(leaf))
		return false;
	struct cpuid r = cpuid(leaf, 0);
	u32 word = reg == 'a' ? r.eax : reg == 'b' ? r.ebx : reg == 'c' ? r.ecx : r.edx;
	return word >> bit & 1;
}

static INIT_TEXT void find_optional(struct cpu_features *f)
{
	f->pcid = has(1, 'c', 17);
	f->invpcid = has(7, 'b', 10);
	f->umip = has(7, 'c', 2);
	f->x2apic = has(1, 'c', 21);
	f->tsc_deadline = has(1, 'c', 24);
	f->invariant_tsc = has(0x80000007, 'd', 8);
	f->pages_1g = has(0x80000001, 'd', 26);
	f->rdrand = has(1, 'c', 30);
	f->rdseed = has(7, 'b', 18);
	f->erms = has(7, 'b', 9);
	f->hypervisor = has(1, 'c', 31);
	f->hwcap = cpuid(1, 0).edx;
	f->phys_bits = leaf_exists(0x80000008) ? cpuid(0x80000008, 0).eax & 0xff : 36;
	/* "AuthenticAMD" and "HygonGenuine" in EBX, EDX, ECX order. */
	u32 vendor = cpuid(0, 0).ebx;
	f->amd = vendor == 0x68747541 || vendor == 0x6f677948;
}

/*
 * Leaking through Meltdown or the buffer leaks is assumed unless the CPU denies it, as IA32_ARCH_CAPABILITIES
 * and AMD's design do.
 */
static INIT_TEXT void find_leaks(struct cpu_features *f)
{
	u64 capabilities = has(7, 'd', 29) ? msr_read(MSR_ARCH_CAPABILITIES) : 0;
	f->needs_pti = !f->amd && !(capabilities & ARCH_CAP_RDCL_NO);
	u64 clean = ARCH_CAP_MDS_NO | ARCH_CAP_TAA_NO | ARCH_CAP_FBSDP_NO | ARCH_CAP_RFDS_NO;
	f->needs_verw = !f->amd && (capabilities & clean) != clean;
}

/* State that XSAVE manages for programs. Protection keys and AMX are left out: their CR4 and XCR0 bits stay 0, so
 * programs don't see them (hazards C14, W5). */
static INIT_TEXT void find_xsave(struct cpu_features *f)
{
	struct cpuid r = cpuid(0xd, 0);
	u64 supported = (u64)r.edx << 32 | r.eax;
	f->xcr0 = supported & (XCR0_X87 | XCR0_SSE | XCR0_AVX);
	if ((f->xcr0 & XCR0_AVX) && (supported & XCR0_AVX512) == XCR0_AVX512)
		f->xcr0 |= XCR0_AVX512;
	f->xsaveopt = cpuid(0xd, 1).eax & 1;

	/* The standard format: legacy area and header, then each component where CPUID says. */
	f->xsave_size = 512 + 64;
	for (u32 i = 2; i < 64; i++) {
		if (!(f->xcr0 & BIT(i)))
			continue;
		r = cpuid(0xd, i);
		f->xsave_size = MAX(f->xsave_size, r.ebx + r.eax);
	}
}

INIT_TEXT void cpu_check_features(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!has(needed[i].leaf, needed[i].reg, needed[i].bit))
			refuse_start(
				"this CPU has no %s, which Airlock needs; with QEMU use -cpu max",
				needed[i].name);
	find_optional(&cpu_features);
	find_leaks(&cpu_features);
	find_xsave(&cpu_features);
}
