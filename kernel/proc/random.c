/*
 * The kernel's one random generator.
 *
 * Seeded from the machine at start-up, and again with fresh entropy after every RESEED_BYTES that
 * it has given out, so that a state somebody might have learnt is worth nothing soon afterwards.
 * The generator erases its key at each request (lib/csprng.h). A request of many bytes should come
 * in pieces: random_lock is held with interrupts off for each.
 */
#include "proc/random.h"

#include "arch/random.h"
#include "lib/csprng.h"
#include "lib/string.h"
#include "proc/file.h"
#include "proc/signal.h"
#include "sync/spinlock.h"

#define LOG_SUBSYSTEM "random"
#include "trace/log.h"

#define SEED_BYTES 64
#define RESEED_BYTES (1 * MIB)
/* Requests that are served from the stock. */
#define SMALL_BYTES 16
/* What programs get under one hold of the lock. */
#define PIECE_BYTES 512

/* Taken inside any lock but those of memory and the log, and nothing is taken inside it. */
static struct spinlock random_lock = SPINLOCK_INIT("random", RANK_RANDOM);
static struct csprng generator GUARDED_BY(random_lock);
static u64 given GUARDED_BY(random_lock);
/* For small requests: what four blocks of the generator's yield beside the next key. The first `left` are there. */
static u64 stock[28] GUARDED_BY(random_lock);
static u32 left GUARDED_BY(random_lock);

static bool random_seed_locked(void) REQUIRES(&random_lock)
{
	u8 seed[SEED_BYTES];
	bool hardware = arch_random_seed(seed, sizeof(seed));

	csprng_seed(&generator, seed, sizeof(seed));
	memset(seed, 0, sizeof(seed));
	given = 0;
	return hardware;
}

static void random_bytes_locked(void *to, size_t n) REQUIRES(&random_lock)
{
	if (given >= RESEED_BYTES)
		(void)random_seed_locked();
	csprng_bytes(&generator, to, n);
	given += n;
}

/* What one request of the generator yields serves several small ones: each word is forgotten when it is given out. */
static u64 random_word_locked(void) REQUIRES(&random_lock)
{
	if (!left) {
		random_bytes_locked(stock, sizeof(stock));
		left = ARRAY_SIZE(stock);
	}
	u64 v = stock[--left];
	stock[left] = 0;
	return v;
}

void random_bytes(void *to, size_t n)
{
	u64 flags = spin_lock_irqsave(&random_lock);
	if (n > SMALL_BYTES)
		random_bytes_locked(to, n);
	for (size_t done = 0; n <= SMALL_BYTES && done < n; done += sizeof(u64)) {
		u64 v = random_word_locked();
		memcpy((u8 *)to + done, &v, MIN(n - done, sizeof(v)));
	}
	spin_unlock_irqrestore(&random_lock, flags);
}

u64 random_u64(void)
{
	u64 flags = spin_lock_irqsave(&random_lock);
	u64 v = random_word_locked();
	spin_unlock_irqrestore(&random_lock, flags);
	return v;
}

void random_add(const void *from, size_t n)
{
	u64 flags = spin_lock_irqsave(&random_lock);
	csprng_seed(&generator, from, n);
	/* What was made without it is not given out any more. */
	left = 0;
	spin_unlock_irqrestore(&random_lock, flags);
}

ssize_t random_read_into(struct iobuf *to)
{
	u8 piece[PIECE_BYTES];
	ssize_t n = 0, done = 0;
	size_t wanted = 0;

	while (to->left > 0 && n == (ssize_t)wanted && signal_lets_read(done)) {
		wanted = MIN(to->left, sizeof(piece));
		random_bytes(piece, wanted);
		n = iobuf_put(to, piece, wanted);
		if (n > 0)
			done += n;
	}
	memset(piece, 0, sizeof(piece));
	return done ? done : n;
}

RO_AFTER_INIT u8 random_boot_id[16];

INIT_TEXT void random_init(void)
{
	u64 flags = spin_lock_irqsave(&random_lock);
	bool hardware = random_seed_locked();
	spin_unlock_irqrestore(&random_lock, flags);
	if (!hardware)
		log_warn("no hardware random generator: random numbers depend on timing only");
	random_bytes(random_boot_id, sizeof(random_boot_id));
}
