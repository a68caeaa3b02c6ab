/*
 * KVM's paravirtual clock.
 *
 * For each CPU the host keeps a record: at TSC value T the time was S, and from there it runs at so
 * many nanoseconds a step. It rewrites the record when it moves the CPU or the whole machine; the
 * version is odd while it does so. The writer is the host, and it writes this CPU's record only
 * while this CPU does not run, so a reader of its own record never waits, not even in an NMI.
 */
#include "time/pvclock.h"

#include "arch/cpu.h"
#include "arch/cpuid.h"
#include "arch/features.h"
#include "arch/msr.h"
#include "arch/page.h"
#include "lib/compiler.h"
#include "time/tsc.h"

#define CPUID_HYPERVISOR 0x40000000
#define CPUID_KVM_FEATURES 0x40000001
#define KVM_FEATURE_CLOCKSOURCE2 BIT(3)
#define KVM_FEATURE_CLOCKSOURCE_STABLE BIT(24)
#define MSR_KVM_WALL_CLOCK 0x4b564d00
#define MSR_KVM_SYSTEM_TIME 0x4b564d01
#define SYSTEM_TIME_ENABLE 1

#define FLAG_TSC_STABLE BIT(0)

struct pvclock_record {
	u32 version;
	u32 pad;
	u64 tsc;
	u64 ns;
	u32 mult; /* nanoseconds times 2^32 for each (TSC << shift) */
	s8 shift;
	u8 flags;
	u8 pad2[2];
};
_Static_assert(sizeof(struct pvclock_record) == 32, "pvclock record");

struct pvclock_wall {
	u32 version, seconds, nanoseconds;
};

/* Written by the host. 64 bytes apart, so that none crosses a page. */
static struct {
	ALIGNED(64) struct pvclock_record r;
} records[MAX_CPUS];
static ALIGNED(16) struct pvclock_wall wall;
RO_AFTER_INIT static bool host_stable;
/* The latest time that any CPU has returned, where CPUs' records may disagree. */
static atomic64_t latest;

bool pvclock_detect(void)
{
	if (!cpu_features.hypervisor)
		return false;
	struct cpuid r = cpuid(CPUID_HYPERVISOR, 0);
	/* "KVMKVMKVM" */
	if (r.ebx != 0x4b4d564b || r.ecx != 0x564b4d56 || r.edx != 0x4d)
		return false;
	u32 features = cpuid(CPUID_KVM_FEATURES, 0).eax;
	host_stable = features & KVM_FEATURE_CLOCKSOURCE_STABLE;
	return features & KVM_FEATURE_CLOCKSOURCE2;
}

void pvclock_init_cpu(u32 cpu)
{
	msr_write(MSR_KVM_SYSTEM_TIME, image_physical(&records[cpu].r).v | SYSTEM_TIME_ENABLE);
}

/* A copy of this CPU's record that was not being rewritten, and the TSC that goes with it. */
static struct pvclock_record read_record(u64 *tsc)
{
	const struct pvclock_record *shared = &records[this_cpu()->id].r;
	struct pvclock_record r;
	do {
		r.version = __atomic_load_n(&shared->version, __ATOMIC_ACQUIRE) & ~1U;
		r.tsc = READ_ONCE(shared->tsc);
		r.ns = READ_ONCE(shared->ns);
		r.mult = READ_ONCE(shared->mult);
		r.shift = READ_ONCE(shared->shift);
		r.flags = READ_ONCE(shared->flags);
		*tsc = tsc_read();
		/* The loads above come before this one. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (r.version != READ_ONCE(shared->version));
	return r;
}

static u64 shifted(u64 v, s8 shift)
{
	return shift >= 0 ? v << shift : v >> -shift;
}

u64 pvclock_mult(void)
{
	u64 tsc;
	struct pvclock_record r = read_record(&tsc);
	return shifted(r.mult, r.shift);
}

bool pvclock_tsc_is_stable(void)
{
	u64 tsc;
	return host_stable && (read_record(&tsc).flags & FLAG_TSC_STABLE) &&
	       cpu_features.invariant_tsc;
}

u64 pvclock_now(void)
{
	u64 tsc;
	struct pvclock_record r = read_record(&tsc);
	u64 delta = tsc > r.tsc ? tsc - r.tsc : 0;
	u64 now = r.ns + mul_shift32(shifted(delta, r.shift), r.mult);
	if (r.flags & FLAG_TSC_STABLE)
		return now;
	/* Records of different CPUs may disagree a little: nobody gets an earlier time than
	 * somebody had. */
	u64 last = atomic64_load(&latest);
	do {
		if (now <= last)
			return last;
	} while (!atomic64_compare_exchange(&latest, &last, now));
	return now;
}

u64 pvclock_wall_ns(void)
{
	/* The host fills the record in before the write returns. */
	msr_write(MSR_KVM_WALL_CLOCK, image_physical(&wall).v);
	return READ_ONCE(wall.seconds) * NS_PER_SEC + READ_ONCE(wall.nanoseconds);
}
