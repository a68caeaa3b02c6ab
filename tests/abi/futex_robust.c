// summary: set_robust_list and get_robust_list: their errors, and what hostile lists do at exit
//
// The threads' side is in thread_robust.c. Here a process leaves lists behind that loop, lead
// nowhere, or lie: it must still end with its status.
#include "abi.h"
#include <linux/futex.h>
#include <sys/mman.h>

static struct robust_list_head head;

static void get(int pid, void *to, void *length)
{
	errno = 0;
	long r = syscall(SYS_get_robust_list, pid, to, length);
	printf("%s\n", r == -1 ? error_name(errno) : "ok");
}

int main(int argc, char **argv)
{
	void *where = NULL;
	size_t length = 0;

	SHOW(syscall(SYS_set_robust_list, &head, 0));
	SHOW(syscall(SYS_set_robust_list, &head, sizeof(head) - 1));
	SHOW(syscall(SYS_set_robust_list, &head, sizeof(head) + 1));
	SHOW(syscall(SYS_set_robust_list, &head, 12));
	SHOW(syscall(SYS_set_robust_list, (void *)0x123456789, sizeof(head)));
	get(0, &where, &length);
	printf("%p %zu\n", where, length);
	SHOW(syscall(SYS_set_robust_list, &head, sizeof(head)));
	get((int)syscall(SYS_gettid), &where, &length);
	HOLDS(where == &head);
	get(0, NULL, &length);
	get(0, &where, NULL);
	get(0, (void *)0xffff800000000000, &length);
	get(0x7ffffff0, &where, &length);
	get(-1, &where, &length);
	get(-0x7fffffff - 1, &where, &length);

	/* A loop of two that never comes back to the head, of which one names us as its owner. */
	static struct {
		struct robust_list list;
		uint32_t word;
	} entry[2];
	head.futex_offset = (long)((char *)&entry[0].word - (char *)&entry[0].list);
	head.list.next = &entry[0].list;
	entry[0].list.next = &entry[1].list;
	entry[1].list.next = &entry[0].list;
	entry[0].word = (uint32_t)syscall(SYS_gettid);
	head.list_op_pending = (void *)1;
	(void)argc;
	(void)argv;
	return 0;
}
