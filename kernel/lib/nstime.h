/* A time in ns since 1970, which may be before that, as the seconds and nanoseconds that programs are told. */
#ifndef LIB_NSTIME_H
#define LIB_NSTIME_H

#include "lib/types.h"

/* Rounded down, so that the nanoseconds are never negative. */
static inline s64 nstime_seconds(s64 time)
{
	s64 second = (s64)NS_PER_SEC;

	return time / second - (time % second < 0);
}

static inline u64 nstime_nanoseconds(s64 time)
{
	return (u64)(time - nstime_seconds(time) * (s64)NS_PER_SEC);
}

#endif
