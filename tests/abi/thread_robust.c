// summary: robust lists of threads that end: marked, bounded, whatever the list says
//
// Seen to fail: with the limit of the walk taken away (the looping list never ends), with the
// word not compared with the thread's number, with the pending entry left out.
#include "abi.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define ENTRIES 3000

struct entry {
	struct robust_list list;
	_Atomic uint32_t word;
	uint32_t pad;
};

static struct entry entries[ENTRIES];
static struct robust_list_head head;
static uint32_t tid;
static int kind;

static void chain(int n)
{
	for (int i = 0; i < n; i++) {
		entries[i].list.next =
			i + 1 < n ? &entries[i + 1].list : (struct robust_list *)&head;
		entries[i].word = tid;
	}
	head.list.next = n ? &entries[0].list : (struct robust_list *)&head;
	head.futex_offset = offsetof(struct entry, word);
	head.list_op_pending = NULL;
}

static const char *const kinds[] = {"none", "three", "others", "waiters", "long", "loop",
	"loop to itself", "into nothing", "into the kernel", "to an odd word", "pi", "pending",
	"pending unlocked", "pending pi", "pending in nothing", "bad offset", "head gone",
	"read-only word", "pending in list"};
#define KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))

static void *nowhere, *readonly;

static void prepare(void)
{
	chain(3);
	switch (kind) {
	case 0:
		chain(0);
		break;
	case 2:
		entries[0].word = tid + 1;
		entries[1].word = 0;
		entries[2].word = tid | FUTEX_OWNER_DIED;
		break;
	case 3:
		for (int i = 0; i < 3; i++)
			entries[i].word = tid | FUTEX_WAITERS;
		break;
	case 4:
		chain(ENTRIES);
		break;
	case 5:
		entries[2].list.next = &entries[0].list;
		break;
	case 6:
		entries[0].list.next = &entries[0].list;
		break;
	case 7:
		entries[1].list.next = nowhere;
		break;
	case 8:
		entries[1].list.next = (void *)0xffff888000000000;
		break;
	case 9:
		entries[1].list.next = (void *)((char *)&entries[2].list + 2);
		break;
	case 10:
		head.list.next = (void *)((char *)&entries[0].list + 1);
		entries[0].list.next = (void *)((char *)&entries[1].list + 1);
		entries[0].word = tid | FUTEX_WAITERS;
		break;
	case 11:
		chain(1);
		entries[5].word = tid;
		head.list_op_pending = &entries[5].list;
		break;
	case 12:
		chain(1);
		entries[5].word = 0;
		head.list_op_pending = &entries[5].list;
		break;
	case 13:
		chain(1);
		entries[5].word = tid | FUTEX_WAITERS;
		head.list_op_pending = (void *)((char *)&entries[5].list + 1);
		break;
	case 14:
		head.list_op_pending = nowhere;
		break;
	case 15:
		head.futex_offset = 1L << 62;
		break;
	case 17:
		head.list.next = readonly;
		break;
	case 18:
		head.list_op_pending = &entries[1].list;
		break;
	}
}

static _Atomic uint32_t gone;

static void *leave(void *argument)
{
	(void)argument;
	tid = (uint32_t)syscall(SYS_gettid);
	prepare();
	syscall(SYS_set_robust_list, kind == 16 ? nowhere : &head, sizeof(head));
	syscall(SYS_set_tid_address, &gone);
	syscall(SYS_exit, 0);
	return NULL;
}

static void *wait_for(void *argument)
{
	struct timespec t = {5, 0};
	long r = syscall(SYS_futex, argument, FUTEX_WAIT, *(uint32_t *)argument, &t);
	return (void *)(r == -1 ? (long)errno : 0);
}

/* How the words look: whose they are and which bits are set. */
static void show(void)
{
	int dead = 0;
	for (int i = 0; i < ENTRIES; i++)
		dead += !!(entries[i].word & FUTEX_OWNER_DIED);
	printf("%s: %d dead;", kinds[kind], dead);
	for (int i = 0; i < 6; i++)
		printf(" %s%x", entries[i].word & FUTEX_TID_MASK ? "owned " : "",
			entries[i].word & ~FUTEX_TID_MASK);
	putchar('\n');
}

static void woken_by_death(uint32_t bits, void *pending)
{
	pthread_t t;
	void *r = NULL;

	(void)pending;
	entries[0].word = bits;
	pthread_create(&t, NULL, wait_for, (void *)&entries[0].word);
	while (syscall(SYS_futex, &entries[0].word, FUTEX_REQUEUE, 0, 1, &entries[0].word, 0) != 1)
		sched_yield();
	fflush(stdout);
	pid_t child = vfork();
	if (child == 0) {
		/* Shares our memory: its list is walked when it ends. */
		tid = (uint32_t)syscall(SYS_gettid);
		head.list.next = pending ? (struct robust_list *)&head : &entries[0].list;
		head.list_op_pending = pending;
		head.futex_offset = offsetof(struct entry, word);
		entries[0].list.next = (struct robust_list *)&head;
		entries[0].word = bits ? tid | bits : 0;
		syscall(SYS_set_robust_list, &head, sizeof(head));
		syscall(SYS_exit, 0);
	}
	waitpid(child, NULL, 0);
	pthread_join(t, &r);
	printf("woken: %ld, %x\n", (long)r, entries[0].word);
}

int main(void)
{
	pthread_t t;
	pthread_attr_t attr;

	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	readonly = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	((struct entry *)readonly)->list.next = &entries[0].list;
	mprotect(readonly, 4096, PROT_READ);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstack(&attr,
		mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		65536);
	for (kind = 0; kind < KINDS; kind++) {
		memset(entries, 0, sizeof(entries));
		gone = 1;
		if (pthread_create(&t, &attr, leave, NULL)) {
			puts("no thread");
			break;
		}
		while (gone)
			syscall(SYS_futex, &gone, FUTEX_WAIT, 1, NULL);
		show();
		/* Its stack is used again: glibc does not know that it is gone. */
		pthread_attr_setstack(&attr,
			mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				0),
			65536);
	}
	woken_by_death(FUTEX_WAITERS, NULL);
	woken_by_death(FUTEX_WAITERS, &entries[0].list);
	woken_by_death(0, &entries[0].list);
	fflush(stdout);
	_exit(0);
}
