/* The contents of the root file system: a minimal one of our own, or the user's. */
#include "rootfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "text.h"

void rootfs_add_directories(struct initrd *initrd)
{
	static const struct {
		const char *path;
		mode_t mode;
	} directories[] = {
		{"/dev", 0755},
		{"/etc", 0755},
		{"/home", 0755},
		{"/proc", 0555},
		{"/root", 0700},
		{"/run", 0755},
		{"/sys", 0555},
		{"/tmp", 01777},
		{"/var", 0755},
		{"/var/tmp", 01777},
	};
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		initrd_add_directory(initrd, directories[i].path, directories[i].mode);
}

void rootfs_add_files(struct initrd *initrd)
{
	initrd_add_text(initrd, "/etc/passwd",
		"root:x:0:0:root:/root:/bin/sh\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
	initrd_add_text(initrd, "/etc/group", "root:x:0:\nnogroup:x:65534:\n");
	initrd_add_text(initrd, "/etc/hostname", "airlock\n");
	initrd_add_text(initrd, "/etc/hosts", "127.0.0.1 localhost airlock\n");
}

/*
 * The path in the VM of an entry that libarchive calls `name`, which starts with the `skip` bytes of
 * the host's directory: absolute, and without "./" in front and "/" at the end.  NULL for a name
 * that would lead out of the tree.
 */
static char *rootfs_path(const char *name, size_t skip)
{
	name += skip;
	while (text_starts(name, "./") || name[0] == '/')
		name += name[0] == '/' ? 1 : 2;
	if (strcmp(name, ".") == 0)
		name = "";
	if (strcmp(name, "..") == 0 || text_starts(name, "../") || strstr(name, "/../"))
		return NULL;
	char *path = text_format("/%s", name);
	for (size_t length = strlen(path); length > 1 && path[length - 1] == '/'; length--)
		path[length - 1] = '\0';
	return path;
}

/* Reads the contents of the current entry; NULL after a message when that fails. */
static void *rootfs_read(struct archive *source, const char *path, size_t size)
{
	char *data = text_alloc(size);
	for (size_t done = 0; done < size;) {
		la_ssize_t got = archive_read_data(source, data + done, size - done);
		if (got <= 0) {
			message("cannot read %s: %s", path,
				got < 0 ? archive_error_string(source) : "it is cut short");
			free(data);
			return NULL;
		}
		done += (size_t)got;
	}
	return data;
}

static int rootfs_add_contents(struct initrd *initrd, struct archive *source, const char *path,
	const struct initrd_attributes *attributes, size_t size)
{
	void *data = rootfs_read(source, path, size);
	if (!data)
		return STATUS_AIRLOCK;
	initrd_add_file(initrd, path, attributes, data, size);
	free(data);
	return 0;
}

static int rootfs_add_entry(
	struct initrd *initrd, struct archive *source, struct archive_entry *entry, size_t skip)
{
	char *path = rootfs_path(archive_entry_pathname(entry), skip);
	if (!path)
		return message_fail(STATUS_AIRLOCK,
			"the entry %s leads out of the root file system",
			archive_entry_pathname(entry));
	struct initrd_attributes attributes = {
		.mode = archive_entry_mode(entry),
		.uid = (uid_t)archive_entry_uid(entry),
		.gid = (gid_t)archive_entry_gid(entry),
		.mtime = archive_entry_mtime(entry),
		.device = archive_entry_rdev(entry),
	};
	const char *hardlink = archive_entry_hardlink(entry);
	int status = 0;
	if (strcmp(path, "/") == 0 || text_starts(path, "/.airlock/")) {
		/* The root is always there, and .airlock is how the kernel is told what to do. */
	} else if (hardlink) {
		char *earlier = rootfs_path(hardlink, skip);
		initrd_add_copy(initrd, path, earlier ? earlier : hardlink);
		free(earlier);
	} else if (S_ISREG(attributes.mode)) {
		initrd_add_parents(initrd, path);
		status = rootfs_add_contents(
			initrd, source, path, &attributes, (size_t)archive_entry_size(entry));
	} else {
		initrd_add_parents(initrd, path);
		initrd_add_special(initrd, path, &attributes, archive_entry_symlink(entry));
	}
	free(path);
	return status;
}

/* Copies all entries.  `skip` is the length of what comes before the name in every path. */
static int rootfs_copy(
	struct initrd *initrd, struct archive *source, const char *path, size_t skip, int walk)
{
	struct archive_entry *entry;
	int result;
	while ((result = archive_read_next_header(source, &entry)) == ARCHIVE_OK ||
		result == ARCHIVE_WARN) {
		int status = rootfs_add_entry(initrd, source, entry, skip);
		if (status != 0)
			return status;
		if (walk)
			archive_read_disk_descend(source);
	}
	if (result != ARCHIVE_EOF)
		return message_fail(
			STATUS_AIRLOCK, "cannot read %s: %s", path, archive_error_string(source));
	return 0;
}

static int rootfs_add_tree(struct initrd *initrd, const char *path)
{
	struct archive *source = archive_read_disk_new();
	archive_read_disk_set_symlink_physical(source);
	int status;
	if (archive_read_disk_open(source, path) != ARCHIVE_OK)
		status = message_fail(STATUS_AIRLOCK, "cannot read the directory %s: %s", path,
			archive_error_string(source));
	else
		status = rootfs_copy(initrd, source, path, strlen(path), 1);
	archive_read_free(source);
	return status;
}

static int rootfs_add_tar(struct initrd *initrd, const char *path)
{
	struct archive *source = archive_read_new();
	archive_read_support_filter_all(source);
	archive_read_support_format_all(source);
	int status;
	if (archive_read_open_filename(source, path, 1 << 16) != ARCHIVE_OK)
		status = message_fail(STATUS_AIRLOCK, "%s is not a tar that can be read: %s", path,
			archive_error_string(source));
	else
		status = rootfs_copy(initrd, source, path, 0, 0);
	archive_read_free(source);
	return status;
}

int rootfs_add(struct initrd *initrd, const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return message_fail(STATUS_AIRLOCK, "cannot use %s as the root file system: %s",
			path, strerror(errno));
	return S_ISDIR(status.st_mode) ? rootfs_add_tree(initrd, path)
				       : rootfs_add_tar(initrd, path);
}
