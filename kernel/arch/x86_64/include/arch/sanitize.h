/*
 * The one sanitizer of frames that go to ring 3 (rule 7), and the predicate for SYSRET (rule 8).
 * Pure functions of the frame: tests/unit/entry holds them against every bit of every field.
 */
#ifndef ARCH_SANITIZE_H
#define ARCH_SANITIZE_H

#include "arch/control.h"
#include "arch/frame.h"
#include "arch/irqflags.h"
#include "arch/layout.h"
#include "lib/types.h"

/* The flags that a program may choose. */
#define RFLAGS_USER                                                                          \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_DF | \
		RFLAGS_OF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

static inline u64 rflags_sanitize(u64 rflags)
{
	return (rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
}

/* A RIP outside the program's half would fault on the return instruction in ring 0, so it becomes
 * one that faults in ring 3. */
static inline void frame_set_rip(struct trap_frame *f, u64 rip)
{
	f->rip = rip < USER_END ? rip : USER_END;
}

/*
 * Makes any 22 words safe to return to ring 3 with: selectors are the program's, flags hold nothing
 * privileged. `airlock check` follows who writes to frames (contracts `keeps-sane`, `makes-sane`).
 */
static inline void frame_sanitize(struct trap_frame *f)
{
	f->cs = USER_CS;
	f->ss = USER_DS;
	f->rflags = rflags_sanitize(f->rflags);
	frame_set_rip(f, f->rip);
}

/* What the exit path demands of every frame; checked in debug kernels. */
static inline bool frame_ok(const struct trap_frame *f)
{
	return (f->cs & 0xffff) == USER_CS && (f->ss & 0xffff) == USER_DS &&
	       (f->rflags & ~(RFLAGS_USER | RFLAGS_FIXED | RFLAGS_IF)) == 0 &&
	       (f->rflags & RFLAGS_IF) && f->rip <= USER_END;
}

/*
 * True if SYSRET gives ring 3 exactly this frame (hazards X2, X3): it loads RIP from RCX and RFLAGS
 * from R11, sets both selectors from STAR, faults in ring 0 on a RIP that is not canonical, and
 * can't set RF or trap after itself for TF.
 */
static inline bool sysret_ok(const struct trap_frame *f)
{
	return f->rcx == f->rip && f->r11 == f->rflags && f->cs == USER_CS && f->ss == USER_DS &&
	       f->rip < USER_END && !(f->rflags & (RFLAGS_TF | RFLAGS_RF));
}

#endif
