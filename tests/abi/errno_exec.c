// summary: programs that can't be started: ELF files with one thing wrong, interpreters of them, scripts, and execveat's own errors
//
// What is wrong before the old program is gone is an error; later, it is a death. Each case is a child that starts a file of ours.
//
// Seen to fail: before what Linux finds too late was a death, a missing piece of a dynamic linker EIO, and a file that may be executed
// but not read could be started.
#include "fsabi.h"
#include "proc.h"

#include <elf.h>
#include <stddef.h>
#include <sys/mman.h>

#define BASE 0x10000000UL
#define PAGE 4096UL

/* A program that exits with 7: mov $60, %eax; mov $7, %edi; syscall. */
struct image {
	Elf64_Ehdr e;
	Elf64_Phdr p[3];
	unsigned char code[24];
	char interpreter[64];
};

static const unsigned char exit_7[] = {0xb8, 60, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05};
/* The same with the result of prctl(PR_GET_DUMPABLE). */
static const unsigned char exit_dumpable[] = {0xb8, 157, 0, 0, 0, 0xbf, 3, 0, 0, 0, 0x0f, 0x05,
	0x89, 0xc7, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};

static struct image good(void)
{
	struct image i = {
		.e = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			      EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = BASE + offsetof(struct image, code),
			.e_phoff = offsetof(struct image, p),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1},
		.p = {{.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = BASE,
			.p_filesz = sizeof(struct image),
			.p_memsz = sizeof(struct image),
			.p_align = PAGE}},
	};
	memcpy(i.code, exit_7, sizeof(exit_7));
	return i;
}

static void put_bytes(const char *path, const void *bytes, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || fchmod(fd, mode))
		printf("%s: %s\n", path, error_name(errno));
	close(fd);
}

/* In a child: the error, or how it ends. */
static void start(const char *what, const char *path)
{
	show_end(what, CHILD({
		char *const argv[] = {(char *)path, NULL};
		execve(path, argv, argv + 1);
		printf("%s: ", error_name(errno));
	}));
}

static void start_image(const char *what, const struct image *i, size_t n)
{
	put_bytes("program", i, n, 0755);
	start(what, "program");
}

/* One thing after another is wrong. */
#define WRONG(...)                                        \
	do {                                              \
		struct image i = good();                  \
		__VA_ARGS__;                              \
		start_image(#__VA_ARGS__, &i, sizeof(i)); \
	} while (0)

static void headers(void)
{
	WRONG((void)i);
	WRONG(i.e.e_ident[EI_MAG0] = 0);
	WRONG(i.e.e_ident[EI_MAG3] = 'G');
	WRONG(i.e.e_ident[EI_DATA] = ELFDATA2MSB);
	WRONG(i.e.e_ident[EI_VERSION] = 9);
	WRONG(i.e.e_ident[EI_OSABI] = 77);
	WRONG(i.e.e_type = ET_REL);
	WRONG(i.e.e_type = ET_CORE);
	WRONG(i.e.e_type = 0);
	WRONG(i.e.e_machine = EM_ARM);
	WRONG(i.e.e_machine = 0);
	WRONG(i.e.e_version = 0);
	WRONG(i.e.e_flags = ~0U);
	WRONG(i.e.e_ehsize = 1);
	WRONG(i.e.e_phentsize = 0);
	WRONG(i.e.e_phentsize = sizeof(Elf64_Phdr) + 8);
	WRONG(i.e.e_phnum = 0);
	WRONG(i.e.e_phnum = 2);
	WRONG(i.e.e_phnum = 5000);
	WRONG(i.e.e_phnum = 65535);
	WRONG(i.e.e_phoff = sizeof(struct image));
	WRONG(i.e.e_phoff = sizeof(struct image) - 8);
	WRONG(i.e.e_phoff = 1UL << 63);
	WRONG(i.e.e_phoff = ~0UL);
	WRONG(i.e.e_entry = 0);
	WRONG(i.e.e_entry = 1UL << 63);
	WRONG(i.e.e_shoff = ~0UL, i.e.e_shnum = 1);
}

static void segments(void)
{
	WRONG(i.p[0].p_type = PT_NOTE);
	WRONG(i.p[0].p_memsz = 0);
	WRONG(i.p[0].p_filesz = 0);
	WRONG(i.p[0].p_filesz = i.p[0].p_memsz + 1);
	WRONG(i.p[0].p_filesz = 1UL << 40, i.p[0].p_memsz = 1UL << 40);
	WRONG(i.p[0].p_memsz = 1UL << 47);
	WRONG(i.p[0].p_memsz = ~0UL);
	WRONG(i.p[0].p_vaddr = 1UL << 47);
	WRONG(i.p[0].p_vaddr = ~0UL << 47);
	WRONG(i.p[0].p_vaddr = ~0UL & ~4095UL);
	WRONG(i.p[0].p_vaddr += 1);
	WRONG(i.p[0].p_offset = PAGE);
	WRONG(i.p[0].p_offset = 1UL << 63);
	WRONG(i.p[0].p_offset = ~0UL & ~4095UL);
	WRONG(i.p[0].p_align = 3);
	WRONG(i.p[0].p_align = 0);
	WRONG(i.p[0].p_flags = PF_R);
	WRONG(i.p[0].p_flags = 0);
	WRONG(i.p[0].p_flags = PF_X);
	WRONG(i.p[0].p_flags = ~0U);
}

static void lengths(void)
{
	static const size_t shorter[] = {
		0, 1, 4, 16, 63, 64, 65, 119, 120, sizeof(struct image) - 1};
	struct image i = good();
	char what[30];

	for (unsigned n = 0; n < sizeof(shorter) / sizeof(shorter[0]); n++) {
		snprintf(what, sizeof(what), "%zu bytes", shorter[n]);
		start_image(what, &i, shorter[n]);
	}
}

/* -- the program that an ELF file asks to be loaded by -- */

static struct image with_interpreter(const char *name)
{
	struct image i = good();

	i.e.e_phnum = 2;
	i.p[1] = i.p[0];
	snprintf(i.interpreter, sizeof(i.interpreter), "%s", name);
	i.p[0] = (Elf64_Phdr){.p_type = PT_INTERP,
		.p_flags = PF_R,
		.p_offset = offsetof(struct image, interpreter),
		.p_vaddr = BASE + offsetof(struct image, interpreter),
		.p_filesz = strlen(i.interpreter) + 1,
		.p_memsz = strlen(i.interpreter) + 1,
		.p_align = 1};
	return i;
}

#define WRONG_INTERPRETER(name, ...)                                 \
	do {                                                         \
		struct image i = with_interpreter(name);             \
		__VA_ARGS__;                                         \
		start_image(#name ": " #__VA_ARGS__, &i, sizeof(i)); \
	} while (0)

static void interpreters(void)
{
	struct image loader = good();

	loader.e.e_type = ET_DYN;
	loader.e.e_entry -= BASE;
	loader.p[0].p_vaddr = 0;
	put_bytes("loader", &loader, sizeof(loader), 0755);
	put_bytes("closed", &loader, sizeof(loader), 0644);
	loader.e.e_machine = EM_ARM;
	put_bytes("foreign", &loader, sizeof(loader), 0755);
	loader = good();
	loader.e.e_type = ET_REL;
	put_bytes("object", &loader, sizeof(loader), 0755);
	loader.e.e_type = ET_DYN;
	loader.e.e_phnum = 0;
	put_bytes("no segments", &loader, sizeof(loader), 0755);
	loader.e.e_phnum = 1;
	loader.p[0].p_type = PT_NOTE;
	put_bytes("nothing to load", &loader, sizeof(loader), 0755);
	put_bytes("empty", "", 0, 0755);
	put_bytes("short", &loader, 20, 0755);
	put_bytes("text",
		"This is not a program, but long enough to be the header of one: sixty-four bytes.\n",
		83, 0755);
	put_bytes("script",
		"#!/nowhere\nlong enough to be read as if it were the header of an ELF file, more than 64\n",
		88, 0755);
	mkdir("directory", 0755);
	WRONG_INTERPRETER("loader");
	WRONG_INTERPRETER("closed");
	WRONG_INTERPRETER("foreign");
	WRONG_INTERPRETER("object");
	WRONG_INTERPRETER("no segments");
	WRONG_INTERPRETER("nothing to load");
	WRONG_INTERPRETER("empty");
	WRONG_INTERPRETER("short");
	WRONG_INTERPRETER("text");
	WRONG_INTERPRETER("script");
	WRONG_INTERPRETER("directory");
	WRONG_INTERPRETER("nowhere");
	WRONG_INTERPRETER("nowhere/at/all");
	WRONG_INTERPRETER("text/below");
	WRONG_INTERPRETER("/dev/null");
	WRONG_INTERPRETER("");
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 0);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 1);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 4097);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 4096);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz -= 1);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz += 4);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = 1UL << 40);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = sizeof(i) - 3);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = 1UL << 63);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = ~0UL);
	WRONG_INTERPRETER("nowhere", i.p[1].p_memsz = 1);
	WRONG_INTERPRETER("loader", i.p[1].p_memsz = 1);
	WRONG_INTERPRETER("loader", i.e.e_phnum = 3, i.p[2] = i.p[1], i.p[1] = i.p[0]);
	WRONG_INTERPRETER(
		"loader", i.e.e_phnum = 3, i.p[2] = i.p[1], i.p[1] = i.p[0], i.p[1].p_filesz = 1);
}

/* -- scripts -- */

static void script(const char *text)
{
	put_bytes("a script", text, strlen(text), 0755);
	start(text, "a script");
}

static void scripts(void)
{
	struct image i = good();
	char name[300], line[700];

	put_bytes("program", &i, sizeof(i), 0755);
	put_bytes("closed", &i, sizeof(i), 0644);
	script("");
	script("#");
	script("#!");
	script("#! ");
	script("#!\n");
	script("#!  \t \n");
	script("# !program\n");
	script(" #!program\n");
	script("#!program");
	script("#!program\n");
	script("#! \tprogram \t\n");
	script("#!program an argument\n");
	script("#!closed\n");
	script("#!nowhere\n");
	script("#!program/x\n");
	script("#!/\n");
	script("#!/dev/null\n");
	script("#!empty\n");
	script("#!text\n");
	/* Its own interpreter, and a row of them. */
	script("#!a script\n");
	symlink("a script", "script");
	script("#!script\n");
	for (int n = 0; n < 8; n++) {
		snprintf(name, sizeof(name), "row%d", n);
		snprintf(line, sizeof(line), n ? "#!row%d\n" : "#!program\n", n - 1);
		put_bytes(name, line, strlen(line), 0755);
		start(name, name);
	}
	/* What is read of the line ends after 256 bytes. */
	static const int lengths[] = {200, 240, 252, 253, 254, 255, 256, 257, 300};
	for (unsigned n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
		memset(name, 'n', sizeof(name));
		memcpy(name, "./././", 6);
		name[lengths[n] - 2] = 0;
		snprintf(line, sizeof(line), "#!%s\n", name);
		put_bytes("a script", line, strlen(line), 0755);
		snprintf(line, sizeof(line), "a name of %d", lengths[n] - 2);
		start(line, "a script");
		snprintf(line, sizeof(line), "#!program %s\n", name);
		put_bytes("a script", line, strlen(line), 0755);
		snprintf(line, sizeof(line), "an argument of %d", lengths[n] - 2);
		start(line, "a script");
	}
}

/* -- names and permissions -- */

static void names(void)
{
	struct image i = good();

	put_bytes("program", &i, sizeof(i), 0755);
	put_bytes("closed", &i, sizeof(i), 0600);
	memcpy(i.code, exit_dumpable, sizeof(exit_dumpable));
	put_bytes("readable", &i, sizeof(i), 0555);
	put_bytes("unreadable", &i, sizeof(i), 0111);
	put_bytes("unreadable script", "#!unreadable\n", 13, 0555);
	put_bytes("script nobody reads", "#!program\n", 10, 0111);
	/* Whose loader may not be read. */
	struct image loaded = with_interpreter("secret loader");
	put_bytes("loaded", &loaded, sizeof(loaded), 0755);
	i.e.e_type = ET_DYN;
	i.e.e_entry -= BASE;
	i.p[0].p_vaddr = 0;
	put_bytes("secret loader", &i, sizeof(i), 0111);
	symlink("program", "link");
	symlink("loop", "loop");
	symlink("nowhere", "dangling");
	mkfifo("fifo", 0755);
	start("link", "link");
	start("loop", "loop");
	start("dangling", "dangling");
	start("fifo", "fifo");
	start("closed", "closed");
	start("readable", "readable");
	start("unreadable", "unreadable");
	start("loaded", "loaded");
	start("directory", "directory");
	start("program/", "program/");
	start("program/x", "program/x");
	mkdir("private", 0700);
	put_bytes("private/program", &i, sizeof(i), 0755);
	put_bytes("private script", "#!private/program\n", 18, 0755);
	show_end("as nobody", CHILD({
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(1);
		start("program", "program");
		start("readable", "readable");
		start("unreadable", "unreadable");
		start("unreadable script", "unreadable script");
		start("script nobody reads", "script nobody reads");
		start("loaded", "loaded");
		start("closed", "closed");
		start("private/program", "private/program");
		start("private script", "private script");
	}));
}

static long exec_at(int fd, const char *path, int flags)
{
	char *const argv[] = {"name", NULL};

	return syscall(SYS_execveat, fd, path, argv, argv + 1, flags);
}

static char *string_of(size_t length)
{
	char *s = malloc(length + 1);

	memset(s, 'y', length);
	s[length] = 0;
	return s;
}

static void at(void)
{
	struct image i = good();
	char *large[] = {string_of(200000), NULL};

	put_bytes("a script", "#!program\n", 10, 0755);
	put_bytes("foreign", &(struct image){.e.e_ident = "\177ELF"}, sizeof(i), 0755);
	int directory = open(".", O_RDONLY | O_CLOEXEC), path = open("program", O_PATH | O_CLOEXEC);
	int file = open("program", O_RDONLY), script_fd = open("a script", O_RDONLY | O_CLOEXEC);
	int closed = open("closed", O_RDONLY), link = open("link", O_PATH | O_NOFOLLOW);

	SHOW(exec_at(-1, "program", 0));
	SHOW(exec_at(file, "program", 0));
	SHOW(exec_at(directory, "", 0));
	SHOW(exec_at(directory, "", AT_EMPTY_PATH));
	SHOW(exec_at(AT_FDCWD, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "program", 1));
	SHOW(exec_at(directory, "program", AT_SYMLINK_FOLLOW));
	SHOW(exec_at(directory, "link", AT_SYMLINK_NOFOLLOW));
	SHOW(exec_at(link, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "loop", 0));
	SHOW(exec_at(directory, "nowhere", 0));
	SHOW(exec_at(directory, "closed", 0));
	SHOW(exec_at(closed, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "directory", 0));
	SHOW(exec_at(directory, "empty", 0));
	SHOW(exec_at(directory, "foreign", 0));
	SHOW(exec_at(directory, string_of(300), 0));
	SHOW(exec_at(directory, string_of(5000), 0));
	SHOW(exec_at(directory, (char *)8, 0));
	SHOW(exec_at(directory, NULL, AT_EMPTY_PATH));
	SHOW(syscall(SYS_execveat, directory, "program", large, NULL, 0));
	SHOW(syscall(SYS_execveat, directory, "program", NULL, large, 0));
	/* The interpreter could not open a script by a number that is closed. */
	SHOW(exec_at(script_fd, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "a script", 0));
	struct image asks = with_interpreter("text");
	put_bytes("asks", &asks, sizeof(asks), 0755);
	SHOW(exec_at(directory, "asks", 0));
	asks = with_interpreter("empty");
	put_bytes("asks", &asks, sizeof(asks), 0755);
	SHOW(exec_at(directory, "asks", 0));
	SHOW_CHILD(exec_at(directory, "program", 0));
	SHOW_CHILD(exec_at(path, "", AT_EMPTY_PATH));
	SHOW_CHILD(exec_at(file, "", AT_EMPTY_PATH));
	SHOW_CHILD(exec_at(directory, "link", 0));
	free(large[0]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	fsabi_begin();
	headers();
	segments();
	lengths();
	interpreters();
	scripts();
	names();
	at();
	return 0;
}
