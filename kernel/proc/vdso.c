/*
 * The vDSO: a page of data and an ELF image behind it, the same frames in every program.
 *
 * Both are page sources that are there for ever, so they are not counted. The data is mapped shared and without the right to be
 * made writable: a program that asks for that is refused. The code is private, so a debugger that writes a breakpoint into it gets a
 * copy of its own.
 */
#include "proc/vdso.h"

#include "arch/pagetable.h"
#include "arch/vdso.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/mm.h"

#define CODE_PAGES_MAX 4U

static struct page *pages[1 + CODE_PAGES_MAX] RO_AFTER_INIT;
static u32 code_pages RO_AFTER_INIT;

static int get_page_from(u64 index, u64 count, struct page **out)
{
	if (index >= count)
		return -ENXIO;
	*out = pages[index];
	frame_get(*out);
	return 0;
}

static int get_data(struct page_source *s, u64 index, struct page **out)
{
	return get_page_from(index, 1, out);
}

static int get_code(struct page_source *s, u64 index, struct page **out)
{
	return index ? get_page_from(index, 1 + code_pages, out) : -ENXIO;
}

static void no_count(struct page_source *s)
{
}

static const char *data_name(struct page_source *s)
{
	return "[vvar]";
}

static const char *code_name(struct page_source *s)
{
	return "[vdso]";
}

static const struct page_source_ops data_ops = {.get_page = get_data,
	.get = no_count,
	.put = no_count,
	.name = data_name,
	.is_kernels = true};
static const struct page_source_ops code_ops = {
	.get_page = get_code, .get = no_count, .put = no_count, .name = code_name};
static struct page_source data = {.ops = &data_ops};
static struct page_source code = {.ops = &code_ops};

/* Above the stack's top if there is room, as on Linux; else wherever there is. */
static uaddr_t choose_place(const struct mm *mm, u64 size, u64 random)
{
	u64 room = USER_END - mm->stack_top;

	if (room <= size)
		return 0;
	return mm->stack_top + random % ((MIN(room, 2 * MIB) - size) / PAGE_SIZE + 1) * PAGE_SIZE;
}

int vdso_map(struct mm *mm, u64 random, uaddr_t *ehdr)
{
	u64 size = (1 + code_pages) * PAGE_SIZE;

	*ehdr = 0;
	if (!code_pages)
		return 0;
	uaddr_t at = choose_place(mm, size, random);
	/* The whole place first: both parts, one behind the other. */
	int err = mm_map(mm, &at, size, PT_READ | PT_EXEC, 0, MAP_AT_HINT, &code, 0, ~0UL);
	if (!err)
		err = mm_map(
			mm, &at, PAGE_SIZE, PT_READ, AREA_SHARED, MAP_AT_FIXED, &data, 0, ~0UL);
	*ehdr = err ? 0 : at + PAGE_SIZE;
	return err;
}

INIT_TEXT void vdso_init(void)
{
	size_t size;
	const char *image = vdso_image(&size);
	u32 count = (u32)(ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE);

	CHECK(count <= CODE_PAGES_MAX);
	for (u32 i = 0; i <= count; i++) {
		pages[i] = frame_alloc(0, FRAME_ZERO);
		if (!pages[i])
			return;
	}
	for (u32 i = 0; i < count; i++)
		memcpy(page_address(pages[1 + i]), image + i * PAGE_SIZE,
			MIN(size - i * PAGE_SIZE, PAGE_SIZE));
	vdso_set_data_page(page_address(pages[0]));
	code_pages = count;
}
