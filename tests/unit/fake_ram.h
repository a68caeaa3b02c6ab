/*
 * The host's physical memory: physical address p is fake RAM's byte p, every frame has a struct page, and the
 * sanitizer knows which frames are allocated, so that a touch of a free one is reported.
 */
#ifndef FAKE_RAM_H
#define FAKE_RAM_H

#include "lib/types.h"

#define FAKE_RAM_SIZE (256 * MIB)

/* Copies n bytes to reserved frames, as the boot loader leaves a module: offset bytes after a page boundary. Each frame
 * has one reference that is never dropped. Bytes around the copy must not be touched. */
paddr_t fake_ram_place(const void *from, size_t n, size_t offset);
/* Takes it back, and checks that nobody holds a reference to its frames. */
void fake_ram_remove(paddr_t pa, size_t n);

#endif
