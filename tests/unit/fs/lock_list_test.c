/*
 * Lists of locks against a model that has one letter for each byte of the file: whatever is asked for, in whatever order, each owner has
 * of each byte what it was given last, the list is as its header says, and two spares are always enough.
 *
 * Seen to fail: with neighbours of one type not joined, with the second half of a split at the wrong place in the list.
 */
// sources: kernel/fs/lock_list.c
#include "unit.h"

#include "fs/lock_private.h"

#include <stdlib.h>

#define BYTES 24
#define OWNERS 3
#define POOL 400

static struct file_lock pool[POOL];
static struct list spares, held;
static char model[OWNERS][BYTES];
static char owner_place[OWNERS];

static void begin(void)
{
	list_init(&held);
	list_init(&spares);
	for (u32 i = 0; i < POOL; i++)
		list_push_back(&spares, &pool[i].link);
	for (u32 o = 0; o < OWNERS; o++)
		memset(model[o], 'u', BYTES);
}

static char letter(s16 type)
{
	return type == F_RDLCK ? 'r' : type == F_WRLCK ? 'w' : 'u';
}

static u32 count(struct list *l)
{
	u32 n = 0;

	for (struct list *at = l->next; at != l; at = at->next)
		n++;
	return n;
}

/* The list says what the model says, each owner's locks stand together, in order, and joined. */
static void check(void)
{
	char seen[OWNERS][BYTES];
	u32 closed = 0;
	struct file_lock *l, *before = NULL;

	memset(seen, 'u', sizeof(seen));
	list_for_each_entry (l, &held, link) {
		u32 o = (u32)((const char *)l->claim.owner - owner_place);
		if (before && before->claim.owner != l->claim.owner) {
			closed |= 1U << (u32)((const char *)before->claim.owner - owner_place);
		} else if (before) {
			assert_true(before->claim.last < l->claim.first);
			assert_true(before->claim.last + 1 < l->claim.first ||
				    before->claim.type != l->claim.type);
		}
		assert_false(closed & (1U << o));
		assert_true(l->claim.first <= l->claim.last);
		for (s64 b = l->claim.first; b <= l->claim.last && b < BYTES; b++)
			seen[o][b] = letter(l->claim.type);
		before = l;
	}
	assert_memory_equal(seen, model, sizeof(model));
}

/* With two spares alone. */
static void apply(const struct lock_claim *c, u32 o)
{
	struct list two = LIST_INIT(two), *s;

	for (u32 i = 0; i < LOCK_SPARES; i++)
		list_push_back(&two, list_pop_front(&spares));
	assert_int_equal(lock_list_apply(&held, c, &two), 0);
	while ((s = list_pop_front(&two)) != NULL)
		list_push_back(&spares, s);
	for (s64 b = c->first; b <= c->last && b < BYTES; b++)
		model[o][b] = letter(c->type);
	assert_int_equal(count(&held) + count(&spares), POOL);
	check();
}

static bool model_conflict(const struct lock_claim *c, u32 o)
{
	for (u32 other = 0; other < OWNERS; other++)
		for (s64 b = c->first; other != o && b <= c->last && b < BYTES; b++)
			if (model[other][b] == 'w' ||
				(model[other][b] == 'r' && c->type == F_WRLCK))
				return c->type != F_UNLCK;
	return false;
}

static struct lock_claim draw(u32 o)
{
	static const s16 types[] = {F_RDLCK, F_WRLCK, F_UNLCK};
	s64 a = rand() % BYTES, b = rand() % BYTES;

	return (struct lock_claim){
		.kind = LOCK_OF_PROCESS,
		.type = types[rand() % 3],
		.owner = &owner_place[o],
		.first = MIN(a, b),
		/* The last letter stands for all bytes from there on. */
		.last = MAX(a, b) == BYTES - 1 ? LOCK_END : MAX(a, b),
	};
}

static void test_model(void **state)
{
	for (u32 round = 0; round < 200; round++) {
		srand(round);
		begin();
		for (u32 step = 0; step < 300; step++) {
			u32 o = (u32)rand() % OWNERS;
			struct lock_claim c = draw(o);
			bool conflict = lock_list_conflict(&held, &c) != NULL;
			assert_int_equal(conflict, model_conflict(&c, o));
			if (!conflict)
				apply(&c, o);
		}
		for (u32 o = 0; o < OWNERS; o++) {
			bool any = memchr(model[o], 'r', BYTES) || memchr(model[o], 'w', BYTES);
			assert_int_equal(lock_list_drop(&held, &owner_place[o], &spares), any);
			memset(model[o], 'u', BYTES);
			check();
		}
	}
}

/* Without what it needs nothing is changed. */
static void test_no_memory(void **state)
{
	struct list none = LIST_INIT(none), one = LIST_INIT(one);
	struct lock_claim c = {.type = F_WRLCK, .owner = &owner_place[0], .first = 5, .last = 15};

	begin();
	assert_int_equal(lock_list_apply(&held, &c, &none), -ENOLCK);
	check();
	apply(&c, 0);
	c.first = c.last = 10;
	c.type = F_UNLCK;
	assert_int_equal(lock_list_apply(&held, &c, &none), -ENOLCK);
	check();
	list_push_back(&one, list_pop_front(&spares));
	c.type = F_RDLCK;
	assert_int_equal(lock_list_apply(&held, &c, &one), -ENOLCK);
	check();
	/* Giving back an end needs nothing. */
	c = (struct lock_claim){.type = F_UNLCK, .owner = &owner_place[0], .first = 0, .last = 7};
	assert_int_equal(lock_list_apply(&held, &c, &none), 0);
	memset(model[0], 'u', 8);
	check();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
