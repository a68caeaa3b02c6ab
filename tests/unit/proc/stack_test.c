/*
 * A new program's stack, read back as a C library's start code reads it.
 *
 * Seen to fail: with the alignment of RSP left out (ALIGN_DOWN(..., 16) of sp), "random arguments";
 * with the pointers of envp starting at argv's strings, "what main() gets"; with the bytes of
 * pointers not counted, "limits"; with find_second() taking the first string, "a script's arguments".
 */
// sources: kernel/proc/stack.c kernel/proc/args.c
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <linux/auxvec.h>

#include "arch/features.h"
#include "lib/errno.h"
#include "proc/args.h"
#include "proc/process.h"
#include "proc/random.h"
#include "proc/stack.h"

#define TOP 0x7ffffffde000UL
#define SIZE (8 * MIB)

struct cpu_features cpu_features = {.hwcap = 0x178bfbff, .xsave_size = 2696};

/* The stack's memory: the byte at address a is image[a - (TOP - SIZE)]. */
static unsigned char *image;
static u64 writes, fail_write;
static struct mm the_mm;

int mm_write(struct mm *mm, uaddr_t to, const void *from, size_t n)
{
	if (++writes == fail_write)
		return -ENOMEM;
	assert_true(to >= TOP - SIZE && to + n <= TOP);
	memcpy(image + (to - (TOP - SIZE)), from, n);
	return 0;
}

void random_bytes(void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((u8 *)to)[i] = (u8)unit_random();
}

u64 random_u64(void)
{
	return unit_random();
}

static u64 word_at(uaddr_t a)
{
	u64 v;

	assert_true(a % 8 == 0 && a >= TOP - SIZE && a < TOP);
	memcpy(&v, image + (a - (TOP - SIZE)), sizeof(v));
	return v;
}

static const char *text_at(uaddr_t a)
{
	assert_true(a >= TOP - SIZE && a < TOP);
	return (const char *)image + (a - (TOP - SIZE));
}

static int set_up(void **state)
{
	image = malloc(SIZE);
	/* Whatever is not written is not zero. */
	memset(image, 0xa5, SIZE);
	/* But the eight bytes at the top, which a new page has. */
	memset(image + SIZE - 8, 0, 8);
	writes = fail_write = 0;
	return image ? 0 : -1;
}

static struct exec_args args;
static char *const *the_argv, *const *the_envp;

static int tear_down(void **state)
{
	if (args.frames.next)
		args_free(&args);
	free(image);
	return 0;
}

static struct credentials user = {.uid = 5, .euid = 5, .gid = 6, .egid = 6};

static struct stack_contents contents(char *const *argv, char *const *envp)
{
	if (args.frames.next)
		args_free(&args);
	the_argv = argv;
	the_envp = envp;
	assert_int_equal(args_init(&args, 8 * MIB, "/bin/program"), 0);
	assert_int_equal(args_add_kernel(&args, argv, envp), 0);
	return (struct stack_contents){
		.path = "/bin/program",
		.args = &args,
		.cred = &user,
		.phdrs = 0x400040,
		.phdr_count = 10,
		.entry = 0x401000,
	};
}

/* Compares a list of pointers with the strings, and returns where the word after its NULL is. */
static uaddr_t check_list(uaddr_t at, char *const *strings)
{
	for (; *strings; strings++, at += 8)
		assert_string_equal(text_at(word_at(at)), *strings);
	assert_int_equal(word_at(at), 0);
	return at + 8;
}

static u64 aux_find(uaddr_t at, u64 type)
{
	for (;; at += 16) {
		if (word_at(at) == type)
			return word_at(at + 8);
		if (word_at(at) == AT_NULL)
			fail_msg("no auxiliary value of type %lu", type);
	}
}

static uaddr_t check_stack(uaddr_t sp, const struct stack_contents *c)
{
	u64 argc = 0;

	char empty[] = "", *one_empty[] = {empty, NULL};

	while (the_argv[argc])
		argc++;
	/* A program has an argv[0] even if it was given none. */
	assert_int_equal(sp % 16, 0);
	assert_int_equal(word_at(sp), argc ? argc : 1);
	return check_list(check_list(sp + 8, argc ? the_argv : one_empty), the_envp);
}

static void what_main_gets(void **state)
{
	char program[] = "program", empty[] = "", a_b[] = "a b", home[] = "HOME=/", x[] = "X=";
	char *argv[] = {program, empty, a_b, NULL}, *envp[] = {home, x, NULL};
	struct stack_contents c = contents(argv, envp);
	uaddr_t sp;

	assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
	uaddr_t aux = check_stack(sp, &c);
	assert_int_equal(aux_find(aux, AT_PHDR), 0x400040);
	assert_int_equal(aux_find(aux, AT_PHENT), 56);
	assert_int_equal(aux_find(aux, AT_PHNUM), 10);
	assert_int_equal(aux_find(aux, AT_ENTRY), 0x401000);
	assert_int_equal(aux_find(aux, AT_BASE), 0);
	assert_int_equal(aux_find(aux, AT_FLAGS), 0);
	assert_int_equal(aux_find(aux, AT_PAGESZ), 4096);
	assert_int_equal(aux_find(aux, AT_CLKTCK), 100);
	assert_int_equal(aux_find(aux, AT_UID), 5);
	assert_int_equal(aux_find(aux, AT_EGID), 6);
	assert_int_equal(aux_find(aux, AT_SECURE), 0);
	assert_int_equal(aux_find(aux, AT_HWCAP), 0x178bfbff);
	assert_int_equal(aux_find(aux, AT_HWCAP2) & 2, 2);
	assert_true(aux_find(aux, AT_MINSIGSTKSZ) >= 2696 + 440);
	assert_string_equal(text_at(aux_find(aux, AT_EXECFN)), "/bin/program");
	assert_string_equal(text_at(aux_find(aux, AT_PLATFORM)), "x86_64");
	assert_true(aux_find(aux, AT_RANDOM) + 16 <= aux_find(aux, AT_PLATFORM));
	/* setproctitle() and the like count on this. */
	assert_int_equal(word_at(sp + 8) + strlen("program") + 1, word_at(sp + 16));
}

static void secure_if_the_user_changed(void **state)
{
	char *none[] = {NULL};
	struct credentials changed = {.uid = 5, .euid = 0};
	struct stack_contents c = contents(none, none);
	uaddr_t sp;

	c.cred = &changed;
	c.secure = true;
	assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
	assert_int_equal(aux_find(check_stack(sp, &c), AT_SECURE), 1);
}

static char **random_strings(u32 n)
{
	char **list = calloc(n + 1, sizeof(char *));

	for (u32 i = 0; i < n; i++) {
		size_t length = unit_random_below(40);
		list[i] = malloc(length + 1);
		memset(list[i], 'a' + (int)(i % 26), length);
		list[i][length] = '\0';
	}
	return list;
}

static void free_strings(char **list)
{
	for (u32 i = 0; list[i]; i++)
		free(list[i]);
	free(list);
}

static void random_arguments(void **state)
{
	for (int round = 0; round < 500; round++) {
		char **argv = random_strings((u32)unit_random_below(200));
		char **envp = random_strings((u32)unit_random_below(200));
		struct stack_contents c = contents(argv, envp);
		uaddr_t sp;

		c.randomise = round % 2;
		assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
		uaddr_t aux = check_stack(sp, &c);
		assert_string_equal(text_at(aux_find(aux, AT_PLATFORM)), "x86_64");
		free_strings(argv);
		free_strings(envp);
	}
}

static void the_gap_is_random(void **state)
{
	char *none[] = {NULL};
	struct stack_contents c = contents(none, none);
	uaddr_t sp, first, other = 0;

	assert_int_equal(stack_build(&the_mm, TOP, &c, &first), 0);
	assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
	assert_int_equal(sp, first);
	c.randomise = true;
	for (int i = 0; i < 100 && !other; i++) {
		assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
		assert_true(sp <= first && sp + 8192 + 16 > first);
		other = sp != first;
	}
	assert_true(other);
}

static char *string_of(size_t length)
{
	char *s = malloc(length + 1);
	memset(s, 'x', length);
	s[length] = '\0';
	return s;
}

static int try_args(u64 stack_limit, char *const *argv, char *const *envp)
{
	struct exec_args a;

	int err = args_init(&a, stack_limit, "/bin/program");
	if (!err)
		err = args_add_kernel(&a, argv, envp);
	args_free(&a);
	return err;
}

static void limits(void **state)
{
	char *none[] = {NULL}, empty[] = "";
	char *longest = string_of(32 * 4096 - 1), *longer = string_of(32 * 4096);
	char *one[] = {longest, NULL}, *too_long[] = {longer, NULL};

	assert_int_equal(try_args(8 * MIB, one, none), 0);
	assert_int_equal(try_args(8 * MIB, too_long, none), -E2BIG);
	assert_int_equal(try_args(8 * MIB, none, too_long), -E2BIG);

	/* Empty strings: one byte and one pointer each. */
	u64 fits = (2 * MIB - strlen("/bin/program") - 1) / 9;
	char **many = calloc(fits + 2, sizeof(char *));
	for (u64 i = 0; i < fits; i++)
		many[i] = empty;
	assert_int_equal(try_args(8 * MIB, many, none), 0);
	many[fits] = empty;
	assert_int_equal(try_args(8 * MIB, many, none), -E2BIG);
	/* Never more than 6 MiB, never less than 128 KiB. */
	assert_int_equal(try_args(UINT64_MAX, many, none), 0);
	many[(128 * KIB - 13) / 9] = NULL;
	assert_int_equal(try_args(0, many, none), 0);
	many[(128 * KIB - 13) / 9] = empty;
	assert_int_equal(try_args(0, many, none), -E2BIG);
	free(many);
	free(longest);
	free(longer);
}

/* An interpreter takes the place of the first argument, again and again. */
static void a_script_s_arguments(void **state)
{
	for (u32 n = 0; n < 300; n += 7) {
		char **argv = random_strings(n + 1), **envp = random_strings(n);
		const char *front[] = {"/bin/sh", "-e", "/tmp/script"};
		char **expected = calloc(n + 4, sizeof(char *));
		struct stack_contents c = contents(argv, envp);
		uaddr_t sp;

		assert_int_equal(args_replace_first(&args, front, 1 + n % 3), 0);
		u32 at = 0;
		for (u32 i = 0; i < 1 + n % 3; i++)
			expected[at++] = (char *)front[i];
		for (u32 i = 1; i <= n; i++)
			expected[at++] = argv[i];
		the_argv = expected;
		assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
		check_stack(sp, &c);
		free(expected);
		free_strings(argv);
		free_strings(envp);
	}
}

static void no_memory_at_any_write(void **state)
{
	char program[] = "program", variable[] = "A=b";
	char *argv[] = {program, NULL}, *envp[] = {variable, NULL};
	struct stack_contents c = contents(argv, envp);
	uaddr_t sp;

	assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), 0);
	for (u64 n = writes; n > 0; n--) {
		writes = 0;
		fail_write = n;
		assert_int_equal(stack_build(&the_mm, TOP, &c, &sp), -ENOMEM);
		assert_int_equal(writes, n);
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_main_gets),
		TEST(secure_if_the_user_changed),
		TEST(random_arguments),
		TEST(the_gap_is_random),
		TEST(limits),
		TEST(a_script_s_arguments),
		TEST(no_memory_at_any_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
