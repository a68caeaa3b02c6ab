/* shmget(2), shmat(2), shmdt(2), shmctl(2): decoding. The segments are in ipc/shm.c. */
#include <asm/shmbuf.h>

#include "arch/ucopy.h"
#include "ipc/shm.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "sys/sys.h"

s64 sys_shmget(s32 key, size_t size, s32 flags)
{
	return shm_get(key, size, (u32)flags);
}

s64 sys_shmat(s32 id, uaddr_t address, s32 flags)
{
	int err = shm_attach(id, &address, (u32)flags);

	return err ? err : (s64)address;
}

s64 sys_shmdt(uaddr_t address)
{
	return shm_detach(address);
}

static s64 put_limits(uaddr_t to)
{
	struct shminfo64 limits = {.shmmax = SHM_MAX,
		.shmmin = 1,
		.shmmni = SHM_NUMBERS,
		.shmseg = SHM_NUMBERS,
		.shmall = SHM_ALL};
	struct shm_info info;
	s32 highest = shm_info(&info);

	return copy_to_user(to, &limits, sizeof(limits)) ? -EFAULT : highest;
}

static s64 put_info(uaddr_t to)
{
	struct shm_info info;
	s32 highest = shm_info(&info);

	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : highest;
}

static s64 put_stat(s32 id, s32 command, uaddr_t to)
{
	struct shmid64_ds about;
	s32 number = shm_stat(id, command != IPC_STAT, command == SHM_STAT_ANY, &about);

	if (number < 0)
		return number;
	if (copy_to_user(to, &about, sizeof(about)))
		return -EFAULT;
	return command == IPC_STAT ? 0 : number;
}

static s64 set(s32 id, uaddr_t from)
{
	struct shmid64_ds about;

	if (copy_from_user(&about, from, sizeof(about)))
		return -EFAULT;
	return shm_set(id, &about.shm_perm);
}

s64 sys_shmctl(s32 id, s32 command, uaddr_t buffer)
{
	if (id < 0 || command < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
		return put_limits(buffer);
	case SHM_INFO:
		return put_info(buffer);
	case SHM_STAT:
	case SHM_STAT_ANY:
	case IPC_STAT:
		return put_stat(id, command, buffer);
	case IPC_SET:
		return set(id, buffer);
	case IPC_RMID:
		return shm_remove(id);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock_pages(id, command == SHM_LOCK);
	default:
		return -EINVAL;
	}
}
