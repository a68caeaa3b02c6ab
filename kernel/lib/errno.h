/* Error numbers, from Linux's UAPI headers. Functions return 0 or a negative one of these. */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#include <asm/errno.h>

#endif
