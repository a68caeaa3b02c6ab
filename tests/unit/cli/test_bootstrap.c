/*
 * The script `airlock` in a folder of its own, with stand-ins for make's work, dpkg-query and apt-get:
 * what it installs and builds, and that it does neither twice.
 *
 * Seen to fail: without flock, and with the stamp never compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"

static char *folder;
static char *script;

static char *inside(const char *name)
{
	char *path;
	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

/* A tree whose "build" writes a line to build/made and makes a command that prints its arguments. */
static void tree_make(const char *recipe)
{
	char *makefile;
	assert_true(asprintf(&makefile,
			    ".PHONY: all tests cli kernel-release\n"
			    "all tests cli kernel-release: build/bin/airlock\n"
			    "build/bin/airlock: cli/source\n"
			    "\t@mkdir -p build/bin; echo made >>build/made\n"
			    "\t@%s\n"
			    "\t@printf '#!/bin/sh\\necho \"got $$*\"\\n' >$@; chmod +x $@\n",
			    recipe) > 0);
	folder = process_folder();
	process_write(folder, "Makefile", makefile, 0644);
	process_write(folder, "cli/source", "", 0644);
	process_write(folder, "kernel/source", "", 0644);
	process_write(folder, "stubs/dpkg-query", "#!/bin/sh\necho installed\n", 0755);
	process_write(folder, "stubs/qemu-system-x86_64", "#!/bin/sh\n", 0755);
	free(makefile);
	/* The stand-ins come first. */
	char *path;
	assert_true(asprintf(&path, "%s/stubs:/usr/sbin:/usr/bin:/sbin:/bin", folder) > 0);
	setenv("PATH", path, 1);
	free(path);

	char *built = process_built("../airlock"), *text = calloc(1, 1 << 16);
	FILE *file = fopen(built, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
	fclose(file);
	process_write(folder, "airlock", text, 0755);
	script = inside("airlock");
	free(text);
	free(built);
}

static void tree_remove(void)
{
	char command[256];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
	free(folder);
	free(script);
}

static void start(struct process *process, const char *command)
{
	const char *arguments[] = {command, "a b", NULL};
	process_start_program(process, script, arguments);
}

static void expect(const char *command, int status, const char *out, const char *err)
{
	struct process process;
	start(&process, command);
	process_finish(&process, NULL, 0);
	if (process.status != status || strcmp(process.out, out) != 0 ||
		!strstr(process.err, err) || (!err[0] && process.err[0]))
		fail_msg("status %d instead of %d: %s%s", process.status, status, process.out,
			process.err);
	process_free(&process);
}

static int times_made(void)
{
	char *path = inside("build/made");
	FILE *file = fopen(path, "r");
	int lines = 0;
	for (int c; file && (c = getc(file)) != EOF;)
		lines += c == '\n';
	if (file)
		fclose(file);
	free(path);
	return lines;
}

static void touch(const char *name)
{
	char *path = inside(name);
	struct stat first, now;
	/* The stamp must be older than this by the clock of the file system, which is coarse: newer than anything so far. */
	assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0);
	assert_int_equal(stat(path, &first), 0);
	do {
		assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0);
		assert_int_equal(stat(path, &now), 0);
	} while (now.st_mtim.tv_sec == first.st_mtim.tv_sec &&
		 now.st_mtim.tv_nsec == first.st_mtim.tv_nsec);
	free(path);
}

static void builds_once(void **state)
{
	(void)state;
	tree_make("true");
	expect("run", 0, "got run a b\n", "");
	assert_int_equal(times_made(), 1);
	expect("run", 0, "got run a b\n", "");
	assert_int_equal(times_made(), 1);
	touch("cli/source");
	expect("run", 0, "got run a b\n", "");
	assert_int_equal(times_made(), 2);
	/* A stamp tells that nothing is newer: make is not even asked. */
	process_write(folder, "stubs/make", "#!/bin/sh\nexit 1\n", 0755);
	expect("run", 0, "got run a b\n", "");
	tree_remove();
}

static void two_at_once_build_once(void **state)
{
	(void)state;
	struct process first, second;
	tree_make("sleep 0.3");
	start(&first, "run");
	start(&second, "run");
	process_finish(&first, NULL, 0);
	process_finish(&second, NULL, 0);
	assert_int_equal(first.status, 0);
	assert_int_equal(second.status, 0);
	assert_int_equal(times_made(), 1);
	process_free(&first);
	process_free(&second);
	tree_remove();
}

static void failed_build_is_125(void **state)
{
	(void)state;
	tree_make("echo broken source; false");
	expect("run", 125, "", "airlock: the build failed (make kernel-release cli)\n");
	expect("run", 125, "", "broken source\n");
	tree_remove();
}

static void missing_packages_are_installed(void **state)
{
	(void)state;
	tree_make("true");
	/* apt-get notes what it is asked for; afterwards everything counts as installed. */
	process_write(folder, "stubs/dpkg-query",
		"#!/bin/sh\n[ -e \"${0%/*}/done\" ] && echo installed\n", 0755);
	process_write(folder, "stubs/apt-get", "#!/bin/sh\necho \"$@\" >\"${0%/*}/done\"\n", 0755);
	process_write(folder, "stubs/id", "#!/bin/sh\necho 0\n", 0755);
	expect("run", 0, "got run a b\n",
		"airlock: installing Debian packages with apt-get: gcc make");
	expect("run", 0, "got run a b\n", "");
	char *path = inside("stubs/done"), text[512] = "";
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	free(path);
	assert_non_null(strstr(text, "install gcc make libc6-dev"));
	assert_non_null(strstr(text, "qemu-system-x86"));
	assert_null(strstr(text, "libcmocka-dev"));
	tree_remove();
}

static void failed_installation_is_125(void **state)
{
	(void)state;
	tree_make("true");
	process_write(folder, "stubs/dpkg-query", "#!/bin/sh\nexit 1\n", 0755);
	process_write(folder, "stubs/apt-get",
		"#!/bin/sh\necho 'E: Unable to locate package gcc'; exit 100\n", 0755);
	process_write(folder, "stubs/id", "#!/bin/sh\necho 0\n", 0755);
	expect("test", 125, "",
		"airlock: apt-get could not install them: E: Unable to locate package gcc\n");
	assert_int_equal(times_made(), 0);
	tree_remove();
}

static void works_through_a_link(void **state)
{
	(void)state;
	tree_make("true");
	char *link = inside("link");
	assert_int_equal(symlink("airlock", link), 0);
	free(script);
	script = link;
	expect("run", 0, "got run a b\n", "");
	tree_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_once),
		cmocka_unit_test(two_at_once_build_once),
		cmocka_unit_test(failed_build_is_125),
		cmocka_unit_test(missing_packages_are_installed),
		cmocka_unit_test(failed_installation_is_125),
		cmocka_unit_test(works_through_a_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
