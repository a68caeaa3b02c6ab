/* Unpredictable bytes: for getrandom(2), address randomisation and AT_RANDOM. */
#ifndef PROC_RANDOM_H
#define PROC_RANDOM_H

#include "lib/compiler.h"
#include "lib/types.h"

struct iobuf;

/* Fills n bytes. Any context except NMI; the generator is seeded before the first process
 * starts. */
void random_bytes(void *to, size_t n);
u64 random_u64(void);
/* The same for programs: bytes, fewer if a signal came after the first page or a part can't be written to, or -EFAULT. Thread context. */
MUST_CHECK ssize_t random_read_into(struct iobuf *to);

/* Stirs in what somebody wrote to /dev/random: it can't make the state worse. Any context except
 * NMI. */
void random_add(const void *from, size_t n);

/* Drawn when the machine started. */
extern u8 random_boot_id[16];

/* Seeds the generator from the machine. Start-up. */
void random_init(void);

#endif
