/* The functions of a kernel image, by address. */
#ifndef CLI_SYMBOLS_H
#define CLI_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbols;

/* NULL when the file can't be read or has none. */
struct symbols *symbols_load(const char *path);
void symbols_free(struct symbols *symbols);

/* The function that holds the address, or NULL; *offset is how far into it. `symbols` may be NULL. */
const char *symbols_find(const struct symbols *symbols, uint64_t address, uint64_t *offset);

#endif
