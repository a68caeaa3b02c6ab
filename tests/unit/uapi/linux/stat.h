/* Linux's header hides the bits of a mode from programs that have glibc; kernel code on the host has glibc and wants them. */
#ifndef FAKE_UAPI_STAT_H
#define FAKE_UAPI_STAT_H

#define __KERNEL__
#include_next <linux/stat.h>
#undef __KERNEL__

#endif
