/*
 * System V shared memory (shmget(2), shmat(2), shmctl(2)): page stores with a number, a key and an
 * owner. What these functions give back on failure is what the calls do.
 */
#ifndef IPC_SHM_H
#define IPC_SHM_H

#include <linux/ipc.h>
#include <linux/shm.h>

#include "lib/compiler.h"
#include "mm/mm.h"

/* Linux's defaults. */
#define SHM_MAX (~0UL - (1UL << 24))
#define SHM_ALL (~0UL - (1UL << 24))
#define SHM_NUMBERS 4096U

/* In shm_perm.mode: removed with the last detach; locked. */
#define SHM_MODE_DEST 01000U
#define SHM_MODE_LOCKED 02000U

/* The number of the segment. */
MUST_CHECK s32 shm_get(s32 key, u64 size, u32 flags);
/* Maps it; *address is in and out, 0: anywhere. */
MUST_CHECK int shm_attach(s32 id, uaddr_t *address, u32 flags);
/* Unmaps what was attached there. */
MUST_CHECK int shm_detach(uaddr_t address);

/* index: of all segments by rising number (SHM_STAT); otherwise a number. any: whatever its
 * permissions. Gives the number, for SHM_STAT. */
MUST_CHECK s32 shm_stat(s32 id, bool index, bool any, struct shmid64_ds *out);
MUST_CHECK int shm_set(s32 id, const struct ipc64_perm *perm);
MUST_CHECK int shm_remove(s32 id);
MUST_CHECK int shm_lock_pages(s32 id, bool lock);
/* The highest index that SHM_STAT knows, 0 if there is none. */
s32 shm_info(struct shm_info *out);

#endif
