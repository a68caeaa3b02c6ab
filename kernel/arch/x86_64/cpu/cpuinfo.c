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

static const struct feature features[] = {
	{"fpu", 1, 'd', 0, 0},
	{"vme", 1, 'd', 1, 0},
	{"de", 1, 'd', 2, 0},
	{"pse", 1, 'd', 3, 0},
	{"tsc", 1, 'd', 4, 0},
	{"msr", 1, 'd', 5, 0},
	{"pae", 1, 'd', 6, 0},
	{"mce", 1, 'd', 7, 0},
	{"cx8", 1, 'd', 8, 0},
	{"apic", 1, 'd', 9, 0},
	{"sep", 1, 'd', 11, 0},
	{"mtrr", 1, 'd', 12, 0},
	{"pge", 1, 'd', 13, 0},
	{"mca", 1, 'd', 14, 0},
	{"cmov", 1, 'd', 15, 0},
	{"pat", 1, 'd', 16, 0},
	{"pse36", 1, 'd', 17, 0},
	{"clflush", 1, 'd', 19, 0},
	{"mmx", 1, 'd', 23, 0},
	{"fxsr", 1, 'd', 24, 0},
	{"sse", 1, 'd', 25, 0},
	{"sse2", 1, 'd', 26, 0},
	{"ss", 1, 'd', 27, 0},
	{"ht", 1, 'd', 28, 0},
	{"syscall", LEAF_FEATURES_AMD, 'd', 11, 0},
	{"nx", LEAF_FEATURES_AMD, 'd', 20, 0},
	{"mmxext", LEAF_FEATURES_AMD, 'd', 22, 0},
	{"fxsr_opt", LEAF_FEATURES_AMD, 'd', 25, 0},
	{"pdpe1gb", LEAF_FEATURES_AMD, 'd', 26, 0},
	{"rdtscp", LEAF_FEATURES_AMD, 'd', 27, 0},
	{"lm", LEAF_FEATURES_AMD, 'd', 29, 0},
	{"3dnowext", LEAF_FEATURES_AMD, 'd', 30, 0},
	{"3dnow", LEAF_FEATURES_AMD, 'd', 31, 0},
	{"pni", 1, 'c', 0, 0},
	{"pclmulqdq", 1, 'c', 1, 0},
	{"ssse3", 1, 'c', 9, 0},
	{"fma", 1, 'c', 12, XCR0_AVX},
	{"cx16", 1, 'c', 13, 0},
	{"pcid", 1, 'c', 17, 0},
	{"sse4_1", 1, 'c', 19, 0},
	{"sse4_2", 1, 'c', 20, 0},
	{"x2apic", 1, 'c', 21, 0},
	{"movbe", 1, 'c', 22, 0},
	{"popcnt", 1, 'c', 23, 0},
	{"tsc_deadline_timer", 1, 'c', 24, 0},
	{"aes", 1, 'c', 25, 0},
	{"xsave", 1, 'c', 26, 0},
	{"avx", 1, 'c', 28, XCR0_AVX},
	{"f16c", 1, 'c', 29, XCR0_AVX},
	{"rdrand", 1, 'c', 30, 0},
	{"hypervisor", 1, 'c', 31, 0},
	{"lahf_lm", LEAF_FEATURES_AMD, 'c', 0, 0},
	{"abm", LEAF_FEATURES_AMD, 'c', 5, 0},
	{"sse4a", LEAF_FEATURES_AMD, 'c', 6, 0},
	{"misalignsse", LEAF_FEATURES_AMD, 'c', 7, 0},
	{"3dnowprefetch", LEAF_FEATURES_AMD, 'c', 8, 0},
	{"xop", LEAF_FEATURES_AMD, 'c', 11, XCR0_AVX},
	{"fma4", LEAF_FEATURES_AMD, 'c', 16, XCR0_AVX},
	{"tbm", LEAF_FEATURES_AMD, 'c', 21, 0},
	{"fsgsbase", 7, 'b', 0, 0},
	{"bmi1", 7, 'b', 3, 0},
	{"avx2", 7, 'b', 5, XCR0_AVX},
	{"smep", 7, 'b', 7, 0},
	{"bmi2", 7, 'b', 8, 0},
	{"erms", 7, 'b', 9, 0},
	{"invpcid", 7, 'b', 10, 0},
	{"rtm", 7, 'b', 11, 0},
	{"avx512f", 7, 'b', 16, XCR0_AVX512},
	{"avx512dq", 7, 'b', 17, XCR0_AVX512},
	{"rdseed", 7, 'b', 18, 0},
	{"adx", 7, 'b', 19, 0},
	{"smap", 7, 'b', 20, 0},
	{"avx512ifma", 7, 'b', 21, XCR0_AVX512},
	{"clflushopt", 7, 'b', 23, 0},
	{"clwb", 7, 'b', 24, 0},
	{"avx512cd", 7, 'b', 28, XCR0_AVX512},
	{"sha_ni", 7, 'b', 29, 0},
	{"avx512bw", 7, 'b', 30, XCR0_AVX512},
	{"avx512vl", 7, 'b', 31, XCR0_AVX512},
	{"avx512vbmi", 7, 'c', 1, XCR0_AVX512},
	{"umip", 7, 'c', 2, 0},
	{"avx512_vbmi2", 7, 'c', 6, XCR0_AVX512},
	{"gfni", 7, 'c', 8, 0},
	{"vaes", 7, 'c', 9, XCR0_AVX},
	{"vpclmulqdq", 7, 'c', 10, XCR0_AVX},
	{"avx512_vnni", 7, 'c', 11, XCR0_AVX512},
	{"avx512_bitalg", 7, 'c', 12, XCR0_AVX512},
	{"avx512_vpopcntdq", 7, 'c', 14, XCR0_AVX512},
	{"rdpid", 7, 'c', 22, 0},
	{"movdiri", 7, 'c', 27, 0},
	{"movdir64b", 7, 'c', 28, 0},
	{"fsrm", 7, 'd', 4, 0},
	{"serialize", 7, 'd', 14, 0},
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
