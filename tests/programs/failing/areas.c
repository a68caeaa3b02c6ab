/* Calls about a process's memory, and what page faults of the program itself meet. */
#include "failing.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
static const char file[] = FOLDER "/file";
/* Far from everything, at the beginning of a table of its own on each level. */
#define FAR (1L << 45)
#define LENGTH (16 * PAGE)

static long at, fd;

static void map(void)
{
	at = must(SYS_mmap, FAR, LENGTH, RW, ANON | MAP_FIXED | MAP_POPULATE, -1, 0);
}

static void unmap(long result)
{
	must(SYS_munmap, result, LENGTH);
}

static void open_file(void)
{
	fd = must(SYS_open, file, O_RDWR | O_CREAT, 0644);
	must(SYS_pwrite64, fd, buffer, LENGTH, 0);
}

static void map_file(void)
{
	open_file();
	at = must(SYS_mmap, FAR, LENGTH, RW, MAP_SHARED | MAP_FIXED, fd, 0);
}

static void map_again(long result)
{
	(void)result;
	map();
}

WAY(mmap, anonymous, .undo = unmap)
{
	return kernel(SYS_mmap, FAR, LENGTH, RW, ANON, -1, 0);
}
WAY(mmap, shared, .undo = unmap)
{
	return kernel(SYS_mmap, FAR, LENGTH, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}
WAY(mmap, file, .prepare = open_file, .undo = unmap)
{
	return kernel(SYS_mmap, FAR, LENGTH, RW, MAP_PRIVATE, fd, 0);
}
WAY(mmap, populated, .undo = unmap, .tolerates = "MAP_POPULATE is a wish")
{
	return kernel(SYS_mmap, FAR, LENGTH, RW, ANON | MAP_POPULATE, -1, 0);
}

/* In the middle of another area, which is cut in two, and in place of its pages. */
WAY(mmap, over, .prepare = map, .undo = map_again)
{
	return kernel(SYS_mmap, FAR + 4 * PAGE, 4 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
}
WAY(munmap, middle, .prepare = map, .undo = map_again)
{
	return kernel(SYS_munmap, FAR + 4 * PAGE, 4 * PAGE);
}
WAY(mprotect, middle, .prepare = map, .undo = map_again)
{
	return kernel(SYS_mprotect, FAR + 4 * PAGE, 4 * PAGE, PROT_READ);
}

static void remap_back(long result)
{
	must(SYS_mremap, result, 2 * LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, FAR);
}

static void shrink_back(long result)
{
	must(SYS_mremap, result, 2 * LENGTH, LENGTH, 0);
}

WAY(mremap, grows, .prepare = map, .undo = shrink_back)
{
	return kernel(SYS_mremap, FAR, LENGTH, 2 * LENGTH, MREMAP_MAYMOVE);
}
WAY(mremap, moves, .prepare = map, .undo = remap_back)
{
	return kernel(
		SYS_mremap, FAR, LENGTH, 2 * LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, 3 * FAR / 2);
}
WAY(mremap, shrinks, .prepare = map, .undo = map_again)
{
	return kernel(SYS_mremap, FAR, LENGTH, PAGE, 0);
}

static long heap;

static void find_heap(void)
{
	heap = must(SYS_brk, 0);
}

static void shrink_heap(long result)
{
	(void)result;
	must(SYS_brk, heap);
}

/* It tells failure by the old end. */
WAY(brk, grows, .prepare = find_heap, .undo = shrink_heap)
{
	long end = heap + (64L << 20), result = kernel(SYS_brk, end);

	return result == end ? 0 : result == heap ? -ENOMEM : -EINVAL;
}

WAY(madvise, dontneed, .prepare = map)
{
	return kernel(SYS_madvise, FAR, LENGTH, MADV_DONTNEED);
}
/* Splits the area: EAGAIN, as madvise(2) says of the kernel's own resources. */
WAY(madvise, dontfork, .prepare = map, .undo = map_again, .errors = {EAGAIN})
{
	return kernel(SYS_madvise, FAR + PAGE, PAGE, MADV_DONTFORK);
}
WAY(madvise, willneed, .prepare = map_file)
{
	return kernel(SYS_madvise, FAR, LENGTH, MADV_WILLNEED);
}

static void map_empty(void)
{
	at = must(SYS_mmap, FAR, LENGTH, RW, ANON | MAP_FIXED, -1, 0);
}

static void map_empty_again(long result)
{
	(void)result;
	must(SYS_munmap, FAR, LENGTH);
	map_empty();
}

WAY(madvise, populate, .prepare = map_empty, .undo = map_empty_again)
{
	return kernel(SYS_madvise, FAR, LENGTH, 23);
}
WAY(mincore, plain, .prepare = map)
{
	return kernel(SYS_mincore, FAR, LENGTH, buffer);
}
WAY(msync, plain, .prepare = map_file)
{
	return kernel(SYS_msync, FAR, LENGTH, MS_SYNC);
}

/* Pages that can't be had are EAGAIN to mlock(2); the area stays marked then, as on Linux. */
WAY(mlock, plain, .prepare = map_empty, .undo = map_empty_again, .errors = {ENOMEM, EAGAIN})
{
	return kernel(SYS_mlock, FAR, LENGTH);
}
WAY(mlock2, populated, .prepare = map_empty, .undo = map_empty_again, .errors = {ENOMEM, EAGAIN})
{
	return kernel(SYS_mlock2, FAR, LENGTH, 0);
}
WAY(mlock2, onfault, .prepare = map, .undo = map_again, .errors = {ENOMEM, EAGAIN})
{
	return kernel(SYS_mlock2, FAR + PAGE, PAGE, 1);
}

static void map_locked(void)
{
	map();
	must(SYS_mlock, FAR, LENGTH);
}

static void map_locked_again(long result)
{
	(void)result;
	map_locked();
}

WAY(munlock, middle, .prepare = map_locked, .undo = map_locked_again)
{
	return kernel(SYS_munlock, FAR + PAGE, PAGE);
}

static void unlock_all(long result)
{
	(void)result;
	must(SYS_munlockall);
}

WAY(mlockall, future, .prepare = map, .undo = unlock_all)
{
	return kernel(SYS_mlockall, MCL_FUTURE);
}
WAY(munlockall, plain, .prepare = map_locked, .undo = map_locked_again)
{
	return kernel(SYS_munlockall);
}

/* -- System V segments -- */

static long segment;

static void destroy(long result)
{
	must(SYS_shmctl, result, IPC_RMID, NULL);
}

WAY(shmget, private, .undo = destroy, .errors = {ENOMEM, ENOSPC})
{
	return kernel(SYS_shmget, IPC_PRIVATE, LENGTH, 0600);
}

/* Destroyed with its last user, so with the process. */
static void attach(void)
{
	segment = must(SYS_shmget, IPC_PRIVATE, LENGTH, 0600);
	at = must(SYS_shmat, segment, FAR, 0);
	destroy(segment);
}

static void detach(long result)
{
	must(SYS_shmdt, result);
}

static void attach_again(long result)
{
	(void)result;
	attach();
}

WAY(shmat, plain, .prepare = attach, .undo = detach)
{
	return kernel(SYS_shmat, segment, NULL, 0);
}
WAY(shmdt, plain, .prepare = attach, .undo = attach_again)
{
	return kernel(SYS_shmdt, FAR);
}
WAY(shmctl, stat, .prepare = attach)
{
	return kernel(SYS_shmctl, segment, IPC_STAT, buffer);
}

/* -- other processes' memory -- */

static struct iovec local[40], remote[40];

static void make_vectors(void)
{
	map();
	for (int i = 0; i < 40; i++) {
		local[i] = (struct iovec){.iov_base = buffer + 100 * i, .iov_len = 100};
		remote[i] = (struct iovec){.iov_base = (char *)FAR + 1000 * i, .iov_len = 100};
	}
}

WAY(process_vm_readv, plain, .prepare = make_vectors, .tolerates_copy = partly)
{
	return kernel(SYS_process_vm_readv, getpid(), local, 40, remote, 40, 0);
}
WAY(process_vm_writev, plain, .prepare = make_vectors, .tolerates_copy = partly)
{
	return kernel(SYS_process_vm_writev, getpid(), local, 40, remote, 40, 0);
}

/*
 * -- page faults --
 *
 * Driven through a call that does nothing, with a site in the access before it: the program can't be told that there was no
 * memory, so it is tried again and succeeds.
 */
static const char again[] = "a program's own access is tried again";

static long touch(volatile char *address, int writes)
{
	if (writes)
		*address = 1;
	else
		(void)*address;
	return 0;
}

WAY(getpid, fault_write, .prepare = map_empty, .undo = map_empty_again, .tolerates = again)
{
	return touch((char *)FAR, 1);
}
WAY(getpid, fault_read, .prepare = map_empty, .undo = map_empty_again, .tolerates = again)
{
	return touch((char *)FAR, 0);
}

static void map_file_privately(void)
{
	open_file();
	at = must(SYS_mmap, FAR, LENGTH, RW, MAP_PRIVATE | MAP_FIXED, fd, 0);
}

static void map_file_privately_again(long result)
{
	(void)result;
	must(SYS_munmap, FAR, LENGTH);
	must(SYS_mmap, FAR, LENGTH, RW, MAP_PRIVATE | MAP_FIXED, fd, 0);
}

WAY(getpid, fault_copy, .prepare = map_file_privately, .undo = map_file_privately_again,
	.tolerates = again)
{
	return touch((char *)FAR, 1);
}

static void map_hole(void)
{
	fd = must(SYS_open, file, O_RDWR | O_CREAT, 0644);
	must(SYS_ftruncate, fd, LENGTH);
	at = must(SYS_mmap, FAR, LENGTH, RW, MAP_SHARED | MAP_FIXED, fd, 0);
}

static void map_hole_again(long result)
{
	(void)result;
	must(SYS_munmap, FAR, LENGTH);
	must(SYS_ftruncate, fd, 0);
	must(SYS_ftruncate, fd, LENGTH);
	must(SYS_mmap, FAR, LENGTH, RW, MAP_SHARED | MAP_FIXED, fd, 0);
}

WAY(getpid, fault_hole, .prepare = map_hole, .undo = map_hole_again, .tolerates = again)
{
	return touch((char *)FAR, 1);
}

static void shrink_stack(long result)
{
	(void)result;
}

WAY(getpid, fault_stack, .undo = shrink_stack, .tolerates = again)
{
	static long depth = 32768;
	volatile char *here = __builtin_frame_address(0);

	depth += 65536;
	return touch((char *)here - depth, 1);
}

/* A copy of the kernel's meets the same: the call fails. */
WAY(getrandom, fault, .prepare = map_empty, .undo = map_empty_again, .errors = {EFAULT},
	.tolerates = "fewer bytes")
{
	return kernel(SYS_getrandom, FAR, 100, 0);
}
WAY(rt_sigpending, fault, .prepare = map_empty, .undo = map_empty_again, .errors = {EFAULT},
	.tolerates = "after a fault the copy goes on by bytes")
{
	return kernel(SYS_rt_sigpending, FAR, 8);
}
