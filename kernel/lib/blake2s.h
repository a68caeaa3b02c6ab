/* The hash function BLAKE2s-256 of RFC 7693, without a key. */
#ifndef LIB_BLAKE2S_H
#define LIB_BLAKE2S_H

#include "lib/types.h"

#define BLAKE2S_HASH_BYTES 32
#define BLAKE2S_BLOCK_BYTES 64

struct blake2s {
	u32 h[8];
	u64 total; /* bytes that went through compression */
	u32 fill;  /* bytes waiting in block */
	u8 block[BLAKE2S_BLOCK_BYTES];
};

void blake2s_init(struct blake2s *b);
void blake2s_update(struct blake2s *b, const void *data, size_t n);
void blake2s_final(struct blake2s *b, u8 out[BLAKE2S_HASH_BYTES]);

#endif
