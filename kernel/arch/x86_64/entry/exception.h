/* The CPU's exceptions, by vector: their names, and the signals they become. */
#ifndef ENTRY_EXCEPTION_H
#define ENTRY_EXCEPTION_H

#include "arch/frame.h"
#include "lib/types.h"

#define VECTOR_DE 0
#define VECTOR_DB 1
#define VECTOR_NMI 2
#define VECTOR_BP 3
#define VECTOR_OF 4
#define VECTOR_BR 5
#define VECTOR_UD 6
#define VECTOR_NM 7
#define VECTOR_DF 8
#define VECTOR_TS 10
#define VECTOR_NP 11
#define VECTOR_SS 12
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_MF 16
#define VECTOR_AC 17
#define VECTOR_MC 18
#define VECTOR_XM 19
#define VECTOR_CP 21

/* Error code of #PF. */
#define PF_PRESENT 1U
#define PF_WRITE 2U
#define PF_USER 4U
#define PF_EXEC 16U

/* "#GP" and so on; "exception" for a vector that has no name. */
const char *exception_name(u32 vector);

/* FAULT_* of arch/upcalls.h for an error code of #PF. */
u32 exception_access(u64 error);

/* Ring 3 raised it: hands it on as the signal that Linux gives. address is CR2 for #PF. IF=1. */
void exception_raise(struct trap_frame *f, u64 address);

#endif
