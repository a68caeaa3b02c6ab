// summary: calls about memory: the errors of their manual pages that no other program here provokes
//
// Seen to fail: before MADV_REMOVE and SHM_HUGETLB were there.
#include "proc.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/uio.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
#define NOBODY 65534

static char *map(size_t pages, int prot, int flags, int fd)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		printf("mmap: %s\n", error_name(errno));
	return p;
}

static void become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		printf("nobody: %s\n", error_name(errno));
}

/* -- madvise -- */

/* Takes pages out of what a mapping shows, as fallocate(FALLOC_FL_PUNCH_HOLE) does. */
static void removing(void)
{
	int fd = memfd_create("x", MFD_CLOEXEC);
	HOLDS(ftruncate(fd, 4 * PAGE) == 0);
	char *own = map(4, RW, ANON, -1);
	char *shared = map(4, RW, SHARED, -1);
	char *file = map(4, RW, MAP_SHARED, fd);
	char *copy = map(4, RW, MAP_PRIVATE, fd);
	char *constant = map(4, PROT_READ, MAP_SHARED, fd);

	SHOW(madvise(own, PAGE, MADV_REMOVE));
	SHOW(madvise(copy, PAGE, MADV_REMOVE));
	SHOW(madvise(constant, PAGE, MADV_REMOVE));
	SHOW(madvise(shared + 1, PAGE, MADV_REMOVE));
	SHOW(madvise(shared, 0, MADV_REMOVE));
	SHOW(madvise((void *)0x10000, PAGE, MADV_REMOVE));
	memset(shared, 1, 4 * PAGE);
	memset(file, 1, 4 * PAGE);
	SHOW(madvise(shared, 2 * PAGE, MADV_REMOVE));
	HOLDS(shared[0] == 0 && shared[2 * PAGE - 1] == 0 && shared[2 * PAGE] == 1);
	copy[PAGE] = 7;
	SHOW(madvise(file + PAGE, 2 * PAGE, MADV_REMOVE));
	HOLDS(file[0] == 1 && file[PAGE] == 0 && file[3 * PAGE - 1] == 0 && file[3 * PAGE] == 1);
	HOLDS(constant[PAGE] == 0 && copy[2 * PAGE] == 0);
	/* A page that was written to is the copy's own. */
	printf("copy: %d\n", copy[PAGE]);
	HOLDS(lseek(fd, 0, SEEK_END) == 4 * PAGE);
	HOLDS(mlock(file, PAGE) == 0);
	SHOW(madvise(file, PAGE, MADV_REMOVE));
	HOLDS(mprotect(file, 4 * PAGE, PROT_READ) == 0);
	SHOW(madvise(file, 2 * PAGE, MADV_REMOVE));
	HOLDS(munlock(file, PAGE) == 0);
	SHOW(madvise(file, 2 * PAGE, MADV_REMOVE));
	/* A hole in the middle of the range. */
	HOLDS(munmap(shared + 2 * PAGE, PAGE) == 0);
	shared[0] = shared[3 * PAGE] = 5;
	SHOW(madvise(shared, 4 * PAGE, MADV_REMOVE));
	printf("%d %d\n", shared[0], shared[3 * PAGE]);
	close(fd);
}

/* Whoever has a writable mapping can't take pages from a sealed file either. */
static void removing_sealed(void)
{
	int fd = memfd_create("x", MFD_ALLOW_SEALING);
	HOLDS(ftruncate(fd, 2 * PAGE) == 0);
	char *p = map(2, RW, MAP_SHARED, fd);
	p[0] = 1;
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	SHOW(madvise(p, PAGE, MADV_REMOVE));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	SHOW(madvise(p, PAGE, MADV_REMOVE));
	printf("%d\n", p[0]);
	close(fd);
}

static void populating(void)
{
	int fd = memfd_create("x", 0);
	HOLDS(ftruncate(fd, PAGE) == 0);
	char *beyond = map(2, RW, MAP_SHARED, fd);
	char *none = map(1, PROT_NONE, ANON, -1);
	char *constant = map(1, PROT_READ, ANON, -1);

	SHOW(madvise(beyond, PAGE, MADV_POPULATE_READ));
	SHOW(madvise(beyond, 2 * PAGE, MADV_POPULATE_READ));
	SHOW(madvise(beyond, 2 * PAGE, MADV_POPULATE_WRITE));
	SHOW(madvise(none, PAGE, MADV_POPULATE_READ));
	SHOW(madvise(none, PAGE, MADV_POPULATE_WRITE));
	SHOW(madvise(constant, PAGE, MADV_POPULATE_READ));
	SHOW(madvise(constant, PAGE, MADV_POPULATE_WRITE));
	SHOW(mlock(beyond, 2 * PAGE));
	SHOW(munlock(beyond, 2 * PAGE));
	SHOW(syscall(SYS_mlock2, beyond, 2 * PAGE, 0));
	SHOW(syscall(SYS_mlock2, beyond, 2 * PAGE, MLOCK_ONFAULT));
	SHOW(munlock(beyond, 2 * PAGE));
	SHOW(mlock(none, PAGE));
	SHOW(syscall(SYS_mlock2, none, PAGE, MLOCK_ONFAULT));
	SHOW(munlock(none, PAGE));
	close(fd);
}

/* The page of the kernel's from which programs read the time. */
static char *kernel_page(void)
{
	char line[400];
	unsigned long start = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%lx", &start);
	if (f)
		fclose(f);
	HOLDS(start);
	return (char *)start;
}

/* Every piece of advice to memory that others share, that is locked, that is a file's, and for nobody who is privileged. */
static void all_advice(void)
{
	int fd = memfd_create("x", 0);
	HOLDS(ftruncate(fd, 2 * PAGE) == 0);
	char *places[] = {map(2, RW, ANON, -1), map(2, RW, ANON | MAP_LOCKED, -1),
		map(2, RW, SHARED, -1), map(2, RW, MAP_SHARED, fd),
		map(2, PROT_READ, MAP_PRIVATE, fd), map(2, PROT_NONE, ANON, -1),
		map(2, RW, ANON | MAP_GROWSDOWN, -1), kernel_page()};
	static const char *const names[] = {
		"own", "locked", "shared", "file", "private file", "none", "growing", "vvar"};
	/* What depends on how Linux was built, or waits for devices, is left out: MERGEABLE, PAGEOUT, COLLAPSE, huge pages. */
	static const int advices[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
		MADV_DONTNEED, MADV_FREE, MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK,
		MADV_KEEPONFORK, MADV_DONTDUMP, MADV_DODUMP, MADV_COLD, MADV_DONTNEED_LOCKED,
		MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_REMOVE, 5, 6, 7, 26, 27, 99, -1};

	for (unsigned p = 0; p < sizeof(places) / sizeof(places[0]); p++)
		for (unsigned a = 0; a < sizeof(advices) / sizeof(advices[0]); a++)
			printf("%s %d: %s\n", names[p], advices[a],
				madvise(places[p], PAGE, advices[a]) ? error_name(errno) : "ok");
	SHOW_CHILD({
		become_nobody();
		SHOW(madvise(places[0], PAGE, 100));
		SHOW(madvise(places[0], PAGE, 101));
		SHOW(madvise(places[0], PAGE, MADV_PAGEOUT));
		SHOW(madvise(places[1], PAGE, MADV_PAGEOUT));
	});
	close(fd);
}

/* -- limits -- */

static void locked_by_nobody(int id, int small)
{
	struct rlimit l = {4 * PAGE, 4 * PAGE};
	char *p = map(8, RW, ANON, -1);

	SHOW(setrlimit(RLIMIT_MEMLOCK, &l));
	become_nobody();
	SHOW(mlock(p, 5 * PAGE));
	SHOW(syscall(SYS_mlock2, p, 5 * PAGE, 0));
	SHOW(syscall(SYS_mlock2, p, 5 * PAGE, MLOCK_ONFAULT));
	SHOW(syscall(SYS_mlock2, p, PAGE, MLOCK_ONFAULT));
	SHOW(munlock(p, PAGE));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(mlockall(MCL_FUTURE));
	SHOW(munlockall());
	char *q = map(2, RW, ANON | MAP_LOCKED, -1);
	SHOW_OK(mremap(q, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
	SHOW_OK(mremap(q, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | 8));
	SHOW_OK(mmap(NULL, 3 * PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	HOLDS(munmap(q, 2 * PAGE) == 0);
	SHOW(shmctl(id, SHM_LOCK, NULL));
	SHOW(shmctl(small, SHM_LOCK, NULL));
	SHOW(shmctl(small, SHM_UNLOCK, NULL));
	int own = shmget(IPC_PRIVATE, 8 * PAGE, 0600), own_small = shmget(IPC_PRIVATE, PAGE, 0600);
	SHOW(shmctl(own, SHM_LOCK, NULL));
	SHOW(shmctl(own_small, SHM_LOCK, NULL));
	SHOW(shmctl(own_small, SHM_LOCK, NULL));
	SHOW(shmctl(own_small, SHM_UNLOCK, NULL));
	l.rlim_cur = 0;
	SHOW(setrlimit(RLIMIT_MEMLOCK, &l));
	SHOW(mlock(p, PAGE));
	SHOW(syscall(SYS_mlock2, p, PAGE, 0));
	SHOW(syscall(SYS_mlock2, p, PAGE, MLOCK_ONFAULT));
	SHOW(syscall(SYS_mlock2, p, PAGE, 2));
	SHOW(mlockall(MCL_CURRENT));
	SHOW_OK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	SHOW(shmctl(own_small, SHM_LOCK, NULL));
	SHOW(shmctl(own_small, SHM_UNLOCK, NULL));
	SHOW(shmctl(own, IPC_RMID, NULL));
	SHOW(shmctl(own_small, IPC_RMID, NULL));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

/* Segments that count for whoever locked them, until they are unlocked, by whom ever, or gone. */
static void locked_segments(int id)
{
	struct rlimit l = {4 * PAGE, 4 * PAGE};
	struct shmid_ds d;
	int status;

	SHOW(setrlimit(RLIMIT_MEMLOCK, &l));
	become_nobody();
	int first = shmget(IPC_PRIVATE, 3 * PAGE, 0600),
	    second = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
	SHOW(shmctl(first, SHM_LOCK, NULL));
	SHOW(shmctl(second, SHM_LOCK, NULL));
	/* Pages that are locked in an address space count elsewhere. */
	char *p = map(4, RW, ANON, -1);
	SHOW(mlock(p, 4 * PAGE));
	fflush(stdout);
	if (fork() == 0) {
		SHOW(shmctl(second, SHM_LOCK, NULL));
		SHOW(shmctl(first, SHM_UNLOCK, NULL));
		SHOW(shmctl(second, SHM_LOCK, NULL));
		fflush(stdout);
		_exit(0);
	}
	HOLDS(wait(&status) > 0 && status == 0);
	SHOW(shmctl(first, SHM_LOCK, NULL));
	char *at = shmat(second, NULL, 0);
	SHOW(shmctl(second, IPC_RMID, NULL));
	SHOW(shmctl(second, IPC_STAT, &d));
	printf("mode %#o\n", d.shm_perm.mode);
	SHOW(shmctl(first, SHM_LOCK, NULL));
	SHOW(shmdt(at));
	SHOW(shmctl(first, SHM_LOCK, NULL));
	SHOW(shmctl(first, IPC_RMID, NULL));
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
}

static void locked_limits(void)
{
	int id = shmget(IPC_PRIVATE, 8 * PAGE, 0666);
	int small = shmget(IPC_PRIVATE, PAGE, 0666);

	SHOW_CHILD(locked_by_nobody(id, small));
	SHOW_CHILD(locked_segments(id));
	SHOW(shmctl(id, SHM_LOCK, NULL));
	SHOW(shmctl(id, SHM_LOCK, NULL));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(small, IPC_RMID, NULL));
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
}

static void large_pages(void)
{
	SHOW_OK(shmget(IPC_PRIVATE, PAGE, 0600 | SHM_HUGETLB));
	SHOW(setresuid(NOBODY, NOBODY, NOBODY));
	/* Still of group 0. */
	SHOW_OK(shmget(IPC_PRIVATE, PAGE, 0600 | SHM_HUGETLB));
}

static void shared_limits(void)
{
	become_nobody();
	SHOW_OK(shmget(IPC_PRIVATE, PAGE, 0600 | SHM_HUGETLB));
	SHOW_OK(shmget(IPC_PRIVATE, -1UL, 0600));
	SHOW_OK(shmget(IPC_PRIVATE, 0, 0600));
	int id = shmget(IPC_PRIVATE, PAGE, 0), second = shmget(IPC_PRIVATE, PAGE, 0200);
	struct shmid_ds d;
	SHOW(shmctl(id, IPC_STAT, &d));
	SHOW(shmctl(second, IPC_STAT, &d));
	SHOW_OK(shmat(id, NULL, SHM_RDONLY));
	SHOW_OK(shmat(second, NULL, 0));
	SHOW(shmctl(id, SHM_LOCK, (void *)8));
	SHOW(shmdt(NULL));
	SHOW(shmdt((void *)1));
	SHOW(shmdt((void *)-4096L));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(second, IPC_RMID, NULL));
}

static void address_space(void)
{
	struct rlimit l = {64 << 20, 64 << 20};
	char *p = map(2, RW, ANON, -1);

	SHOW(setrlimit(RLIMIT_AS, &l));
	SHOW_OK(mmap(NULL, 64 << 20, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));
	SHOW_OK(mremap(p, 2 * PAGE, 65 << 20, MREMAP_MAYMOVE));
	SHOW_OK(mremap(p, 2 * PAGE, 65 << 20, 0));
	SHOW_OK(mremap(p, 0, PAGE, MREMAP_MAYMOVE));
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	SHOW(shmctl(id, IPC_RMID, NULL));
	HOLDS((char *)syscall(SYS_brk, sbrk(0) + (65 << 20)) == sbrk(0));
	l.rlim_cur = 0;
	SHOW(setrlimit(RLIMIT_AS, &l));
	SHOW_OK(mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0));
	SHOW(munmap(p, PAGE));
}

/* -- another process's memory -- */

static void other_memory(void)
{
	char here[16], there[16];
	struct iovec l = {here, 16}, r = {there, 16};
	struct iovec *many = malloc(1025 * sizeof(*many));

	for (int i = 0; i < 1025; i++)
		many[i] = (struct iovec){here, 0};
	SHOW(process_vm_writev(getpid(), &l, 1, &r, 1, 1));
	SHOW(process_vm_writev(getpid(), many, 1025, &r, 1, 0));
	SHOW(process_vm_writev(getpid(), &l, 1, many, 1025, 0));
	SHOW(process_vm_writev(getpid(), many, 1024, &r, 1, 0));
	SHOW(process_vm_writev(getpid(), &l, -1UL, &r, 1, 0));
	SHOW(process_vm_writev(getpid(), &l, 1, &r, -1UL, 0));
	l.iov_len = -1UL;
	SHOW(process_vm_writev(getpid(), &l, 1, &r, 1, 0));
	SHOW(process_vm_readv(getpid(), &l, 1, &r, 1, 0));
	l.iov_len = 16;
	r.iov_len = -1UL;
	SHOW(process_vm_writev(getpid(), &l, 1, &r, 1, 0));
	r.iov_len = 16;
	SHOW(process_vm_writev(getpid(), (void *)8, 1, &r, 1, 0));
	SHOW(process_vm_writev(getpid(), &l, 1, (void *)8, 1, 0));
	SHOW(process_vm_writev(getpid(), (void *)8, 0, (void *)8, 0, 0));
	SHOW(process_vm_writev(0, &l, 1, &r, 1, 0));
	SHOW(process_vm_writev(-1, &l, 1, &r, 1, 0));
	SHOW(process_vm_writev(999999999, &l, 1, &r, 1, 0));
	r.iov_base = (void *)-4096L;
	SHOW(process_vm_writev(getpid(), &l, 1, &r, 1, 0));
	r.iov_base = there;
	l.iov_base = (void *)8;
	SHOW(process_vm_writev(getpid(), &l, 1, &r, 1, 0));
	free(many);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	removing();
	removing_sealed();
	populating();
	all_advice();
	locked_limits();
	SHOW_CHILD(large_pages());
	SHOW_CHILD(shared_limits());
	SHOW_CHILD(address_space());
	other_memory();
	return 0;
}
