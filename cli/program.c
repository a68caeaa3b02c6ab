/*
 * The program: where it is, whether it can run.
 *
 * A program found through symbolic links (/bin/vi -> /etc/alternatives/vi -> /usr/bin/vim.basic) is
 * started under the path by which it was found, since programs look at it; so the archive gets every
 * link on the way and the file itself at its real place.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_file.h"
#include "message.h"
#include "text.h"

/* What confstr(_CS_PATH) and the shells search when PATH is not set. */
#define DEFAULT_SEARCH "/usr/local/bin:/usr/bin:/bin"

/* Links that lead to other links; more is a circle, as in Linux. */
enum { PROGRAM_LINKS_MAX = 40 };

/*
 * Calls `test` for NAME in each folder of `search`, until it gives 0.  As execvp() does, a file that
 * may not be executed (126) is remembered while the search goes on.
 */
static int program_search(const char *name, const char *search,
	int (*test)(const char *path, void *context), void *context, char **path)
{
	int worst = STATUS_NOT_FOUND;
	for (const char *folder = search;;) {
		size_t length = strcspn(folder, ":");
		*path = length > 0 ? text_format("%.*s/%s", (int)length, folder, name)
				   : text_format("./%s", name);
		int status = test(*path, context);
		if (status == 0)
			return 0;
		if (status == STATUS_NOT_EXECUTABLE)
			worst = status;
		free(*path);
		*path = NULL;
		if (folder[length] == '\0')
			return worst;
		folder += length + 1;
	}
}

/* 0, 126 for a file that may not be executed, 127 for none. */
static int program_test_host(const char *path, void *context)
{
	(void)context;
	struct stat status;
	if (stat(path, &status) != 0)
		return errno == EACCES ? STATUS_NOT_EXECUTABLE : STATUS_NOT_FOUND;
	if (!S_ISREG(status.st_mode) || access(path, X_OK) != 0)
		return STATUS_NOT_EXECUTABLE;
	return 0;
}

static int program_not_found(const char *name)
{
	return message_fail(
		STATUS_NOT_FOUND, "%s was not found%s", name, strchr(name, '/') ? "" : " in PATH");
}

/* Names with a slash are said to be what they are: a directory, a missing file, and so on. */
static int program_locate_direct(const char *name, char **path)
{
	struct stat status;
	if (stat(name, &status) != 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? program_not_found(name)
			       : message_fail(STATUS_NOT_EXECUTABLE, "%s cannot be reached: %s",
					 name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return message_fail(STATUS_NOT_EXECUTABLE, "%s is a directory", name);
	if (program_test_host(name, NULL) != 0)
		return message_fail(
			STATUS_NOT_EXECUTABLE, "%s is not executable (chmod +x makes it so)", name);
	*path = text_copy(name);
	return 0;
}

static int program_locate(const char *name, char **path)
{
	if (name[0] == '\0')
		return message_fail(STATUS_NOT_FOUND, "the name of the program is empty");
	if (strchr(name, '/'))
		return program_locate_direct(name, path);

	const char *search = getenv("PATH");
	int status = program_search(
		name, search ? search : DEFAULT_SEARCH, program_test_host, NULL, path);
	if (status == STATUS_NOT_EXECUTABLE)
		return message_fail(status, "%s is in PATH but not executable", name);
	return status == 0 ? 0 : program_not_found(name);
}

/* The path from the root of the host, with "." and ".." still in it. */
static char *program_absolute(const char *path)
{
	if (path[0] == '/')
		return text_copy(path);
	char *folder = getcwd(NULL, 0);
	char *result = text_format("%s/%s", folder ? folder : "", path);
	free(folder);
	return result;
}

/* Removes what says nothing: "//", "/./" and, as long as no link is in the way, "/x/..". */
static char *program_tidy(const char *path)
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
static char *program_add_link(struct initrd *initrd, const char *path)
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
static char *program_add_links(struct initrd *initrd, const char *path)
{
	char *current = text_copy(path);
	for (int i = 0; i < PROGRAM_LINKS_MAX; i++) {
		char *next = program_add_link(initrd, current);
		if (!next)
			break;
		free(current);
		current = program_tidy(next);
		free(next);
	}
	char *real = realpath(current, NULL);
	free(current);
	return real ? real : text_copy(path);
}

static int program_map(const char *name, const char *path, struct stat *status, void **data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return message_fail(
			STATUS_NOT_EXECUTABLE, "%s cannot be read: %s", name, strerror(errno));
	*data = NULL;
	int result = fstat(fd, status);
	if (result == 0 && status->st_size > 0) {
		*data = mmap(NULL, (size_t)status->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		result = *data == MAP_FAILED ? -1 : 0;
	}
	int error = errno;
	close(fd);
	if (result != 0)
		return message_fail(
			STATUS_NOT_EXECUTABLE, "%s cannot be read: %s", name, strerror(error));
	return 0;
}

int program_add_from_host(const char *name, struct initrd *initrd, char **path)
{
	char *found = NULL;
	int result = program_locate(name, &found);
	if (result != 0)
		return result;

	char *absolute = program_absolute(found);
	*path = program_tidy(absolute);
	free(absolute);
	free(found);

	struct stat status;
	void *data = NULL;
	result = program_map(name, *path, &status, &data);
	if (result != 0)
		return result;
	result = elf_file_check_program(name, data, (size_t)status.st_size);
	if (result == 0) {
		struct initrd_attributes attributes = {
			.mode = status.st_mode, .mtime = status.st_mtime};
		char *real = program_add_links(initrd, *path);
		initrd_add_parents(initrd, real);
		initrd_add_file(initrd, real, &attributes, data, (size_t)status.st_size);
		free(real);
	}
	if (data)
		munmap(data, (size_t)status.st_size);
	return result;
}

static int program_test_archive(const char *path, void *context)
{
	const struct initrd_entry *entry;
	if (initrd_resolve(context, path, &entry) != 0)
		return STATUS_NOT_FOUND;
	if (!S_ISREG(entry->mode) || !(entry->mode & 0111))
		return STATUS_NOT_EXECUTABLE;
	return 0;
}

static int program_locate_in_archive(
	const char *name, const char *search, const char *cwd, struct initrd *initrd, char **path)
{
	if (!strchr(name, '/'))
		return program_search(name, search, program_test_archive, initrd, path);
	*path = name[0] == '/' ? text_copy(name) : text_format("%s/%s", cwd, name);
	return program_test_archive(*path, initrd);
}

int program_find_in_archive(
	const char *name, const char *search, const char *cwd, struct initrd *initrd, char **path)
{
	int result = program_locate_in_archive(name, search, cwd, initrd, path);
	if (result == STATUS_NOT_FOUND)
		return message_fail(result, "%s was not found in the root file system", name);
	if (result != 0)
		return message_fail(
			result, "%s is not an executable file in the root file system", name);

	const struct initrd_entry *entry;
	initrd_resolve(initrd, *path, &entry);
	void *data = initrd_read(initrd, entry);
	result = elf_file_check_program(name, data, entry->size);
	free(data);
	return result;
}
