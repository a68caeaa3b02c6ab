/*
 * The initial archive.  libarchive writes it as cpio newc into an anonymous file, which QEMU later
 * gets by number, so nothing is ever left behind in a file system.
 *
 * The kernel maps a regular file without copying when its contents start on a page of the archive.
 * cpio has no alignment, so an entry named .airlock/pad, of just the right size, goes before a file
 * of a page or more.  libarchive is made to write without blocking (a block size of 0), so the
 * place that the next header will get is always known: `written` bytes from the start.
 *
 * A search tree of all entries is kept beside it, because the program is looked up in the archive
 * when the user gave a root file system of their own.
 */
#include "initrd.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

enum {
	INITRD_PAGE = 4096,
	/* A newc header before the name, and what header with name, and contents, are padded to. */
	NEWC_HEADER = 110,
	NEWC_ALIGN = 4,
	/* As in Linux. */
	INITRD_LINKS_MAX = 40,
};

/* newc stores a size in 32 bits. */
#define INITRD_FILE_MAX 0xffffffffUL

struct initrd {
	struct archive *archive;
	int fd;
	size_t written;
	/* tsearch() tree of struct initrd_entry by path. */
	void *entries;
};

static _Noreturn void initrd_die(const char *path, const char *why)
{
	exit(message_fail(STATUS_AIRLOCK, "cannot put %s into the initial archive: %s", path, why));
}

static la_ssize_t initrd_write(
	struct archive *archive, void *context, const void *buffer, size_t length)
{
	struct initrd *initrd = context;
	ssize_t done = write(initrd->fd, buffer, length);
	if (done < 0) {
		archive_set_error(archive, errno, "%s", strerror(errno));
		return -1;
	}
	initrd->written += (size_t)done;
	return done;
}

struct initrd *initrd_create(void)
{
	struct initrd *initrd = text_alloc(sizeof(*initrd));
	initrd->fd = memfd_create("airlock-archive", MFD_CLOEXEC);
	initrd->archive = archive_write_new();
	if (initrd->fd < 0 || !initrd->archive)
		initrd_die("anything", strerror(errno));
	if (archive_write_set_format_cpio_newc(initrd->archive) != ARCHIVE_OK ||
		archive_write_set_bytes_per_block(initrd->archive, 0) != ARCHIVE_OK ||
		archive_write_open(initrd->archive, initrd, NULL, initrd_write, NULL) != ARCHIVE_OK)
		initrd_die("anything", archive_error_string(initrd->archive));
	return initrd;
}

static int initrd_compare(const void *left, const void *right)
{
	const struct initrd_entry *a = left, *b = right;
	return strcmp(a->path, b->path);
}

const struct initrd_entry *initrd_find(const struct initrd *initrd, const char *path)
{
	struct initrd_entry key = {.path = path};
	struct initrd_entry *const *node = tfind(&key, &initrd->entries, initrd_compare);
	return node ? *node : NULL;
}

static struct initrd_entry *initrd_remember(
	struct initrd *initrd, const char *path, mode_t mode, const char *target)
{
	struct initrd_entry *entry = text_alloc(sizeof(*entry));
	entry->path = text_copy(path);
	entry->mode = mode;
	entry->target = target ? text_copy(target) : NULL;
	if (!tsearch(entry, &initrd->entries, initrd_compare))
		initrd_die(path, strerror(ENOMEM));
	return entry;
}

/* Paths in the archive are relative to its root. */
static const char *initrd_name(const char *path)
{
	return path[0] == '/' ? path + 1 : path;
}

static size_t initrd_round(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

static size_t initrd_header_size(const char *name)
{
	return initrd_round(NEWC_HEADER + strlen(name) + 1, NEWC_ALIGN);
}

static void initrd_put(struct initrd *initrd, const char *name,
	const struct initrd_attributes *attributes, const char *target, const void *data,
	size_t size)
{
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		initrd_die(name, strerror(ENOMEM));
	archive_entry_copy_pathname(entry, name);
	archive_entry_set_mode(entry, attributes->mode);
	archive_entry_set_uid(entry, attributes->uid);
	archive_entry_set_gid(entry, attributes->gid);
	archive_entry_set_mtime(entry, attributes->mtime, 0);
	archive_entry_set_rdev(entry, attributes->device);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_size(entry, (la_int64_t)size);
	if (target)
		archive_entry_copy_symlink(entry, target);

	if (archive_write_header(initrd->archive, entry) < ARCHIVE_WARN)
		initrd_die(name, archive_error_string(initrd->archive));
	if (size > 0 && archive_write_data(initrd->archive, data, size) < 0)
		initrd_die(name, archive_error_string(initrd->archive));
	/* Makes libarchive write the padding now, so that `written` is exact. */
	if (archive_write_finish_entry(initrd->archive) < ARCHIVE_WARN)
		initrd_die(name, archive_error_string(initrd->archive));
	archive_entry_free(entry);
}

/* Fills up so that contents which follow a header for `name` start on a page. */
static void initrd_pad(struct initrd *initrd, const char *name)
{
	static const char pad[] = ".airlock/pad";
	static const char zeros[INITRD_PAGE];
	static const struct initrd_attributes attributes = {.mode = S_IFREG | 0444};

	size_t contents = initrd->written + initrd_header_size(name);
	if (contents % INITRD_PAGE == 0)
		return;
	contents += initrd_header_size(pad);
	size_t size = initrd_round(contents, INITRD_PAGE) - contents;
	initrd_put(initrd, pad, &attributes, NULL, zeros, size);
}

void initrd_add_special(struct initrd *initrd, const char *path,
	const struct initrd_attributes *attributes, const char *target)
{
	/* The root itself is always there. */
	if (strcmp(path, "/") == 0 || initrd_find(initrd, path))
		return;
	initrd_put(initrd, initrd_name(path), attributes, target, NULL, 0);
	initrd_remember(initrd, path, attributes->mode, target);
}

void initrd_add_directory(struct initrd *initrd, const char *path, mode_t mode)
{
	struct initrd_attributes attributes = {.mode = S_IFDIR | mode};
	initrd_add_parents(initrd, path);
	initrd_add_special(initrd, path, &attributes, NULL);
}

void initrd_add_link(struct initrd *initrd, const char *path, const char *target)
{
	struct initrd_attributes attributes = {.mode = S_IFLNK | 0777};
	initrd_add_parents(initrd, path);
	initrd_add_special(initrd, path, &attributes, target);
}

void initrd_add_file(struct initrd *initrd, const char *path,
	const struct initrd_attributes *attributes, const void *data, size_t size)
{
	const char *name = initrd_name(path);
	if (initrd_find(initrd, path))
		return;
	if (size > INITRD_FILE_MAX)
		initrd_die(path, "it is larger than 4 GiB");
	if (size >= INITRD_PAGE)
		initrd_pad(initrd, name);

	size_t offset = initrd->written + initrd_header_size(name);
	initrd_put(initrd, name, attributes, NULL, data, size);
	struct initrd_entry *entry = initrd_remember(initrd, path, attributes->mode, NULL);
	entry->offset = offset;
	entry->size = size;
}

void initrd_add_text(struct initrd *initrd, const char *path, const char *text)
{
	struct initrd_attributes attributes = {.mode = S_IFREG | 0644};
	initrd_add_parents(initrd, path);
	initrd_add_file(initrd, path, &attributes, text, strlen(text));
}

void initrd_add_parents(struct initrd *initrd, const char *path)
{
	static const struct initrd_attributes attributes = {.mode = S_IFDIR | 0755};
	char *copy = text_copy(path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		const struct initrd_entry *entry;
		*slash = '\0';
		if (initrd_resolve(initrd, copy, &entry) == -ENOENT)
			initrd_add_special(initrd, copy, &attributes, NULL);
		*slash = '/';
	}
	free(copy);
}

void *initrd_read(const struct initrd *initrd, const struct initrd_entry *entry)
{
	char *data = text_alloc(entry->size);
	for (size_t done = 0; done < entry->size;) {
		ssize_t got = pread(
			initrd->fd, data + done, entry->size - done, (off_t)(entry->offset + done));
		if (got <= 0)
			initrd_die(entry->path, got < 0 ? strerror(errno) : "it is cut short");
		done += (size_t)got;
	}
	return data;
}

void initrd_add_copy(struct initrd *initrd, const char *path, const char *earlier)
{
	const struct initrd_entry *entry = initrd_find(initrd, earlier);
	if (!entry || !S_ISREG(entry->mode))
		initrd_die(path, "it is a hard link to a file that does not come before it");
	struct initrd_attributes attributes = {.mode = entry->mode};
	void *data = initrd_read(initrd, entry);
	initrd_add_file(initrd, path, &attributes, data, entry->size);
	free(data);
}

/*
 * Replaces the first component of `rest` after `done` by where the link points: an absolute target
 * starts again at the root.
 */
static void initrd_follow(char *done, char *rest, const char *target)
{
	char *tail = text_copy(rest);
	snprintf(rest, PATH_MAX, "%s/%s", target, tail);
	free(tail);
	char *slash = strrchr(done, '/');
	if (target[0] == '/')
		done[0] = '\0';
	else if (slash)
		*slash = '\0';
}

/*
 * Moves the first component of `rest` to the end of `done`.  False when there is none left.
 * "." and ".." are worked out on the way.
 */
static bool initrd_step(char *done, char *rest)
{
	size_t skip = strspn(rest, "/");
	size_t length = strcspn(rest + skip, "/");
	if (length == 0)
		return false;
	char *component = text_format("%.*s", (int)length, rest + skip);
	memmove(rest, rest + skip + length, strlen(rest + skip + length) + 1);

	char *slash = strrchr(done, '/');
	if (strcmp(component, "..") == 0 && slash)
		*slash = '\0';
	else if (strcmp(component, "..") != 0 && strcmp(component, ".") != 0)
		snprintf(done + strlen(done), PATH_MAX - strlen(done), "/%s", component);
	free(component);
	return true;
}

int initrd_resolve(const struct initrd *initrd, const char *path, const struct initrd_entry **entry)
{
	static const struct initrd_entry root = {.path = "/", .mode = S_IFDIR | 0755};
	char done[PATH_MAX] = "", rest[PATH_MAX];
	int links = 0;

	*entry = &root;
	snprintf(rest, sizeof(rest), "%s", path);
	while (initrd_step(done, rest)) {
		*entry = done[0] ? initrd_find(initrd, done) : &root;
		if (!*entry)
			return -ENOENT;
		if ((*entry)->target) {
			if (++links > INITRD_LINKS_MAX)
				return -ELOOP;
			initrd_follow(done, rest, (*entry)->target);
			*entry = &root;
		} else if (rest[strspn(rest, "/")] && !S_ISDIR((*entry)->mode)) {
			return -ENOTDIR;
		}
	}
	return 0;
}

int initrd_finish(struct initrd *initrd, size_t *size)
{
	if (archive_write_close(initrd->archive) != ARCHIVE_OK)
		initrd_die("its end", archive_error_string(initrd->archive));
	archive_write_free(initrd->archive);
	initrd->archive = NULL;
	*size = initrd->written;
	return initrd->fd;
}
