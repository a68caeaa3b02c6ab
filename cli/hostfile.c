/*
 * Files of the host: opened, and brought into the archive at their place.
 *
 * A file found through symbolic links (/bin/vi -> /etc/alternatives/vi -> /usr/bin/vim.basic) is used
 * under the path by which it was found; so the archive gets every link on the way and the file itself
 * at its real place.
 */
#include "hostfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

/* Links that lead to other links; more is a circle, as in Linux. */
enum { HOSTFILE_LINKS_MAX = 40 };

/* The path from the root of the host, with "." and ".." still in it. */
static char *hostfile_rooted(const char *path)
{
	if (path[0] == '/')
		return text_copy(path);
	char *folder = getcwd(NULL, 0);
	char *result = text_format("%s/%s", folder ? folder : "", path);
	free(folder);
	return result;
}

/* Removes what says nothing: "//", "/./" and, as long as no link is in the way, "/x/..". */
static char *hostfile_tidy(const char *path)
{
	char *folder = text_copy(path);
	char *slash = strrchr(folder, '/');
	char *name = text_copy(slash + 1);
	*slash = '\0';
	char *real = realpath(folder[0] ? folder : "/", NULL);
	/* Keeps the user's spelling where it is clean already, the real folder where it is not. */
	bool clean = !strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../");
	char *result = clean || !real ? text_copy(path)
				      : text_format("%s/%s", strcmp(real, "/") ? real : "", name);
	free(folder);
	free(name);
	free(real);
	return result;
}

/*
 * Adds the first symbolic link on `path` to the archive and returns the path behind it, or NULL
 * when there is no link on it.
 */
static char *hostfile_add_link(struct initrd *initrd, const char *path)
{
	char *part = text_copy(path);
	for (char *slash = part; slash;) {
		char target[PATH_MAX];
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		ssize_t length = readlink(part, target, sizeof(target) - 1);
		if (length > 0) {
			target[length] = '\0';
			initrd_add_link(initrd, part, target);
			*strrchr(part, '/') = '\0';
			const char *rest = slash ? path + (slash - part) : "";
			char *result = target[0] == '/'
					       ? text_format("%s%s", target, rest)
					       : text_format("%s/%s%s", part, target, rest);
			free(part);
			return result;
		}
		if (slash)
			*slash = '/';
	}
	free(part);
	return NULL;
}

/* Adds all links that lead from `path` to the file, and returns the path of the file. */
static char *hostfile_add_links(struct initrd *initrd, const char *path)
{
	char *current = text_copy(path);
	for (int i = 0; i < HOSTFILE_LINKS_MAX; i++) {
		char *next = hostfile_add_link(initrd, current);
		if (!next)
			break;
		free(current);
		current = hostfile_tidy(next);
		free(next);
	}
	char *real = realpath(current, NULL);
	free(current);
	return real ? real : text_copy(path);
}

char *hostfile_absolute(const char *path)
{
	char *absolute = hostfile_rooted(path);
	char *result = hostfile_tidy(absolute);
	free(absolute);
	return result;
}

static int hostfile_map(int fd, struct hostfile *file)
{
	if (fstat(fd, &file->status) != 0)
		return -errno;
	if (!S_ISREG(file->status.st_mode))
		return S_ISDIR(file->status.st_mode) ? -EISDIR : -EINVAL;
	file->size = (size_t)file->status.st_size;
	if (file->size == 0)
		return 0;
	void *data = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	file->data = data;
	return 0;
}

int hostfile_try(const char *path, struct hostfile *file)
{
	*file = (struct hostfile){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int result = hostfile_map(fd, file);
	close(fd);
	return result;
}

int hostfile_open(const char *name, const char *path, struct hostfile *file)
{
	int error = hostfile_try(path, file);
	if (error == 0)
		return 0;
	return message_fail(STATUS_NOT_EXECUTABLE, "%s cannot be read: %s", name, strerror(-error));
}

void hostfile_close(struct hostfile *file)
{
	if (file->data)
		munmap((void *)(uintptr_t)file->data, file->size);
	*file = (struct hostfile){0};
}

char *hostfile_add(struct initrd *initrd, const char *path, const struct hostfile *file)
{
	struct initrd_attributes attributes = {.mode = file->status.st_mode,
		.uid = file->status.st_uid,
		.gid = file->status.st_gid,
		.mtime = file->status.st_mtime};
	char *real = hostfile_add_links(initrd, path);
	initrd_add_parents(initrd, real);
	initrd_add_file(initrd, real, &attributes, file->data, file->size);
	return real;
}
