/*
 * Pages for tables: boot memory at first, then the frame allocator's, which stands above this layer
 * and is reached by upcalls.
 */
#include "arch/boot_alloc.h"
#include "arch/upcalls.h"
#include "pte.h"

paddr_t table_page_alloc(bool program)
{
	if (!boot_alloc_finished())
		return boot_physical(boot_alloc(PAGE_SIZE, PAGE_SIZE));
	return upcall_table_alloc(0, program);
}
