/* The dynamic linker's cache of the host: which file stands for the name of a library. */
#ifndef CLI_LDCACHE_H
#define CLI_LDCACHE_H

#include <stddef.h>

#define LDCACHE_PATH "/etc/ld.so.cache"

struct ldcache {
	/* The whole file; NULL if there is none that can be read. */
	const char *data;
	size_t size;
};

/* A host without a cache has an empty one. */
void ldcache_open(struct ldcache *cache);
void ldcache_close(struct ldcache *cache);

/* The path for an x86-64 library, in the cache's memory; NULL if it is not in it. */
const char *ldcache_find(const struct ldcache *cache, const char *name);

#endif
