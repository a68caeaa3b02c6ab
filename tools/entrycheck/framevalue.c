#include "framevalue.h"

#define LOW 0xffffffffUL

static struct fv number(uint64_t may, uint64_t must, uint64_t max)
{
	return (struct fv){.may = may, .must = must, .max = max < may ? max : may};
}

struct fv fv_any(void)
{
	return number(~0UL, 0, ~0UL);
}

struct fv fv_const(uint64_t value)
{
	return number(value, value, value);
}

struct fv fv_pointer(enum fv_kind kind, int64_t offset)
{
	return (struct fv){.kind = kind, .offset = offset, .may = ~0UL, .max = ~0UL};
}

bool fv_is_const(struct fv v)
{
	return v.kind == FV_NUMBER && v.may == v.must;
}

bool fv_equal(struct fv a, struct fv b)
{
	return a.kind == b.kind && a.offset == b.offset && a.may == b.may && a.must == b.must &&
	       a.max == b.max;
}

struct fv fv_join(struct fv a, struct fv b)
{
	if (fv_equal(a, b))
		return a;
	if (a.kind != FV_NUMBER || b.kind != FV_NUMBER)
		return fv_any();
	return number(a.may | b.may, a.must & b.must, a.max > b.max ? a.max : b.max);
}

struct fv fv_add(struct fv a, struct fv b, bool subtract)
{
	if (!fv_is_const(b))
		return fv_any();
	uint64_t by = subtract ? -b.must : b.must;
	if (a.kind != FV_NUMBER)
		return fv_pointer(a.kind, a.offset + (int64_t)by);
	return fv_is_const(a) ? fv_const(a.must + by) : fv_any();
}

/* Only a bound on the bits of a pointer is known, which is none. */
struct fv fv_and(struct fv a, struct fv b)
{
	return number(a.may & b.may, a.must & b.must, a.max < b.max ? a.max : b.max);
}

struct fv fv_or(struct fv a, struct fv b)
{
	return number(a.may | b.may, a.must | b.must, ~0UL);
}

struct fv fv_narrow(struct fv a, unsigned bytes)
{
	if (bytes >= 8)
		return a;
	if (bytes < 4)
		return fv_any();
	return number(a.may & LOW, a.must & LOW, ~0UL);
}

struct fv fv_limit(struct fv a, uint64_t max)
{
	if (a.kind != FV_NUMBER)
		return a;
	return number(a.may, a.must, a.max < max ? a.max : max);
}
