/* Names of errors. */
#ifndef SYS_ERRNAME_H
#define SYS_ERRNAME_H

#include "lib/types.h"

/* "ENOENT"; NULL for a number without a name. */
const char *errno_name(u32 error);

#endif
