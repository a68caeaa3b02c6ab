/* No vDSO in unit tests. */
#include "proc/vdso.h"

int vdso_map(struct mm *mm, u64 random, uaddr_t *ehdr)
{
	*ehdr = 0;
	return 0;
}
