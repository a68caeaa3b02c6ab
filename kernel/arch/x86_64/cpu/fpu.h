/* The program's vector and floating-point state, switched eagerly with every user thread (hazard I13). */
#ifndef CPU_FPU_H
#define CPU_FPU_H

#include "lib/compiler.h"
#include "lib/types.h"

struct fpu_state;

/* Sets XCR0 on this CPU; the first one finds out which bits of MXCSR there are. */
void fpu_load(void);

/* A clean state (as after FNINIT and with MXCSR's default), or a copy of the running thread's. NULL if memory ran out. */
MUST_CHECK struct fpu_state *fpu_alloc(bool copy_current);
void fpu_free(struct fpu_state *s);
/* The running thread's state becomes the clean one. IF=0. */
void fpu_reset(struct fpu_state *s);

/* IF=0, or a thread that can't be switched out. */
void fpu_save(struct fpu_state *s);
void fpu_restore(const struct fpu_state *s);
/* Makes the running thread's state clean. */
void fpu_clear(void);

#endif
