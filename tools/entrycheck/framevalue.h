/*
 * What is known of a register or of a word in memory, for frameflow.c: a pointer to the frame, to the stack or to the first argument,
 * with an offset; or a number of which some bits are known and an upper bound.
 */
#ifndef ENTRYCHECK_FRAMEVALUE_H
#define ENTRYCHECK_FRAMEVALUE_H

#include <stdbool.h>
#include <stdint.h>

enum fv_kind { FV_NUMBER, FV_FRAME, FV_STACK, FV_ARGUMENT };

struct fv {
	enum fv_kind kind;
	int64_t offset;	    /* of a pointer */
	uint64_t may, must; /* bits that can be set, bits that are */
	uint64_t max;
};

struct fv fv_any(void);
struct fv fv_const(uint64_t value);
struct fv fv_pointer(enum fv_kind kind, int64_t offset);
bool fv_is_const(struct fv v);

/* What holds of both. */
struct fv fv_join(struct fv a, struct fv b);
bool fv_equal(struct fv a, struct fv b);

struct fv fv_add(struct fv a, struct fv b, bool subtract);
struct fv fv_and(struct fv a, struct fv b);
struct fv fv_or(struct fv a, struct fv b);
/* The low 4 bytes, or fewer of which nothing is known. */
struct fv fv_narrow(struct fv a, unsigned bytes);
/* It is known not to be above this. */
struct fv fv_limit(struct fv a, uint64_t max);

#endif
