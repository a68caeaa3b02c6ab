/*
 * What the address space stands on, for the host: the real page tables over fake RAM, and the
 * translation caches of two fake CPUs, which never forget by themselves.
 *
 * fake_tlb_fill() caches the translation of a page as an access by a CPU would, which makes that
 * CPU (but not the other one) drop what it had. Every flush must name what is stale before the
 * frames are freed; fake_tlb_check() fails the test if a cache holds anything that the tables no
 * longer say.
 */
#ifndef FAKE_MM_H
#define FAKE_MM_H

#include "mm/mm.h"

/* Before the first mm_create(). */
void fake_mm_init(void);

#define FAKE_TLB_CPUS 2
void fake_tlb_fill(struct mm *mm, uaddr_t va, u32 cpu);
void fake_tlb_check(struct mm *mm);

/* A source of pages whose contents are known: byte i of page n is fake_source_byte(n, i). */
#define FAKE_SOURCE_PAGES 64
struct fake_source {
	struct page_source source;
	struct page *pages[FAKE_SOURCE_PAGES];
	u32 refs;
};
void fake_source_init(struct fake_source *s);
/* Fails the test if a page or the source has references that were not given back. */
void fake_source_check(const struct fake_source *s);
void fake_source_drop(struct fake_source *s);
u8 fake_source_byte(u64 index, u64 offset);

#endif
