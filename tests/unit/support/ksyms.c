/* The double of kernel/trace/ksyms.c: on the host the kernel's names are not linked in. */
#include "trace/ksyms.h"

#include <stdio.h>

const char *ksym_lookup(u64 address, u64 *offset)
{
	*offset = 0;
	return NULL;
}

const char *ksym_format(char *buffer, size_t size, u64 address)
{
	snprintf(buffer, size, "%#lx", address);
	return buffer;
}
