/*
 * A cryptographic random generator with fast key erasure: each request is a stretch of ChaCha20's stream under the
 * current key, and the stretch's first 32 bytes replace the key before anything is given out. So whoever reads the state
 * learns nothing of what was given out before.
 *
 * Seeding hashes the old key and the new entropy into the next key (BLAKE2s): it can't make a good state worse, and
 * entropy adds up over several calls.
 *
 * Pure state: the caller has a lock, or a generator for each CPU.
 */
#ifndef LIB_CSPRNG_H
#define LIB_CSPRNG_H

#include "lib/chacha20.h"
#include "lib/types.h"

struct csprng {
	u8 key[CHACHA20_KEY_BYTES];
};

/* All zeros is the valid initial state: nothing is known, so nothing is secret. */
void csprng_seed(struct csprng *g, const void *entropy, size_t n);
void csprng_bytes(struct csprng *g, void *out, size_t n);
u64 csprng_u64(struct csprng *g);

#endif
