/*
 * Arguments and environment on their way from one program to the next.
 *
 * They may be megabytes, so they are kept in single frames, which memory for programs pays for. The
 * limits are Linux's: a string may have 128 KiB; all strings, the program's path and the pointers to
 * them together a quarter of the stack's limit, but at least 128 KiB and at most 6 MiB. The room for
 * pointers is taken off before the strings are copied, as Linux does, so both refuse the same.
 */
#include "proc/args.h"

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/mm.h"

#define ARGS_MAX (6 * MIB)
#define ARGS_MIN (32 * PAGE_SIZE)
#define COUNT_MAX 0x7fffffffU

static int args_charge(struct exec_args *a, u64 bytes)
{
	if (bytes > a->room)
		return -E2BIG;
	a->room -= bytes;
	return 0;
}

int args_init(struct exec_args *a, u64 stack_limit, const char *path)
{
	*a = (struct exec_args){.room = MAX(MIN(stack_limit / 4, ARGS_MAX), ARGS_MIN)};
	list_init(&a->frames);
	return args_charge(a, strlen(path) + 1);
}

void args_free(struct exec_args *a)
{
	struct list *link;

	while ((link = list_pop_front(&a->frames)) != NULL)
		frame_put(CONTAINER_OF(link, struct page, link));
}

/* Where the next byte goes, and how many fit there; NULL if memory ran out. */
static char *args_end(struct exec_args *a, u64 *fits)
{
	u64 used = a->bytes % PAGE_SIZE;

	if (used == 0) {
		struct page *page = frame_alloc(0, FRAME_USER);
		if (!page)
			return NULL;
		list_push_back(&a->frames, &page->link);
	}
	*fits = PAGE_SIZE - used;
	return (char *)page_address(list_last(&a->frames, struct page, link)) + used;
}

static int add_bytes(struct exec_args *a, const char *from, u64 n)
{
	while (n > 0) {
		u64 fits;
		char *to = args_end(a, &fits);

		if (!to)
			return -ENOMEM;
		fits = MIN(fits, n);
		memcpy(to, from, fits);
		a->bytes += fits;
		from += fits;
		n -= fits;
	}
	return 0;
}

static int add_kernel_string(struct exec_args *a, const char *s)
{
	size_t n = strnlen(s, ARG_STRING_MAX) + 1;

	if (n > ARG_STRING_MAX)
		return -E2BIG;
	int err = args_charge(a, n);
	return err ? err : add_bytes(a, s, n);
}

/* Copies a string as far as it fits into one frame. 1: it goes on, at *from. */
static int add_user_piece(struct exec_args *a, uaddr_t *from, u64 *left)
{
	u64 fits;
	char *to = args_end(a, &fits);

	if (!to)
		return -ENOMEM;
	fits = MIN(fits, *left);
	ssize_t n = copy_string_from_user(to, *from, fits);
	if (n == -EFAULT)
		return n;
	bool more = n < 0;
	u64 got = more ? fits : (u64)n + 1;
	int err = args_charge(a, got);
	if (err)
		return err;
	a->bytes += got;
	*from += got;
	*left -= got;
	return more;
}

static int add_user_string(struct exec_args *a, uaddr_t from)
{
	u64 left = ARG_STRING_MAX;
	int more;

	do {
		if (left == 0)
			return -E2BIG;
		more = add_user_piece(a, &from, &left);
	} while (more > 0);
	return more;
}

/* If another thread changes the array before the strings are copied, they are some of either time,
 * or -EFAULT where a NULL has appeared. */
static int count_user(uaddr_t array, u32 *count)
{
	*count = 0;
	while (array) {
		u64 s;
		if (get_user_u64(&s, array + *count * sizeof(s)))
			return -EFAULT;
		if (!s)
			return 0;
		if (++*count == COUNT_MAX)
			return -E2BIG;
	}
	return 0;
}

static int add_user_strings(struct exec_args *a, uaddr_t array, u32 count)
{
	int err = 0;

	for (u32 i = 0; i < count && !err; i++) {
		u64 s;
		err = get_user_u64(&s, array + i * sizeof(s));
		if (!err)
			err = add_user_string(a, s);
	}
	return err;
}

static int charge_pointers(struct exec_args *a)
{
	/* argv[0] is always there. */
	return args_charge(a, ((u64)MAX(a->argc, 1U) + a->envc) * sizeof(uaddr_t));
}

/* Since Linux 5.18 a program has an argv[0] even if it was given none. */
static int finish_argv(struct exec_args *a)
{
	int err = 0;

	if (a->argc == 0) {
		err = add_kernel_string(a, "");
		a->argc = 1;
	}
	a->argv_bytes = a->bytes;
	return err;
}

int args_add_user(struct exec_args *a, uaddr_t argv, uaddr_t envp)
{
	u32 argc, envc;

	int err = count_user(argv, &argc);
	if (!err)
		err = count_user(envp, &envc);
	if (err)
		return err;
	a->argc = argc;
	a->envc = envc;
	err = charge_pointers(a);
	if (!err)
		err = add_user_strings(a, argv, argc);
	if (!err)
		err = finish_argv(a);
	return err ? err : add_user_strings(a, envp, envc);
}

static u32 count_kernel(char *const *strings)
{
	u32 n = 0;

	while (strings[n])
		n++;
	return n;
}

static int add_kernel_strings(struct exec_args *a, char *const *strings)
{
	int err = 0;

	for (; *strings && !err; strings++)
		err = add_kernel_string(a, *strings);
	return err;
}

int args_add_kernel(struct exec_args *a, char *const *argv, char *const *envp)
{
	a->argc = count_kernel(argv);
	a->envc = count_kernel(envp);
	int err = charge_pointers(a);
	if (!err)
		err = add_kernel_strings(a, argv);
	if (!err)
		err = finish_argv(a);
	return err ? err : add_kernel_strings(a, envp);
}

/* -- reading them back -- */

/* Calls fn for the bytes of each frame, in order, until it returns an error. */
static int for_each_frame(const struct exec_args *a,
	int (*fn)(const char *bytes, u64 n, u64 offset, void *arg), void *arg)
{
	struct page *page;
	u64 offset = 0;
	int err;

	list_for_each_entry (page, &a->frames, link) {
		u64 n = MIN(PAGE_SIZE, a->bytes - offset);
		err = fn(page_address(page), n, offset, arg);
		if (err)
			return err;
		offset += n;
	}
	return 0;
}

struct args_target {
	struct mm *mm;
	uaddr_t at;
};

static int write_frame(const char *bytes, u64 n, u64 offset, void *arg)
{
	const struct args_target *t = arg;

	return mm_write(t->mm, t->at + offset, bytes, n);
}

int args_write(const struct exec_args *a, struct mm *mm, uaddr_t at)
{
	struct args_target t = {.mm = mm, .at = at};

	return for_each_frame(a, write_frame, &t);
}

struct args_walk {
	void (*fn)(u64 offset, void *arg);
	void *arg;
	bool inside; /* a string has begun and not ended */
};

static int walk_frame(const char *bytes, u64 n, u64 offset, void *arg)
{
	struct args_walk *w = arg;

	for (u64 i = 0; i < n;) {
		if (!w->inside)
			w->fn(offset + i, w->arg);
		size_t length = strnlen(bytes + i, n - i);
		i += length + 1;
		w->inside = i > n;
	}
	return 0;
}

void args_for_each(const struct exec_args *a, void (*fn)(u64 offset, void *arg), void *arg)
{
	struct args_walk w = {.fn = fn, .arg = arg};

	(void)!for_each_frame(a, walk_frame, &w);
}

/* -- scripts -- */

struct args_tail {
	struct exec_args *to;
	u64 skip;
};

static int copy_tail(const char *bytes, u64 n, u64 offset, void *arg)
{
	const struct args_tail *t = arg;

	if (offset + n <= t->skip)
		return 0;
	u64 begin = t->skip > offset ? t->skip - offset : 0;
	return add_bytes(t->to, bytes + begin, n - begin);
}

struct second_string {
	u64 offset;
	u32 seen;
};

static void find_second(u64 offset, void *arg)
{
	struct second_string *s = arg;

	if (s->seen++ == 1)
		s->offset = offset;
}

int args_replace_first(struct exec_args *a, const char *const *strings, u32 count)
{
	struct exec_args new = {.room = a->room};
	struct second_string second = {.offset = a->bytes};

	args_for_each(a, find_second, &second);
	list_init(&new.frames);
	/* The first argument's room comes back, and its pointer's; the new ones' are taken. */
	new.room += second.offset + sizeof(uaddr_t);
	int err = args_charge(&new, count * sizeof(uaddr_t));
	for (u32 i = 0; i < count && !err; i++)
		err = add_kernel_string(&new, strings[i]);
	struct args_tail tail = {.to = &new, .skip = second.offset};
	new.argv_bytes = new.bytes + a->argv_bytes - second.offset;
	if (!err)
		err = for_each_frame(a, copy_tail, &tail);
	new.argc = a->argc - 1 + count;
	new.envc = a->envc;
	if (err) {
		args_free(&new);
		return err;
	}
	args_free(a);
	struct list frames = LIST_INIT(frames);
	list_splice_back(&frames, &new.frames);
	*a = new;
	list_init(&a->frames);
	list_splice_back(&a->frames, &frames);
	return 0;
}
