/*
 * What the CPUs are, for /proc/cpuinfo: programs look there for the model, and scripts for the words of the line "flags".
 *
 * A feature has the name that Linux gives it and stands in the order that Linux has. Only what programs can use is named, or what tells
 * them where they run: what the kernel does with the CPU is no business of theirs. State that the kernel does not save for programs
 * (protection keys, AMX) it does not switch on either, so the instructions fault and there is no name.
 */
#include "arch/cpuinfo.h"

#include "arch/clock.h"
#include "arch/cpuid.h"
#include "arch/features.h"
#include "lib/string.h"

#define LEAF_EXTENDED 0x80000000U
#define LEAF_FEATURES_AMD 0x80000001U
#define LEAF_NAME 0x80000002U
#define LEAF_SIZES 0x80000008U

#define XCR0_AVX BIT(2)
#define XCR0_AVX512 BIT(5)

/* With what the kernel must have switched on (bits of XCR0) for programs to use it. */
struct feature {
	const char *name;
	u32 leaf;
	char reg;
	u8 bit;
	u8 state;
};

#define EDX1(n, b)              \
	{                       \
		n, 1, 'd', b, 0 \
	}
#define ECX1(n, b)              \
	{                       \
		n, 1, 'c', b, 0 \
	}
#define EDX8(n, b)                              \
	{                                       \
		n, LEAF_FEATURES_AMD, 'd', b, 0 \
	}
#define ECX8(n, b)                              \
	{                                       \
		n, LEAF_FEATURES_AMD, 'c', b, 0 \
	}
#define EBX7(n, b)              \
	{                       \
		n, 7, 'b', b, 0 \
	}
#define ECX7(n, b)              \
	{                       \
		n, 7, 'c', b, 0 \
	}
#define EDX7(n, b)              \
	{                       \
		n, 7, 'd', b, 0 \
	}

static const struct feature features[] = {
	EDX1("fpu", 0),
	EDX1("vme", 1),
	EDX1("de", 2),
	EDX1("pse", 3),
	EDX1("tsc", 4),
	EDX1("msr", 5),
	EDX1("pae", 6),
	EDX1("mce", 7),
	EDX1("cx8", 8),
	EDX1("apic", 9),
	EDX1("sep", 11),
	EDX1("mtrr", 12),
	EDX1("pge", 13),
	EDX1("mca", 14),
	EDX1("cmov", 15),
	EDX1("pat", 16),
	EDX1("pse36", 17),
	EDX1("clflush", 19),
	EDX1("mmx", 23),
	EDX1("fxsr", 24),
	EDX1("sse", 25),
	EDX1("sse2", 26),
	EDX1("ss", 27),
	EDX1("ht", 28),
	EDX8("syscall", 11),
	EDX8("nx", 20),
	EDX8("mmxext", 22),
	EDX8("fxsr_opt", 25),
	EDX8("pdpe1gb", 26),
	EDX8("rdtscp", 27),
	EDX8("lm", 29),
	EDX8("3dnowext", 30),
	EDX8("3dnow", 31),
	ECX1("pni", 0),
	ECX1("pclmulqdq", 1),
	ECX1("ssse3", 9),
	{"fma", 1, 'c', 12, XCR0_AVX},
	ECX1("cx16", 13),
	ECX1("pcid", 17),
	ECX1("sse4_1", 19),
	ECX1("sse4_2", 20),
	ECX1("x2apic", 21),
	ECX1("movbe", 22),
	ECX1("popcnt", 23),
	ECX1("tsc_deadline_timer", 24),
	ECX1("aes", 25),
	ECX1("xsave", 26),
	{"avx", 1, 'c', 28, XCR0_AVX},
	{"f16c", 1, 'c', 29, XCR0_AVX},
	ECX1("rdrand", 30),
	ECX1("hypervisor", 31),
	ECX8("lahf_lm", 0),
	ECX8("abm", 5),
	ECX8("sse4a", 6),
	ECX8("misalignsse", 7),
	ECX8("3dnowprefetch", 8),
	{"xop", LEAF_FEATURES_AMD, 'c', 11, XCR0_AVX},
	{"fma4", LEAF_FEATURES_AMD, 'c', 16, XCR0_AVX},
	ECX8("tbm", 21),
	EBX7("fsgsbase", 0),
	EBX7("bmi1", 3),
	{"avx2", 7, 'b', 5, XCR0_AVX},
	EBX7("smep", 7),
	EBX7("bmi2", 8),
	EBX7("erms", 9),
	EBX7("invpcid", 10),
	EBX7("rtm", 11),
	{"avx512f", 7, 'b', 16, XCR0_AVX512},
	{"avx512dq", 7, 'b', 17, XCR0_AVX512},
	EBX7("rdseed", 18),
	EBX7("adx", 19),
	EBX7("smap", 20),
	{"avx512ifma", 7, 'b', 21, XCR0_AVX512},
	EBX7("clflushopt", 23),
	EBX7("clwb", 24),
	{"avx512cd", 7, 'b', 28, XCR0_AVX512},
	EBX7("sha_ni", 29),
	{"avx512bw", 7, 'b', 30, XCR0_AVX512},
	{"avx512vl", 7, 'b', 31, XCR0_AVX512},
	{"avx512vbmi", 7, 'c', 1, XCR0_AVX512},
	ECX7("umip", 2),
	{"avx512_vbmi2", 7, 'c', 6, XCR0_AVX512},
	ECX7("gfni", 8),
	{"vaes", 7, 'c', 9, XCR0_AVX},
	{"vpclmulqdq", 7, 'c', 10, XCR0_AVX},
	{"avx512_vnni", 7, 'c', 11, XCR0_AVX512},
	{"avx512_bitalg", 7, 'c', 12, XCR0_AVX512},
	{"avx512_vpopcntdq", 7, 'c', 14, XCR0_AVX512},
	ECX7("rdpid", 22),
	ECX7("movdiri", 27),
	ECX7("movdir64b", 28),
	EDX7("fsrm", 4),
	EDX7("serialize", 14),
	{"avx512_fp16", 7, 'd', 23, XCR0_AVX512},
};

static bool leaf_exists(u32 leaf)
{
	return cpuid(leaf & LEAF_EXTENDED, 0).eax >= leaf;
}

static bool has(const struct feature *f)
{
	if (!leaf_exists(f->leaf) || (cpu_features.xcr0 & f->state) != f->state)
		return false;
	struct cpuid r = cpuid(f->leaf, 0);
	u32 word = f->reg == 'b' ? r.ebx : f->reg == 'c' ? r.ecx : r.edx;
	return word >> f->bit & 1;
}

const char *cpu_next_feature(u32 *at)
{
	while (*at < ARRAY_SIZE(features)) {
		const struct feature *f = &features[(*at)++];
		if (has(f))
			return f->name;
	}
	return NULL;
}

/* Bytes of the name may be blanks in front, and NULs behind. */
static void get_model_name(char out[49])
{
	char text[49] = "";

	for (u32 i = 0; i < 3 && leaf_exists(LEAF_NAME + 2); i++) {
		struct cpuid r = cpuid(LEAF_NAME + i, 0);
		memcpy(text + 16UL * i, &r, sizeof(r));
	}
	const char *start = text;
	while (*start == ' ')
		start++;
	string_copy(out, *start ? start : "unknown", 49);
	for (size_t n = strlen(out); n > 0 && out[n - 1] == ' '; n--)
		out[n - 1] = '\0';
}

/* Family and model have an extension each, for the families that need it. */
static void get_model(struct cpu_identity *c)
{
	u32 eax = cpuid(1, 0).eax, family = eax >> 8 & 0xf, model = eax >> 4 & 0xf;

	c->family = family == 0xf ? family + (eax >> 20 & 0xff) : family;
	c->model = c->family >= 6 ? model + (eax >> 12 & 0xf0) : model;
	c->stepping = eax & 0xf;
}

void cpu_identify(struct cpu_identity *out)
{
	struct cpuid r = cpuid(0, 0);

	*out = (struct cpu_identity){.level = r.eax, .khz = clock_tsc_khz()};
	memcpy(out->vendor, &r.ebx, 4);
	memcpy(out->vendor + 4, &r.edx, 4);
	memcpy(out->vendor + 8, &r.ecx, 4);
	get_model_name(out->model_name);
	get_model(out);
	/* In units of eight bytes. */
	out->clflush_bytes = (cpuid(1, 0).ebx >> 8 & 0xff) * 8;
	out->physical_bits = cpu_features.phys_bits;
	out->virtual_bits = leaf_exists(LEAF_SIZES) ? cpuid(LEAF_SIZES, 0).eax >> 8 & 0xff : 48;
}
