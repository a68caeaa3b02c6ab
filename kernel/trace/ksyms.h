/*
 * The kernel's own function names, so that a report reads without the ELF file beside it. The table is made by
 * tools/ksyms.c from a first link of the kernel and linked in by the second: see kernel/kernel.mk.
 */
#ifndef TRACE_KSYMS_H
#define TRACE_KSYMS_H

#include "lib/types.h"

/* The function that the address lies in and how far from its start; NULL (and offset 0) if there is none. Any context. */
const char *ksym_lookup(u64 address, u64 *offset);

/* The same as text, "mm_fault+0x41", or the bare number. Returns buffer. */
const char *ksym_format(char *buffer, size_t size, u64 address);

#endif
