/*
 * Which operations stand behind a character device's number. Filled at start-up, before the first process, by one thread;
 * constant from then on, so lookups take no lock.
 */
#include "fs/fs.h"
#include "fs/opened.h"
#include "lib/errno.h"

struct device {
	u32 major, minor;
	const struct file_ops *ops;
};

static struct device devices[FS_DEVICES_MAX];
static u32 device_count;

const struct file_ops *device_find(u32 major, u32 minor)
{
	for (u32 i = 0; i < device_count; i++)
		if (devices[i].major == major && devices[i].minor == minor)
			return devices[i].ops;
	return NULL;
}

bool device_has_ops(const struct file_ops *ops)
{
	for (u32 i = 0; i < device_count; i++)
		if (devices[i].ops == ops)
			return true;
	return false;
}

int fs_register_device(u32 major, u32 minor, const struct file_ops *ops)
{
	if (device_find(major, minor))
		return -EEXIST;
	if (device_count == FS_DEVICES_MAX)
		return -ENOSPC;
	devices[device_count++] = (struct device){.major = major, .minor = minor, .ops = ops};
	return 0;
}
