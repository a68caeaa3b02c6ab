/*
 * The kernel's generator (lib/csprng.h), seeded by the machine.
 *
 * It is seeded by the first who asks and again every RESEED_NS: a virtual machine can be copied while it runs, and then
 * both copies go on with the same state until new entropy comes in. The processor's generator gives it at no cost, so
 * nobody waits for it. Where there is none, the seed is the timing of the start and a line in the log says so.
 */
#include "dev/random.h"

#include "arch/clock.h"
#include "arch/random.h"
#include "lib/csprng.h"
#include "sync/spinlock.h"

#define LOG_SUBSYSTEM "random"
#include "trace/log.h"

#define RESEED_NS NS_PER_SEC
#define SEED_BYTES 32
/* As long as the lock is held for. */
#define PIECE 512

/* Guards the two below. Interrupt handlers may ask for numbers, too. */
static struct spinlock random_lock = SPINLOCK_INIT("random", RANK_DEVICE);
static struct csprng generator GUARDED_BY(random_lock);
static u64 next_seed_ns GUARDED_BY(random_lock);

/* True, once, if there is no hardware generator. */
static bool random_reseed(void) REQUIRES(random_lock)
{
	u64 now = clock_now_ns();
	bool first = next_seed_ns == 0;
	u8 entropy[SEED_BYTES];

	if (now < next_seed_ns)
		return false;
	bool good = arch_random_seed(entropy, sizeof(entropy));
	csprng_seed(&generator, entropy, sizeof(entropy));
	next_seed_ns = now + RESEED_NS;
	return first && !good;
}

static void random_piece(void *to, size_t n)
{
	u64 flags = spin_lock_irqsave(&random_lock);
	bool weak = random_reseed();
	csprng_bytes(&generator, to, n);
	spin_unlock_irqrestore(&random_lock, flags);

	if (weak)
		log_warn("no hardware generator: random numbers come from timing alone");
}

void random_bytes(void *to, size_t n)
{
	for (size_t done = 0; done < n; done += PIECE)
		random_piece((char *)to + done, MIN(n - done, (size_t)PIECE));
}

void random_add(const void *from, size_t n)
{
	u64 flags = spin_lock_irqsave(&random_lock);
	csprng_seed(&generator, from, n);
	spin_unlock_irqrestore(&random_lock, flags);
}
