/*
 * What stands behind a character device's number. Filled at start-up, before the first process, by
 * one thread; constant from then on, so lookups take no lock.
 */
#include "fs/fs.h"
#include "fs/opened.h"
#include "lib/errno.h"

static struct fs_device devices[FS_DEVICES_MAX];
static u32 device_count;

const struct fs_device *device_find(u32 major, u32 minor)
{
	for (u32 i = 0; i < device_count; i++)
		if (devices[i].major == major && devices[i].first_minor <= minor &&
			minor <= devices[i].last_minor)
			return &devices[i];
	return NULL;
}

static int add(const struct fs_device *device)
{
	if (device_find(device->major, device->first_minor))
		return -EEXIST;
	if (device_count == FS_DEVICES_MAX)
		return -ENOSPC;
	devices[device_count++] = *device;
	return 0;
}

int fs_register_device(u32 major, u32 minor, const struct file_ops *ops)
{
	struct fs_device device = {
		.major = major, .first_minor = minor, .last_minor = minor, .ops = ops};

	return add(&device);
}

int fs_register_devices(u32 major, u32 first_minor, u32 last_minor,
	int (*open)(u32 minor, u32 flags, struct file **out))
{
	struct fs_device device = {
		.major = major, .first_minor = first_minor, .last_minor = last_minor, .open = open};

	return add(&device);
}
