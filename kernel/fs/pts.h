/* /dev/pts: a name for each pseudo terminal. Who has terminals says which there are. */
#ifndef FS_PTS_H
#define FS_PTS_H

#include "lib/types.h"

struct inode;

#define PTS_MAX 256U

/* next(number, &uid): the first terminal from the number on and its owner; PTS_MAX: none. Any number of times, under tree_lock.
 * Start-up. */
void pts_set_next(u32 (*next)(u32 number, u32 *uid));

struct pts_path {
	char text[24];
};
struct pts_path pts_path(u32 number);

/* The folder: with a reference, or NULL. */
struct inode *pts_create_folder(void);

#endif
