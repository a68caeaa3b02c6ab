/* The fake arch: the kernel's addresses, with the direct map and the page array wherever the host put them. */
#ifndef FAKE_ARCH_LAYOUT_H
#define FAKE_ARCH_LAYOUT_H

#include_next "arch/layout.h"

#undef DIRECT_MAP_BASE
#undef PAGE_ARRAY_BASE
#define DIRECT_MAP_BASE fake_direct_map_base
#define PAGE_ARRAY_BASE fake_page_array_base

extern unsigned long fake_direct_map_base, fake_page_array_base;

#endif
