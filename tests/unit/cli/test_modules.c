/*
 * The command's modules by themselves: parsing, the archive, the machine's command line.
 *
 * Seen to fail: without the padding of the archive, and with a channel that reads without room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/channel.h"
#include "cli/elf_file.h"
#include "cli/elf_needs.h"
#include "cli/initrd.h"
#include "cli/klog.h"
#include "cli/machine.h"
#include "cli/message.h"
#include "cli/testcase.h"
#include "cli/testheader.h"
#include "cli/text.h"

/* The command keeps what it needs until it ends, so leaks are not looked for. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void sizes_and_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		long mib;
	} good[] = {{"64", 64}, {"64M", 64}, {"2G", 2048}, {"2048k", 2}, {"1m", 1}};
	static const char *const bad[] = {
		"", "M", "-1M", " 1M", "1T", "1MM", "1M ", "0", "512k", "99999999999999999999G"};
	long value = 7;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(text_size_mib(good[i].text, &value));
		assert_int_equal(value, good[i].mib);
	}
	value = 7;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_size_mib(bad[i], &value));
	assert_false(text_number("5", 6, 9, &value));
	assert_false(text_number("+7", 6, 9, &value));
	assert_int_equal(value, 7);
	double seconds;
	assert_true(text_seconds("0.25", &seconds));
	assert_false(text_seconds("inf", &seconds));
	assert_false(text_seconds("nan", &seconds));
	assert_false(text_seconds("1s", &seconds));
}

/* Every regular file of a page or more must start on a page, whatever is before it. */
static void archive_is_aligned(void **state)
{
	(void)state;
	static char data[3 * 4096 + 5];
	struct initrd_attributes attributes = {.mode = S_IFREG | 0755};
	memset(data, 'x', sizeof(data));
	struct initrd *initrd = initrd_create();
	initrd_add_directory(initrd, "/", 0755);
	for (int i = 1; i < 120; i++) {
		char *name = text_format(
			"/d/%.*s%d", i, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", i);
		size_t size = (size_t)(i * 977) % sizeof(data);
		initrd_add_parents(initrd, name);
		initrd_add_file(initrd, name, &attributes, data, size);
		const struct initrd_entry *entry = initrd_find(initrd, name);
		assert_non_null(entry);
		if (size >= 4096)
			assert_int_equal(entry->offset % 4096, 0);
		/* The place that was worked out is where libarchive really put it. */
		char *back = initrd_read(initrd, entry);
		assert_memory_equal(back, data, size);
		free(back);
		free(name);
	}
	size_t size;
	int fd = initrd_finish(initrd, &size);
	lseek(fd, 0, SEEK_SET);
	struct archive *archive = archive_read_new();
	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_fd(archive, fd, 4096), ARCHIVE_OK);
	struct archive_entry *entry;
	int files = 0;
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		files += strcmp(archive_entry_pathname(entry), ".airlock/pad") != 0;
	assert_int_equal(archive_format(archive), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
	/* With the one directory; the root is no entry. */
	assert_int_equal(files, 119 + 1);
	archive_read_free(archive);
	close(fd);
}

static void archive_paths_resolve(void **state)
{
	(void)state;
	struct initrd_attributes attributes = {.mode = S_IFREG | 0755};
	struct initrd *initrd = initrd_create();
	const struct initrd_entry *entry;
	initrd_add_directory(initrd, "/usr/bin", 0755);
	initrd_add_link(initrd, "/bin", "usr/bin");
	initrd_add_link(initrd, "/usr/bin/vi", "/etc/alternatives/vi");
	initrd_add_link(initrd, "/etc/alternatives/vi", "../../bin/./vim");
	initrd_add_file(initrd, "/usr/bin/vim", &attributes, "x", 1);
	initrd_add_link(initrd, "/loop", "loop");

	assert_int_equal(initrd_resolve(initrd, "/bin/vi", &entry), 0);
	assert_string_equal(entry->path, "/usr/bin/vim");
	assert_int_equal(initrd_resolve(initrd, "//bin/../bin//vim", &entry), 0);
	assert_int_equal(initrd_resolve(initrd, "/../..", &entry), 0);
	assert_string_equal(entry->path, "/");
	assert_int_equal(initrd_resolve(initrd, "/bin/nano", &entry), -ENOENT);
	assert_int_equal(initrd_resolve(initrd, "/bin/vim/x", &entry), -ENOTDIR);
	assert_int_equal(initrd_resolve(initrd, "/loop", &entry), -ELOOP);
	size_t size;
	close(initrd_finish(initrd, &size));
}

static void elf_files_are_checked(void **state)
{
	(void)state;
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
	} good = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				   EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1},
		.segment = {.p_type = PT_LOAD, .p_filesz = 16, .p_memsz = 16},
	};
	assert_int_equal(elf_file_check_program("p", &good, sizeof(good)), 0);
	/* Cut short at every length, it is refused and nothing beyond the end is read. */
	for (size_t size = 0; size < sizeof(good); size++) {
		char *cut = text_alloc(size);
		memcpy(cut, &good, size);
		assert_int_equal(elf_file_check_program("p", cut, size), STATUS_NOT_EXECUTABLE);
		free(cut);
	}
	for (const char *script = "#!/bin/sh -e"; *script; script++) {
		size_t length = strlen(script);
		char *exact = text_alloc(length);
		memcpy(exact, script, length);
		assert_int_equal(elf_file_check_program("p", exact, length),
			script[0] == '#' ? 0 : STATUS_NOT_EXECUTABLE);
		free(exact);
	}
	good.segment.p_offset = UINT64_MAX - 8;
	assert_int_equal(elf_file_check_program("p", &good, sizeof(good)), STATUS_NOT_EXECUTABLE);
	good.segment.p_offset = 0;
	good.header.e_machine = EM_AARCH64;
	assert_int_equal(elf_file_check_program("p", &good, sizeof(good)), STATUS_NOT_EXECUTABLE);
}

/* An ELF file as large as `size` with a dynamic section: what it needs is found, or nothing is. */
static void dynamic_files_are_read(void **state)
{
	(void)state;
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment[3];
		Elf64_Dyn dynamic[5];
		char strings[40];
	} file = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				   EV_CURRENT},
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3},
		.strings = "/lib/ld.so\0liba.so\0libb.so\0$ORIGIN/x",
	};
	size_t dynamic = (size_t)((char *)file.dynamic - (char *)&file);
	size_t strings = (size_t)(file.strings - (char *)&file);
	file.segment[0] =
		(Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = sizeof(file)};
	file.segment[1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = strings, .p_filesz = 11};
	file.segment[2] = (Elf64_Phdr){
		.p_type = PT_DYNAMIC, .p_offset = dynamic, .p_filesz = sizeof(file.dynamic)};
	file.dynamic[0] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = 11};
	file.dynamic[1] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = 19};
	file.dynamic[2] = (Elf64_Dyn){.d_tag = DT_RUNPATH, .d_un.d_val = 27};
	file.dynamic[3] = (Elf64_Dyn){.d_tag = DT_STRTAB, .d_un.d_ptr = 0x1000 + strings};

	struct elf_needs needs;
	assert_true(elf_needs_read((const char *)&file, sizeof(file), &needs));
	assert_string_equal(needs.interpreter, "/lib/ld.so");
	assert_int_equal(needs.libraries.count, 2);
	assert_string_equal(needs.libraries.items[0], "liba.so");
	assert_string_equal(needs.libraries.items[1], "libb.so");
	assert_string_equal(needs.runpath, "$ORIGIN/x");
	assert_null(needs.rpath);
	elf_needs_free(&needs);

	/* Cut short or with wild places, nothing beyond the end is read (the sanitizer looks). */
	for (size_t size = 0; size < sizeof(file); size++) {
		char *cut = text_alloc(size);
		memcpy(cut, &file, size);
		elf_needs_read(cut, size, &needs);
		elf_needs_free(&needs);
		free(cut);
	}
	file.dynamic[0].d_un.d_val = UINT64_MAX - 3;
	file.dynamic[3].d_un.d_ptr = 1;
	assert_true(elf_needs_read((const char *)&file, sizeof(file), &needs));
	assert_int_equal(needs.libraries.count, 0);
	elf_needs_free(&needs);
}

static void log_keeps_its_end(void **state)
{
	(void)state;
	struct klog log = {0};
	for (int i = 0; i < 300000; i++) {
		char *line = text_format("line %d\n", i);
		klog_add(&log, line, strlen(line));
		free(line);
	}
	assert_null(klog_fatal(&log));
	klog_add(&log, "not airlock-fatal: x\n", 21);
	assert_null(klog_fatal(&log));
	klog_add(&log, "airlock-fatal: why\r\nend", 23);
	char *fatal = klog_fatal(&log);
	assert_string_equal(fatal, "why");
	free(fatal);
	assert_memory_equal(log.data + log.length - 3, "end", 3);
	klog_free(&log);
}

static void headers_are_parsed(void **state)
{
	(void)state;
	struct test_header header;
	assert_true(testheader_parse("x",
		"#!/bin/sh\n# summary: says: hello\n#  matrix: cpus, pti\n# timeout: 2.5\n"
		"# quick: yes\n\n# nightly: no\nset -e\n# timeout: 9\n",
		&header));
	assert_true(header.cpus && header.pti && header.span == SPAN_QUICK && !header.nightly);
	assert_string_equal(header.summary, "says: hello");
	assert_true(header.timeout == 2.5);
	assert_true(testheader_parse("x", "/*\n * summary: c\n * matrix: pti\n */\n", &header));
	assert_true(header.pti && !header.cpus);
	assert_true(testheader_parse("x", "// Note this: it is prose.\nint x;", &header));
	assert_false(testheader_parse("x", "# quick: maybe\n", &header));
	assert_false(testheader_parse("x", "# matrix: cpus ram\n", &header));
	assert_false(testheader_parse("x", "# timeout: 0\n", &header));
}

static void names_match(void **state)
{
	(void)state;
	struct testcase test = {.tier = TIER_CROSSING,
		.name = "ring3-enosys",
		.full_name = text_copy("crossing/ring3-enosys[cpus=2,pti=on]")};
	static const char *const good[] = {"ring3-enosys", "crossing/ring3-enosys", "crossing/*",
		"*enosys", "ring3-enosys[cpus=2,pti=on]", "crossing/ring3-enosys[cpus=2,pti=on]",
		"ring3-enosys*pti=on*"};
	static const char *const bad[] = {
		"ring3", "scenario/*", "ring3-enosys[cpus=1,pti=on]", "", "enosys"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(testcase_matches(&test, good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(testcase_matches(&test, bad[i]));
	free(test.full_name);
}

static const char *argument_after(const struct text_list *list, const char *option)
{
	for (size_t i = 0; i + 1 < list->count; i++)
		if (strcmp(list->items[i], option) == 0)
			return list->items[i + 1];
	return "";
}

static void machine_follows_options(void **state)
{
	(void)state;
	struct machine machine = {.qemu = "q",
		.kernel = "k",
		.memory_mib = 64,
		.cpus = 2,
		.accel = ACCEL_TCG,
		.icount = true,
		.devices = true};
	text_list_add(&machine.kernel_args, "pti=on");
	struct text_list list = {0};
	machine_arguments(&machine, &list);
	assert_string_equal(argument_after(&list, "-m"), "64M");
	assert_string_equal(argument_after(&list, "-smp"), "2");
	assert_string_equal(argument_after(&list, "-icount"), "shift=0,sleep=off");
	assert_string_equal(argument_after(&list, "-cpu"), "max,-erms");
	assert_string_equal(
		argument_after(&list, "-append"), "virtio_mmio.device=512@0xfeb02e00:47 pti=on");
	assert_false(text_list_has(&list, "-gdb"));
	text_list_free(&list);
	machine.gdb_port = 1234;
	machine_arguments(&machine, &list);
	assert_string_equal(argument_after(&list, "-gdb"), "tcp:127.0.0.1:1234");
	text_list_free(&list);
}

/* A full buffer stops the reading; whole lines leave as soon as they are there. */
static void channel_holds_back(void **state)
{
	(void)state;
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	struct channel *channel = text_alloc(sizeof(*channel));
	*channel = (struct channel){.source = in[0], .sink = out[1], .lines = true};
	struct pollfd entries[2];
	assert_int_equal(write(in[1], "one\ntw", 6), 6);
	channel_prepare(channel, entries);
	assert_int_equal(entries[1].fd, -1);
	entries[0].revents = POLLIN;
	assert_true(channel_move(channel, entries));
	assert_true(channel_pending(channel));
	channel_prepare(channel, entries);
	entries[1].revents = POLLOUT;
	channel_move(channel, entries);
	assert_false(channel_pending(channel));
	assert_false(channel_done(channel));
	char text[8] = "";
	assert_int_equal(read(out[0], text, sizeof(text)), 4);
	close(in[1]);
	channel_prepare(channel, entries);
	entries[0].revents = POLLIN;
	channel_move(channel, entries);
	/* The end of the source makes the unfinished line whole. */
	assert_true(channel_pending(channel));

	channel->source = in[0];
	channel->start = 0;
	channel->length = CHANNEL_BUFFER;
	channel_prepare(channel, entries);
	assert_int_equal(entries[0].fd, -1);
	assert_int_equal(entries[1].fd, out[1]);
	free(channel);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_numbers),
		cmocka_unit_test(archive_is_aligned),
		cmocka_unit_test(archive_paths_resolve),
		cmocka_unit_test(elf_files_are_checked),
		cmocka_unit_test(dynamic_files_are_read),
		cmocka_unit_test(log_keeps_its_end),
		cmocka_unit_test(headers_are_parsed),
		cmocka_unit_test(names_match),
		cmocka_unit_test(machine_follows_options),
		cmocka_unit_test(channel_holds_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
