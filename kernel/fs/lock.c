#include "fs/lock.h"

#include "fs/tree.h"
#include "mm/slab.h"

void lock_destroy(struct inode *i)
{
	kfree(i->locks);
}
