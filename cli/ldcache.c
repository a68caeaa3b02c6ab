/*
 * /etc/ld.so.cache, as glibc's ldconfig(8) writes it: a header, entries of fixed size, and strings.
 * Places of strings count from the header's first byte.  Nothing in the file is believed before it was
 * checked against the file's size.
 */
#include "ldcache.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ldcache_magic[] = "glibc-ld.so.cache1.1";

enum {
	LDCACHE_MAGIC = sizeof(ldcache_magic) - 1,
	/* A library for glibc, and for x86-64. */
	LDCACHE_X86_64 = 0x0303,
};

struct ldcache_header {
	char magic[LDCACHE_MAGIC];
	uint32_t count;
	uint32_t strings_size;
	uint32_t unused[5];
};

struct ldcache_entry {
	int32_t flags;
	uint32_t name, path;
	uint32_t os_version;
	/* Not 0: only for some processors. */
	uint64_t capabilities;
};

_Static_assert(sizeof(struct ldcache_header) == 48 && sizeof(struct ldcache_entry) == 24,
	"the layout of the file");

void ldcache_open(struct ldcache *cache)
{
	struct stat status;
	int fd = open(LDCACHE_PATH, O_RDONLY | O_CLOEXEC);
	*cache = (struct ldcache){0};
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && status.st_size > 0) {
		void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data != MAP_FAILED)
			*cache = (struct ldcache){.data = data, .size = (size_t)status.st_size};
	}
	close(fd);
}

void ldcache_close(struct ldcache *cache)
{
	if (cache->data)
		munmap((void *)(uintptr_t)cache->data, cache->size);
	*cache = (struct ldcache){0};
}

/* The string at that place if it ends within the file, else "". */
static const char *ldcache_string(const struct ldcache *cache, size_t base, uint32_t offset)
{
	size_t at = base + offset;
	if (at >= cache->size || !memchr(cache->data + at, '\0', cache->size - at))
		return "";
	return cache->data + at;
}

const char *ldcache_find(const struct ldcache *cache, const char *name)
{
	struct ldcache_header header;
	/* An older format may come first. */
	const char *start =
		cache->data ? memmem(cache->data, cache->size, ldcache_magic, LDCACHE_MAGIC) : NULL;
	size_t base = start ? (size_t)(start - cache->data) : 0;
	if (!start || cache->size - base < sizeof(header))
		return NULL;
	memcpy(&header, start, sizeof(header));
	size_t room = (cache->size - base - sizeof(header)) / sizeof(struct ldcache_entry);
	for (size_t i = 0; i < header.count && i < room; i++) {
		struct ldcache_entry entry;
		memcpy(&entry, start + sizeof(header) + i * sizeof(entry), sizeof(entry));
		if (entry.flags == LDCACHE_X86_64 && entry.capabilities == 0 &&
			strcmp(ldcache_string(cache, base, entry.name), name) == 0)
			return ldcache_string(cache, base, entry.path);
	}
	return NULL;
}
