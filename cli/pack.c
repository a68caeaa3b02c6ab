/* Packing programs (pack.h): scripts, dynamic linkers, libraries. */
#include "pack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_file.h"
#include "elf_needs.h"
#include "hostfile.h"
#include "message.h"
#include "packlib.h"

/* Interpreters of interpreters, as Linux allows them. */
enum { PACK_SCRIPTS_MAX = 5 };

static int pack_file(struct pack *pack, const char *name, const char *path, int depth);

void pack_open(
	struct pack *pack, struct initrd *initrd, const char *library_path, const char *search)
{
	*pack = (struct pack){.initrd = initrd, .library_path = library_path, .search = search};
	ldcache_open(&pack->cache);
}

void pack_close(struct pack *pack)
{
	ldcache_close(&pack->cache);
	text_list_free(&pack->done);
}

/* The first two words after "#!"; the second is NULL if there is none. */
static void pack_script_words(const struct hostfile *file, char **interpreter, char **argument)
{
	const char *end = memchr(file->data, '\n', file->size);
	size_t length = (end ? (size_t)(end - file->data) : file->size) - 2;
	char *line = text_format("%.*s", (int)length, file->data + 2), *rest = line;
	const char *first = strtok_r(line, " \t\r", &rest);
	const char *second = strtok_r(NULL, " \t\r", &rest);
	/* env -S NAME */
	if (second && strcmp(second, "-S") == 0)
		second = strtok_r(NULL, " \t\r", &rest);
	*interpreter = first ? text_copy(first) : NULL;
	*argument = second ? text_copy(second) : NULL;
	free(line);
}

/* `#!/usr/bin/env NAME`: the program that NAME will be, if PATH leads to one. */
static int pack_env(struct pack *pack, const char *name, int depth)
{
	const char *folder = pack->search ? pack->search : "";
	int status = 0;
	for (size_t length; *folder; folder += length + (folder[length] == ':')) {
		length = strcspn(folder, ":");
		char *path = text_format("%.*s/%s", (int)length, folder, name);
		bool found = path[0] == '/' && access(path, X_OK) == 0;
		if (found)
			status = pack_file(pack, name, path, depth);
		free(path);
		if (found)
			break;
	}
	return status;
}

static int pack_script(struct pack *pack, const char *name, const struct hostfile *file, int depth)
{
	char *interpreter, *argument;
	int status = 0;
	pack_script_words(file, &interpreter, &argument);
	const char *base = interpreter ? strrchr(interpreter, '/') : NULL;
	if (!interpreter)
		status = message_fail(
			STATUS_NOT_EXECUTABLE, "%s is a script without an interpreter", name);
	else if (!base)
		status = message_fail(STATUS_NOT_EXECUTABLE,
			"%s is a script for %s, which is no absolute path", name, interpreter);
	else if (depth >= PACK_SCRIPTS_MAX)
		status = message_fail(
			STATUS_NOT_EXECUTABLE, "%s: interpreters lead to each other", name);
	else if (access(interpreter, X_OK) != 0)
		status = message_fail(STATUS_NOT_EXECUTABLE, "%s is a script for %s: %s", name,
			interpreter, strerror(errno));
	else
		status = pack_file(pack, interpreter, interpreter, depth + 1);
	if (status == 0 && argument && strcmp(base, "/env") == 0)
		status = pack_env(pack, argument, depth + 1);
	free(interpreter);
	free(argument);
	return status;
}

/* What is in an opened file. */
static int pack_contents(struct pack *pack, const char *name, const char *path,
	const struct hostfile *file, int depth)
{
	int status = elf_file_check_program(name, file->data, file->size);
	if (status != 0)
		return status;
	char *real = hostfile_add(pack->initrd, path, file);
	/* Scripts are followed every time: that is how a circle of them is found. */
	if (file->data[0] == '#') {
		status = pack_script(pack, name, file, depth);
	} else if (!text_list_has(&pack->done, real)) {
		text_list_add(&pack->done, real);
		status = packlib_add(pack, name, real, file, true);
	}
	free(real);
	return status;
}

static int pack_file(struct pack *pack, const char *name, const char *path, int depth)
{
	struct hostfile file;
	int status = hostfile_open(name, path, &file);
	if (status == 0)
		status = pack_contents(pack, name, path, &file, depth);
	hostfile_close(&file);
	return status;
}

int pack_program(struct pack *pack, const char *name, const char *path)
{
	return pack_file(pack, name, path, 0);
}
