// summary: System V shared memory: segments, attaching, removing, permissions, every error
#include "abi.h"
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define PAGE 4096UL
/* A run's own: the host's runs for two variants of the guest may be at work at the same time. */
static key_t key;

static const char *at_result(void *p)
{
	return p == (void *)-1 ? error_name(errno) : "ok";
}
#define TRY_AT(...) printf("shmat(" #__VA_ARGS__ "): %s\n", at_result(shmat(__VA_ARGS__)))

static void show_stat(int id)
{
	struct shmid_ds d;

	if (shmctl(id, IPC_STAT, &d)) {
		printf("stat: %s\n", error_name(errno));
		return;
	}
	printf("mode %o size %lu attached %lu private %d creator %d last %d\n", d.shm_perm.mode,
		d.shm_segsz, (unsigned long)d.shm_nattch, d.shm_perm.__key == IPC_PRIVATE,
		d.shm_cpid == getpid(), d.shm_lpid == getpid());
	printf("uid %d %d times %d %d %d\n", d.shm_perm.uid == geteuid(),
		d.shm_perm.cuid == geteuid(), d.shm_atime != 0, d.shm_dtime != 0, d.shm_ctime != 0);
}

static void get_errors(void)
{
	SHOW(shmget(key, PAGE, 0));
	SHOW(shmget(key, PAGE, 0600));
	SHOW(shmget(key, 0, IPC_CREAT | 0600));
	SHOW(shmget(key, -1UL, IPC_CREAT | 0600));
	SHOW(shmget(key, 1UL << 62, IPC_CREAT | 0600));
	SHOW(shmget(IPC_PRIVATE, 0, 0600));
	int id = shmget(key, 2 * PAGE + 1, IPC_CREAT | 0640);
	HOLDS(id >= 0);
	HOLDS(shmget(key, 0, 0) == id && shmget(key, PAGE, 0600) == id);
	HOLDS(shmget(key, PAGE, IPC_CREAT | 0600) == id &&
		shmget(key, 2 * PAGE + 1, IPC_CREAT) == id);
	SHOW(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600));
	SHOW(shmget(key, 2 * PAGE + 2, 0));
	SHOW(shmget(key, 4 * PAGE, IPC_CREAT));
	HOLDS(shmget(key, PAGE, IPC_EXCL) == id);
	show_stat(id);
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmget(key, PAGE, 0));
}

static void attach_errors(void)
{
	int id = shmget(IPC_PRIVATE, 4 * PAGE, 0600);
	char *hole = mmap(NULL, 16 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRY_AT(-1, NULL, 0);
	TRY_AT(id + 100000, NULL, 0);
	TRY_AT(id, hole + 1, 0);
	TRY_AT(id, hole, 0);
	TRY_AT(id, hole + 15 * PAGE, 0);
	TRY_AT(id, NULL, SHM_REMAP);
	TRY_AT(id, (char *)1, SHM_REMAP | SHM_RND);
	TRY_AT(id, (char *)0x7ffffffff000, 0);
	TRY_AT(id, (char *)0x800000000000, 0);
	TRY_AT(id, (char *)-4096L, 0);
	HOLDS(shmat(id, hole, SHM_REMAP) == hole);
	hole[0] = 5;
	HOLDS(shmat(id, hole + 8 * PAGE + 7, SHM_REMAP | SHM_RND) == hole + 8 * PAGE);
	HOLDS(hole[8 * PAGE] == 5);
	show_stat(id);
	SHOW(shmdt(hole + 1));
	/* A mapping that has a source, and is neither a file's nor a segment's. */
	SHOW(shmdt((void *)getauxval(AT_SYSINFO_EHDR)));
	SHOW(shmdt(hole + PAGE));
	SHOW(shmdt(hole + 5 * PAGE));
	SHOW(shmdt((void *)-4096L));
	SHOW(shmdt((void *)0x800000000000));
	SHOW(shmdt(hole + 8 * PAGE));
	SHOW(shmdt(hole));
	SHOW(shmdt(hole));
	SHOW(munmap(hole, 16 * PAGE));
	SHOW(shmdt(hole));
	show_stat(id);
	SHOW(shmctl(id, IPC_RMID, NULL));
}

static void sharing(void)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600), status;
	char *a = shmat(id, NULL, 0), *b = shmat(id, NULL, 0), *r = shmat(id, NULL, SHM_RDONLY);

	HOLDS(a != b && b != r);
	a[0] = 1;
	a[2 * PAGE] = 3;
	HOLDS(b[0] == 1 && r[2 * PAGE] == 3 && b[PAGE] == 0);
	SHOW(mprotect(r, PAGE, PROT_READ | PROT_WRITE));
	SHOW(mprotect(a, 3 * PAGE, PROT_READ));
	SHOW(mprotect(a, 3 * PAGE, PROT_READ | PROT_WRITE));
	show_stat(id);
	fflush(stdout);
	if (fork() == 0) {
		show_stat(id);
		b[PAGE] = 7;
		HOLDS(shmdt(a) == 0);
		show_stat(id);
		fflush(stdout);
		_exit(0);
	}
	HOLDS(wait(&status) > 0 && status == 0);
	HOLDS(a[PAGE] == 7);
	SHOW(shmctl(id, IPC_RMID, NULL));
	show_stat(id);
	TRY_AT(id, NULL, 0);
	HOLDS(a[PAGE] == 7);
	SHOW(shmdt(a));
	SHOW(shmdt(b));
	HOLDS(r[PAGE] == 7);
	/* Cut in the middle: the two ends are one attachment. */
	SHOW(munmap(r + PAGE, PAGE));
	SHOW(shmdt(r));
	HOLDS(syscall(SYS_mincore, r + 2 * PAGE, PAGE, &status) == -1);
}

static void control_errors(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	struct shmid_ds d;

	SHOW(shmctl(id, IPC_STAT, NULL));
	SHOW(shmctl(id, IPC_STAT, (void *)-4096L));
	SHOW(shmctl(id, IPC_SET, NULL));
	SHOW(shmctl(id, IPC_SET, (void *)-4096L));
	SHOW(shmctl(id, 12345, &d));
	SHOW(shmctl(id, -1, &d));
	SHOW(shmctl(-1, IPC_STAT, &d));
	SHOW(shmctl(-1, IPC_RMID, NULL));
	SHOW(shmctl(id + 100000, IPC_STAT, &d));
	SHOW(shmctl(id + 100000, IPC_SET, &d));
	SHOW(shmctl(id + 100000, SHM_LOCK, NULL));
	SHOW(shmctl(id, IPC_STAT, &d));
	d.shm_perm.mode = 07644;
	SHOW(shmctl(id, IPC_SET, &d));
	show_stat(id);
	SHOW(shmctl(id, SHM_LOCK, NULL));
	show_stat(id);
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	show_stat(id);
	SHOW(shmctl(0, IPC_INFO, NULL));
	SHOW(shmctl(0, SHM_INFO, NULL));
	SHOW(shmctl(123456, SHM_STAT, &d));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

static void permissions(void)
{
	int closed = shmget(IPC_PRIVATE, PAGE, 0600), open = shmget(key, PAGE, IPC_CREAT | 0604);
	struct shmid_ds d;
	int status;

	fflush(stdout);
	if (fork() == 0) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		TRY_AT(closed, NULL, 0);
		TRY_AT(closed, NULL, SHM_RDONLY);
		TRY_AT(open, NULL, 0);
		TRY_AT(open, NULL, SHM_RDONLY);
		TRY_AT(open, NULL, SHM_RDONLY | SHM_EXEC);
		SHOW_OK(shmget(key, PAGE, 0));
		SHOW_OK(shmget(key, PAGE, 0400));
		SHOW_OK(shmget(key, PAGE, 0600));
		SHOW(shmctl(closed, IPC_STAT, &d));
		SHOW(shmctl(open, IPC_STAT, &d));
		SHOW(shmctl(open, IPC_SET, &d));
		SHOW(shmctl(open, IPC_RMID, NULL));
		SHOW(shmctl(closed, IPC_RMID, NULL));
		int own = shmget(IPC_PRIVATE, PAGE, 0400);
		TRY_AT(own, NULL, 0);
		TRY_AT(own, NULL, SHM_RDONLY);
		SHOW(shmctl(own, IPC_RMID, NULL));
		fflush(stdout);
		_exit(0);
	}
	HOLDS(wait(&status) > 0 && status == 0);
	SHOW(shmctl(closed, IPC_RMID, NULL));
	SHOW(shmctl(open, IPC_RMID, NULL));
}

int main(void)
{
	key = 0x41000000 | getpid();
	setvbuf(stdout, NULL, _IOLBF, 0);
	get_errors();
	attach_errors();
	sharing();
	control_errors();
	permissions();
	return 0;
}
