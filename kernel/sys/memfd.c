/* memfd_create(2): its arguments. */
#include <linux/memfd.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "sys/args.h"
#include "sys/sys.h"

/* What reports call it is this and the name. Together they are a name of the tree. */
#define PREFIX "memfd:"
#define NAME_MAX_BYTES (255 - (sizeof(PREFIX) - 1))

s64 sys_memfd_create(uaddr_t name, u32 flags)
{
	char text[sizeof(PREFIX) + NAME_MAX_BYTES] = PREFIX;
	struct file *f;

	/* There are no reserved large pages, nor the file system for them: its flags, the pages' size among them, come first. */
	if (flags & MFD_HUGETLB)
		flags &= ~(u32)(MFD_HUGE_MASK << MFD_HUGE_SHIFT);
	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB))
		return -EINVAL;
	ssize_t n = copy_string_from_user(
		text + sizeof(PREFIX) - 1, name, sizeof(text) - (sizeof(PREFIX) - 1));
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	if (flags & MFD_HUGETLB)
		return -ENOSYS;
	int err = fs_memfd_create(text, flags & MFD_ALLOW_SEALING, &f);
	return err ? err : install_file(f, flags & MFD_CLOEXEC);
}
