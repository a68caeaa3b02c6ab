/* The random generator of lib/csprng.h. Every intermediate value is overwritten before return. */
#include "lib/csprng.h"

#include "lib/blake2s.h"
#include "lib/compiler.h"
#include "lib/string.h"

_Static_assert(BLAKE2S_HASH_BYTES == CHACHA20_KEY_BYTES, "a hash is a key");

/* Through volatile, so that the compiler can't see that nobody reads it afterwards. Whole words, aligned. */
static void wipe(void *p, size_t n)
{
	volatile u64 *word = p;

	for (size_t i = 0; i < n / sizeof(*word); i++)
		word[i] = 0;
}

void csprng_seed(struct csprng *g, const void *entropy, size_t n)
{
	struct blake2s hash;

	blake2s_init(&hash);
	blake2s_update(&hash, g->key, sizeof(g->key));
	blake2s_update(&hash, entropy, n);
	blake2s_final(&hash, g->key);
	wipe(&hash, sizeof(hash));
}

void csprng_bytes(struct csprng *g, void *out, size_t n)
{
	ALIGNED(8) u8 key[CHACHA20_KEY_BYTES], block[CHACHA20_BLOCK_BYTES];
	u8 *to = out;

	memcpy(key, g->key, sizeof(key));
	chacha20_block(key, 0, block);
	memcpy(g->key, block, sizeof(g->key));
	/* The rest of the first block serves small requests without another. */
	size_t step = MIN(n, sizeof(block) - sizeof(key));
	memcpy(to, block + sizeof(key), step);
	for (u64 counter = 1; step < n; counter++) {
		chacha20_block(key, counter, block);
		size_t more = MIN(n - step, sizeof(block));
		memcpy(to + step, block, more);
		step += more;
	}
	wipe(key, sizeof(key));
	wipe(block, sizeof(block));
}

u64 csprng_u64(struct csprng *g)
{
	u64 value;

	csprng_bytes(g, &value, sizeof(value));
	return value;
}
