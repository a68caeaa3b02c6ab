/* Source lines of kernel addresses, by addr2line(1). */
#ifndef CLI_ADDR2LINE_H
#define CLI_ADDR2LINE_H

#include <stddef.h>
#include <stdint.h>

struct source_line {
	uint64_t address;
	/* "mm_fault at kernel/mm/fault.c:120", further ones for what was inlined, with line ends between; or NULL. */
	char *text;
};

/* Fills in the texts; they stay NULL where nothing is known, or addr2line is missing. */
void addr2line(const char *image, struct source_line *lines, size_t count);

#endif
