/* The program: where it is, whether it can run. */
#include "program.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_file.h"
#include "elf_needs.h"
#include "hostfile.h"
#include "message.h"
#include "text.h"

/* What confstr(_CS_PATH) and the shells search when PATH is not set. */
#define DEFAULT_SEARCH "/usr/local/bin:/usr/bin:/bin"

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

int program_add_from_host(const char *name, struct pack *pack, char **path)
{
	char *found = NULL;
	int result = program_locate(name, &found);
	if (result != 0)
		return result;
	*path = hostfile_absolute(found);
	free(found);
	return pack_program(pack, name, *path);
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

/* A dynamically linked program can't start without its linker. */
static int program_check_linker(
	const char *name, const char *data, size_t size, const struct initrd *initrd)
{
	struct elf_needs needs;
	const struct initrd_entry *entry;
	int status = 0;
	if (!elf_needs_read(data, size, &needs))
		return 0;
	if (needs.interpreter && initrd_resolve(initrd, needs.interpreter, &entry) != 0)
		status = message_fail(STATUS_NOT_EXECUTABLE,
			"%s needs the dynamic linker %s, which is not in the root file system",
			name, needs.interpreter);
	elf_needs_free(&needs);
	return status;
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
	if (result == 0)
		result = program_check_linker(name, data, entry->size, initrd);
	free(data);
	return result;
}
