/* The vDSO in a program's address space. */
#ifndef PROC_VDSO_H
#define PROC_VDSO_H

#include "lib/compiler.h"
#include "lib/types.h"

struct mm;

/* Maps it: above the stack, at a place chosen by `random` where there is room. *ehdr: its ELF header, for AT_SYSINFO_EHDR; 0 if
 * there is none. 0 or -ENOMEM. Start-up has called vdso_init(). */
MUST_CHECK int vdso_map(struct mm *mm, u64 random, uaddr_t *ehdr);
/* Start-up, after mm_init(). Without memory for it there is no vDSO, which programs can do without. */
void vdso_init(void);

#endif
