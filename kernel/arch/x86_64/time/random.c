/*
 * Entropy from the machine.
 *
 * RDSEED and RDRAND may fail for a moment: RDSEED when it is used faster than its source refills,
 * RDRAND (Intel's guide says) never ten times in a row unless it is broken. Some AMD CPUs returned
 * all ones after a sleep; such words are refused. Every word is mixed with the TSC all the same.
 * Without either instruction only timing is left: how long accesses to a slow device take, which a
 * program can't see but which is not much of a secret; the caller is told.
 */
#include "arch/random.h"

#include "arch/features.h"
#include "arch/io.h"
#include "arch/irqflags.h"
#include "lib/string.h"
#include "time/tsc.h"

#define RDSEED_TRIES 100
#define RDRAND_TRIES 10
#define TIMING_ROUNDS 64
/* The golden ratio as a 64-bit fraction: spreads each bit over the upper half of a product. */
#define SPREAD 0x9e3779b97f4a7c15

static bool rdseed(u64 *v)
{
	for (u32 i = 0; i < RDSEED_TRIES; i++) {
		bool ok;
		__asm__ volatile("rdseed %0; setc %1" : "=r"(*v), "=qm"(ok)::"cc");
		if (ok)
			return true;
		cpu_relax();
	}
	return false;
}

static bool rdrand(u64 *v)
{
	for (u32 i = 0; i < RDRAND_TRIES; i++) {
		bool ok;
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*v), "=qm"(ok)::"cc");
		if (ok)
			return true;
	}
	return false;
}

static bool hardware_word(u64 *v)
{
	if (cpu_features.rdseed && rdseed(v) && *v != UINT64_MAX)
		return true;
	return cpu_features.rdrand && rdrand(v) && *v != UINT64_MAX;
}

static u64 timing_word(void)
{
	u64 v = 0;
	for (u32 i = 0; i < TIMING_ROUNDS; i++) {
		io_in8(0x80);
		v = (v << 7 | v >> 57) ^ tsc_read() * SPREAD;
	}
	return v;
}

bool arch_random_seed(void *to, size_t n)
{
	bool all = true;
	u8 *out = to;
	while (n > 0) {
		u64 word;
		if (!hardware_word(&word)) {
			word = timing_word();
			all = false;
		}
		word ^= tsc_read() * SPREAD;
		size_t part = MIN(n, sizeof(word));
		memcpy(out, &word, part);
		out += part;
		n -= part;
	}
	return all;
}
