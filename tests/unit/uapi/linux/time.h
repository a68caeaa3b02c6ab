/* Linux's header defines struct timeval, and so has glibc by now: they are the same. */
#ifndef FAKE_UAPI_TIME_H
#define FAKE_UAPI_TIME_H

#ifdef __timeval_defined
#define timeval linux_timeval
#endif
#include_next <linux/time.h>
#undef timeval

#endif
