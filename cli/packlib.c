/*
 * The closure of DT_NEEDED, looked for as ld.so(8) does (pack.h has the order).
 *
 * Objects are handled in the order in which they are found, breadth first, like the dynamic linker;
 * each remembers which one brought it, because DT_RPATH is inherited along that chain.
 */
#include "packlib.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_needs.h"
#include "message.h"

/* The files of C.UTF-8. */
#define PACKLIB_LOCALE "/usr/lib/locale/C.utf8"

struct packlib_object {
	char *path;
	struct elf_needs needs;
	/* The one that brought it; NULL for the program. */
	const struct packlib_object *parent;
	struct packlib_object *next;
};

/* Where ld.so looks in the end; Debian's folders first, then everybody's. */
static const char packlib_usual[] =
	"/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:"
	"/lib:/usr/lib:/usr/local/lib";

/* The folder with $ORIGIN, $LIB and $PLATFORM replaced. */
static char *packlib_expand(const char *folder, size_t length, const char *object)
{
	static const struct {
		const char *name, *value;
	} tokens[] = {{"LIB", "lib/x86_64-linux-gnu"}, {"PLATFORM", "x86_64"}};
	char *text = text_format("%.*s", (int)length, folder);
	char *dollar = strchr(text, '$');
	if (!dollar)
		return text;
	*dollar = '\0';
	const char *name = dollar + 1;
	bool braces = *name == '{';
	name += braces;
	size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	const char *rest = name + size + (braces && name[size] == '}');
	char *value = NULL;
	if (size == strlen("ORIGIN") && strncmp(name, "ORIGIN", size) == 0)
		value = text_format("%.*s", (int)(strrchr(object, '/') - object), object);
	for (size_t i = 0; !value && i < sizeof(tokens) / sizeof(tokens[0]); i++)
		if (strlen(tokens[i].name) == size && strncmp(name, tokens[i].name, size) == 0)
			value = text_copy(tokens[i].value);
	char *head = text_format("%s%s", text, value ? value : "");
	char *tail = packlib_expand(rest, strlen(rest), object);
	char *result = text_format("%s%s", head, tail);
	free(text);
	free(value);
	free(head);
	free(tail);
	return result;
}

/* A file that is a library for this machine, opened; others are passed over, as ld.so does. */
static bool packlib_try(const char *path, struct hostfile *file, struct elf_needs *needs)
{
	if (hostfile_try(path, file) == 0 && elf_needs_read(file->data, file->size, needs))
		return true;
	hostfile_close(file);
	return false;
}

/* The library in one of the folders, which may contain $ORIGIN of `object`. */
static char *packlib_in(const char *folders, const char *object, const char *library,
	struct hostfile *file, struct elf_needs *needs)
{
	for (const char *at = folders; at && *at;) {
		size_t length = strcspn(at, ":;");
		char *folder = packlib_expand(at, length, object);
		char *path = text_format("%s/%s", folder, library);
		free(folder);
		if (path[0] == '/' && packlib_try(path, file, needs))
			return path;
		free(path);
		at += length + (at[length] != '\0');
	}
	return NULL;
}

/* DT_RPATH counts for what an object needs and for what those need, unless DT_RUNPATH is there. */
static char *packlib_in_rpath(const struct packlib_object *object, const char *library,
	struct hostfile *file, struct elf_needs *needs)
{
	if (object->needs.runpath)
		return NULL;
	for (; object; object = object->parent) {
		char *path = packlib_in(object->needs.rpath, object->path, library, file, needs);
		if (path)
			return path;
	}
	return NULL;
}

static char *packlib_find(struct pack *pack, const struct packlib_object *object,
	const char *library, struct hostfile *file, struct elf_needs *needs)
{
	if (strchr(library, '/'))
		return packlib_try(library, file, needs) ? text_copy(library) : NULL;
	char *path = packlib_in_rpath(object, library, file, needs);
	if (!path)
		path = packlib_in(pack->library_path, object->path, library, file, needs);
	if (!path)
		path = packlib_in(object->needs.runpath, object->path, library, file, needs);
	const char *cached = path ? NULL : ldcache_find(&pack->cache, library);
	if (cached && packlib_try(cached, file, needs))
		path = text_copy(cached);
	if (!path)
		path = packlib_in(packlib_usual, object->path, library, file, needs);
	return path;
}

/* musl's dynamic linker is its C library, too. */
static bool packlib_is_builtin(const char *interpreter, const char *library)
{
	return interpreter && strstr(interpreter, "/ld-musl-") &&
	       (strcmp(library, "libc.so") == 0 || text_starts(library, "libc.musl-"));
}

/* Adds one library; it joins the objects after `last` if it is new. */
static bool packlib_add_one(struct pack *pack, const struct packlib_object *object,
	const char *library, struct packlib_object **last)
{
	struct hostfile file;
	struct elf_needs needs;
	char *path = packlib_find(pack, object, library, &file, &needs);
	if (!path)
		return false;
	char *absolute = hostfile_absolute(path);
	char *real = hostfile_add(pack->initrd, absolute, &file);
	free(path);
	free(absolute);
	hostfile_close(&file);
	if (text_list_has(&pack->done, real)) {
		elf_needs_free(&needs);
		free(real);
		return true;
	}
	text_list_add(&pack->done, real);
	struct packlib_object *new = text_alloc(sizeof(*new));
	*new = (struct packlib_object){.path = real, .needs = needs, .parent = object};
	(*last)->next = new;
	*last = new;
	return true;
}

static int packlib_add_interpreter(
	struct pack *pack, const char *name, const char *interpreter, bool strict)
{
	struct hostfile file;
	int error = hostfile_try(interpreter, &file);
	if (error != 0)
		return strict ? message_fail(STATUS_NOT_EXECUTABLE,
					"%s needs the dynamic linker %s: %s", name, interpreter,
					strerror(-error))
			      : 0;
	char *real = hostfile_add(pack->initrd, interpreter, &file);
	if (!text_list_has(&pack->done, real))
		text_list_add(&pack->done, real);
	free(real);
	hostfile_close(&file);
	/* So that libraries in folders of the host's own are found. */
	if (!initrd_find(pack->initrd, LDCACHE_PATH) && hostfile_try(LDCACHE_PATH, &file) == 0) {
		free(hostfile_add(pack->initrd, LDCACHE_PATH, &file));
		hostfile_close(&file);
	}
	return 0;
}

/* What glibc opens by itself, and nothing names. Nothing is missing if the host has none. */
static void packlib_add_unnamed(struct pack *pack, const struct packlib_object *object,
	const char *interpreter, struct packlib_object **last)
{
	if (interpreter && strstr(interpreter, "/ld-musl-"))
		return;
	/* When a thread is cancelled or ends itself: without it the process is ended. */
	if (object->needs.unwinder)
		packlib_add_one(pack, object, "libgcc_s.so.1", last);
	/* The environment's own LANG (contents.c): without it there is no UTF-8, and programs complain. */
	if (object->needs.locale && !initrd_find(pack->initrd, PACKLIB_LOCALE) &&
		access(PACKLIB_LOCALE, R_OK | X_OK) == 0)
		(void)!pack_volume(pack, PACKLIB_LOCALE, PACKLIB_LOCALE);
}

static int packlib_add_all(
	struct pack *pack, const char *name, struct packlib_object *first, bool strict)
{
	struct packlib_object *last = first;
	for (const struct packlib_object *object = first; object; object = object->next) {
		packlib_add_unnamed(pack, object, first->needs.interpreter, &last);
		for (size_t i = 0; i < object->needs.libraries.count; i++) {
			const char *library = object->needs.libraries.items[i];
			if (packlib_is_builtin(first->needs.interpreter, library) ||
				packlib_add_one(pack, object, library, &last) || !strict)
				continue;
			return message_fail(STATUS_NOT_EXECUTABLE,
				"%s needs the library %s, which is not to be found (-e "
				"LD_LIBRARY_PATH=DIR says where)",
				object == first ? name : object->path, library);
		}
	}
	return 0;
}

int packlib_add(struct pack *pack, const char *name, const char *path, const struct hostfile *file,
	bool strict)
{
	struct packlib_object *first = text_alloc(sizeof(*first));
	*first = (struct packlib_object){.path = text_copy(path)};
	int status = 0;
	bool dynamic = elf_needs_read(file->data, file->size, &first->needs);
	if (dynamic && first->needs.interpreter)
		status = packlib_add_interpreter(pack, name, first->needs.interpreter, strict);
	if (status == 0)
		status = packlib_add_all(pack, name, first, strict);
	while (first) {
		struct packlib_object *next = first->next;
		elf_needs_free(&first->needs);
		free(first->path);
		free(first);
		first = next;
	}
	return status;
}
