/* The ChaCha20 block function of RFC 8439, with a 64-bit counter as in Bernstein's original and no nonce. */
#ifndef LIB_CHACHA20_H
#define LIB_CHACHA20_H

#include "lib/types.h"

#define CHACHA20_KEY_BYTES 32
#define CHACHA20_BLOCK_BYTES 64

/* The 16 words that the cipher starts from, constants included, to 64 bytes of its stream. */
void chacha20_permute(const u32 input[16], u8 out[CHACHA20_BLOCK_BYTES]);

/* Block number counter of the stream of key. */
void chacha20_block(const u8 key[CHACHA20_KEY_BYTES], u64 counter, u8 out[CHACHA20_BLOCK_BYTES]);

#endif
