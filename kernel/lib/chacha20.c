/* ChaCha20 (lib/chacha20.h). Time and memory accesses do not depend on the key. */
#include "lib/chacha20.h"

#include "lib/compiler.h"
#include "lib/string.h"

#define ROUND_PAIRS 10

static u32 rotate_left(u32 x, u32 n)
{
	return x << n | x >> (32 - n);
}

/* Inline, where the places are constants and most of the state stays in registers. */
static ALWAYS_INLINE void quarter_round(u32 s[16], u32 a, u32 b, u32 c, u32 d)
{
	s[a] += s[b];
	s[d] = rotate_left(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate_left(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate_left(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate_left(s[b] ^ s[c], 7);
}

void chacha20_permute(const u32 input[16], u8 out[CHACHA20_BLOCK_BYTES])
{
	u32 s[16];

	memcpy(s, input, sizeof(s));
	for (u32 i = 0; i < ROUND_PAIRS; i++) {
		quarter_round(s, 0, 4, 8, 12);
		quarter_round(s, 1, 5, 9, 13);
		quarter_round(s, 2, 6, 10, 14);
		quarter_round(s, 3, 7, 11, 15);
		quarter_round(s, 0, 5, 10, 15);
		quarter_round(s, 1, 6, 11, 12);
		quarter_round(s, 2, 7, 8, 13);
		quarter_round(s, 3, 4, 9, 14);
	}
	for (u32 i = 0; i < 16; i++)
		s[i] += input[i];
	memcpy(out, s, sizeof(s));
}

void chacha20_block(const u8 key[CHACHA20_KEY_BYTES], u64 counter, u8 out[CHACHA20_BLOCK_BYTES])
{
	/* "expand 32-byte k" */
	u32 s[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

	memcpy(&s[4], key, CHACHA20_KEY_BYTES);
	s[12] = (u32)counter;
	s[13] = (u32)(counter >> 32);
	chacha20_permute(s, out);
}
