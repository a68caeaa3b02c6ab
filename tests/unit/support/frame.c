/*
 * The host's frames: an array of struct page beside a stretch of fake RAM. First fit; a block's frames are poisoned for
 * the sanitizer unless they are allocated.
 */
#include "mm/frame.h"

#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>

#include "fail_alloc.h"
#include "fake_ram.h"
#include "lib/assert.h"

#define FRAMES (FAKE_RAM_SIZE / PAGE_SIZE)

unsigned long fake_direct_map_base, fake_page_array_base;

static struct page pages[FRAMES];
static u64 live, frames_used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void set_up(void)
{
	void *ram = mmap(NULL, FAKE_RAM_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(ram != MAP_FAILED);
	__asan_poison_memory_region(ram, FAKE_RAM_SIZE);
	fake_direct_map_base = (unsigned long)ram;
	fake_page_array_base = (unsigned long)pages;
	for (u64 i = 0; i < FRAMES; i++)
		pages[i].state = PAGE_FREE;
	/* Physical address 0 is never handed out. */
	pages[0].state = PAGE_RESERVED;
}

u64 frame_live(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

static struct page *find_free(u64 n, u64 step)
{
	u64 run = 0;

	for (u64 i = 0; i < FRAMES; i++) {
		if (run == 0 && i % step != 0)
			continue;
		run = pages[i].state == PAGE_FREE ? run + 1 : 0;
		if (run == n)
			return &pages[i + 1 - n];
	}
	return NULL;
}

static struct page *take(u64 n, u64 step, enum page_state state)
{
	pthread_mutex_lock(&lock);
	struct page *page = find_free(n, step);
	for (u64 i = 0; page && i < n; i++) {
		page[i].state = state;
		refcount_init(&page[i].refs);
	}
	pthread_mutex_unlock(&lock);
	return page;
}

struct page *frame_alloc(u32 order, u32 flags)
{
	CHECK(order < FRAME_ORDERS);
	struct page *page = fail_alloc_now() ? NULL : take(1UL << order, 1UL << order, PAGE_USED);
	if (page == NULL)
		return NULL;
	size_t size = PAGE_SIZE << order;
	page->order = (u8)order;
	__asan_unpoison_memory_region(page_address(page), size);
	memset(page_address(page), flags & FRAME_ZERO ? 0 : 0xa5, size);
	__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&frames_used, 1UL << order, __ATOMIC_RELAXED);
	return page;
}

struct page *frame_alloc_singles(u32 order, u32 flags)
{
	struct page *first = frame_alloc(order, flags);

	for (u64 i = 0; first && i < 1UL << order; i++) {
		first[i].order = 0;
		first[i].owner = NULL;
	}
	if (first)
		__atomic_fetch_add(&live, (1UL << order) - 1, __ATOMIC_RELAXED);
	return first;
}

void frame_get(struct page *page)
{
	CHECK(page->state != PAGE_FREE);
	refcount_get(&page->refs);
}

void frame_put(struct page *page)
{
	CHECK(page->state != PAGE_FREE);
	if (!refcount_put(&page->refs))
		return;
	/* A reserved frame's own reference is never dropped. */
	CHECK(page->state != PAGE_RESERVED);
	u64 n = 1UL << page->order;
	__asan_poison_memory_region(page_address(page), n * PAGE_SIZE);
	__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&frames_used, n, __ATOMIC_RELAXED);
	pthread_mutex_lock(&lock);
	for (u64 i = 0; i < n; i++)
		page[i].state = PAGE_FREE;
	pthread_mutex_unlock(&lock);
}

u64 frame_total_count(void)
{
	return FRAMES;
}

u64 frame_free_count(void)
{
	return FRAMES - __atomic_load_n(&frames_used, __ATOMIC_RELAXED);
}

bool frame_is_short(void)
{
	return false;
}

void frame_put_list(struct list *list)
{
	struct page *page, *next;

	list_for_each_entry_safe (page, next, list, link)
		frame_put(page);
	list_init(list);
}

paddr_t fake_ram_place(const void *from, size_t n, size_t offset)
{
	CHECK(offset < PAGE_SIZE);
	struct page *page = take((offset + n + PAGE_SIZE) / PAGE_SIZE, 1, PAGE_RESERVED);
	CHECK(page != NULL);
	paddr_t pa = PADDR(page_address_physical(page).v + offset);
	__asan_unpoison_memory_region(direct_map(pa), n);
	memcpy(direct_map(pa), from, n);
	return pa;
}

void fake_ram_remove(paddr_t pa, size_t n)
{
	size_t offset = pa.v % PAGE_SIZE;
	struct page *page = page_of(pa);

	__asan_poison_memory_region(
		direct_map(PADDR(pa.v - offset)), ALIGN_UP(offset + n, PAGE_SIZE));
	for (u64 i = 0; i < (offset + n + PAGE_SIZE) / PAGE_SIZE; i++) {
		CHECK(page[i].state == PAGE_RESERVED);
		CHECK(atomic32_load(&page[i].refs.count) == 1);
		page[i].state = PAGE_FREE;
	}
}
