/*
 * What is in a VM: the initial archive, with the root file system, the program and what it needs, what the user adds, and
 * `.airlock/init`, which tells the kernel what to start (docs/host-protocol.md).
 */
#include "contents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initrd.h"
#include "message.h"
#include "pack.h"
#include "program.h"
#include "rootfs.h"
#include "terminal.h"

/* The kernel's own need beside the archive; below it no VM starts. */
enum { CONTENTS_KERNEL_MIB = 4 };

#define CONTENTS_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The value of a variable of an environment, or NULL. */
static const char *contents_variable(const struct text_list *environment, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < environment->count; i++)
		if (text_starts(environment->items[i], name) &&
			environment->items[i][length] == '=')
			return environment->items[i] + length + 1;
	return NULL;
}

/* Sets NAME=VALUE unless the user did. */
static void contents_default(struct text_list *environment, const struct run_options *options,
	const char *name, const char *value)
{
	if (!contents_variable(&options->environment, name))
		text_list_format(environment, "%s=%s", name, value);
}

/*
 * The program's environment: small and the same on every host, so that a run can be repeated
 * elsewhere, and so that nothing of the host's leaks into the VM.
 */
static void contents_environment(const struct run_options *options, struct text_list *environment)
{
	contents_default(environment, options, "PATH", CONTENTS_PATH);
	contents_default(environment, options, "HOME", options->uid == 0 ? "/root" : "/");
	contents_default(environment, options, "HOSTNAME", "airlock");
	contents_default(environment, options, "LANG", "C.UTF-8");
	if (options->tty)
		contents_default(
			environment, options, "TERM", getenv("TERM") ? getenv("TERM") : "dumb");
	for (size_t i = 0; i < options->environment.count; i++) {
		const char *value = options->environment.items[i];
		size_t name = strcspn(value, "=") + 1;
		bool later = false;
		for (size_t j = i + 1; j < options->environment.count; j++)
			later |= strncmp(options->environment.items[j], value, name) == 0;
		if (!later)
			text_list_add(environment, value);
	}
}

static void contents_record(FILE *file, const char *key, const char *value)
{
	fprintf(file, "%s=%s", key, value);
	fputc('\0', file);
}

static void contents_record_number(FILE *file, const char *key, long value)
{
	char *text = text_format("%ld", value);
	contents_record(file, key, text);
	free(text);
}

/* .airlock/init: what the kernel is to start. */
static void contents_add_init(struct initrd *initrd, const struct run_options *options,
	const struct text_list *environment, const char *path)
{
	static const struct initrd_attributes directory = {.mode = S_IFDIR | 0700};
	static const struct initrd_attributes attributes = {.mode = S_IFREG | 0400};
	char *data = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&data, &size);
	if (!file)
		exit(message_fail(STATUS_AIRLOCK, "the host is out of memory"));

	contents_record(file, "program", path);
	for (char **arg = options->program; *arg; arg++)
		contents_record(file, "arg", *arg);
	for (size_t i = 0; i < environment->count; i++)
		contents_record(file, "env", environment->items[i]);
	contents_record(file, "cwd", options->workdir);
	if (options->tty) {
		int rows, columns;
		terminal_size(STDIN_FILENO, &rows, &columns);
		contents_record_number(file, "tty", 1);
		contents_record_number(file, "rows", rows);
		contents_record_number(file, "columns", columns);
	}
	contents_record_number(file, "uid", options->uid);
	contents_record_number(file, "gid", options->gid);
	for (size_t i = 0; i < options->volume_modes.count; i++)
		contents_record(file, "volume", options->volume_modes.items[i]);
	fclose(file);

	initrd_add_special(initrd, "/.airlock", &directory, NULL);
	initrd_add_file(initrd, "/.airlock/init", &attributes, data, size);
	free(data);
}

/* All but the program.  Volumes come before the files that stand in for missing ones. */
static int contents_fill_root(struct pack *pack, const struct run_options *options)
{
	int status = 0;
	if (!options->rootfs)
		rootfs_add_directories(pack->initrd);
	for (size_t i = 0; i < options->volumes.count && status == 0; i += 2)
		status =
			pack_volume(pack, options->volumes.items[i], options->volumes.items[i + 1]);
	if (status == 0 && options->rootfs)
		status = rootfs_add(pack->initrd, options->rootfs);
	else if (status == 0)
		rootfs_add_files(pack->initrd);
	return status;
}

/* Fills the archive.  0 or an exit status. */
static int contents_fill(struct initrd *initrd, const struct run_options *options,
	const struct text_list *environment)
{
	char *path = NULL;
	struct pack pack;
	pack_open(&pack, initrd, contents_variable(environment, "LD_LIBRARY_PATH"),
		contents_variable(environment, "PATH"));
	int status = contents_fill_root(&pack, options);
	if (status == 0 && options->program[0])
		status = options->rootfs ? program_find_in_archive(options->program[0],
						   pack.search ? pack.search : CONTENTS_PATH,
						   options->workdir, initrd, &path)
					 : program_add_from_host(options->program[0], &pack, &path);
	pack_close(&pack);
	if (status != 0)
		return status;
	/* As docker does: a working directory that is not there is made. */
	initrd_add_directory(initrd, options->workdir, 0755);
	if (path)
		contents_add_init(initrd, options, environment, path);
	free(path);
	return 0;
}

int contents_pack(const struct run_options *options, int *archive)
{
	struct text_list environment = {0};
	contents_environment(options, &environment);
	struct initrd *initrd = initrd_create();
	int status = contents_fill(initrd, options, &environment);
	text_list_free(&environment);
	if (status != 0)
		return status;

	size_t size;
	*archive = initrd_finish(initrd, &size);
	long mib = (long)(size >> 20);
	if (!options->any_memory && mib + CONTENTS_KERNEL_MIB > options->memory_mib)
		return message_fail(STATUS_AIRLOCK,
			"the program and its files take %ld MiB, too much for a VM with %ld MiB of "
			"memory (more with --memory)",
			mib + 1, options->memory_mib);
	return 0;
}
