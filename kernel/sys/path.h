/* What the calls on paths share. */
#ifndef SYS_PATH_H
#define SYS_PATH_H

#include "lib/types.h"

/* The mode of a new file: without what the umask takes. */
u32 path_new_mode(u32 mode);

/* A device number as struct stat and mknod(2) have it, taken apart. */
u32 device_major(u64 dev);
u32 device_minor(u64 dev);

#endif
