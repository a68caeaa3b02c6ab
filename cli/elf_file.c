/* ELF files, through libelf. */
#include "elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

/* Scripts are the one kind of file that is no ELF file and still a program. */
static int elf_file_not_elf(const char *name, const char *data, size_t size)
{
	if (size == 0)
		return message_fail(STATUS_NOT_EXECUTABLE, "%s is an empty file", name);
	if (size >= 2 && data[0] == '#' && data[1] == '!')
		return 0;
	return message_fail(
		STATUS_NOT_EXECUTABLE, "%s is not a Linux program (not an ELF file)", name);
}

static int elf_file_check_header(const char *name, const GElf_Ehdr *header)
{
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64)
		return message_fail(STATUS_NOT_EXECUTABLE,
			"%s is for another machine (ELF machine %u, %s); Airlock runs x86-64 programs",
			name, header->e_machine,
			header->e_ident[EI_CLASS] == ELFCLASS64 ? "64-bit" : "32-bit");
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return message_fail(STATUS_NOT_EXECUTABLE,
			"%s is an ELF file but not a program (type %u)", name, header->e_type);
	return 0;
}

static int elf_file_check_segment(
	const char *name, size_t index, const GElf_Phdr *segment, size_t size)
{
	if (segment->p_filesz > size || segment->p_offset > size - segment->p_filesz)
		return message_fail(STATUS_NOT_EXECUTABLE,
			"%s is damaged: segment %zu lies beyond the end of the file", name, index);
	if (segment->p_type == PT_LOAD && segment->p_memsz < segment->p_filesz)
		return message_fail(STATUS_NOT_EXECUTABLE,
			"%s is damaged: segment %zu is larger in the file than in memory", name,
			index);
	return 0;
}

static int elf_file_check_segments(const char *name, Elf *elf, size_t size)
{
	size_t count;
	bool loadable = false;
	if (elf_getphdrnum(elf, &count) != 0)
		return message_fail(
			STATUS_NOT_EXECUTABLE, "%s is damaged: %s", name, elf_errmsg(-1));

	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;
		if (!gelf_getphdr(elf, (int)i, &segment))
			return message_fail(
				STATUS_NOT_EXECUTABLE, "%s is damaged: %s", name, elf_errmsg(-1));
		int status = elf_file_check_segment(name, i, &segment, size);
		if (status != 0)
			return status;
		loadable = loadable || segment.p_type == PT_LOAD;
	}
	if (!loadable)
		return message_fail(STATUS_NOT_EXECUTABLE,
			"%s is damaged: nothing in it is to be loaded", name);
	return 0;
}

int elf_file_check_program(const char *name, const void *data, size_t size)
{
	if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
		return elf_file_not_elf(name, data, size);

	elf_version(EV_CURRENT);
	/* libelf only reads what it is given here, although its argument is not const. */
	Elf *elf = elf_memory((char *)(uintptr_t)data, size);
	GElf_Ehdr header;
	int status;
	if (!elf || !gelf_getehdr(elf, &header))
		status = message_fail(
			STATUS_NOT_EXECUTABLE, "%s is damaged: its ELF header is cut short", name);
	else
		status = elf_file_check_header(name, &header);
	if (status == 0)
		status = elf_file_check_segments(name, elf, size);
	elf_end(elf);
	return status;
}

static int elf_file_open(const char *path, int *fd, Elf **elf)
{
	elf_version(EV_CURRENT);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return message_fail(STATUS_AIRLOCK, "cannot read %s: %s", path, strerror(errno));
	*elf = elf_begin(*fd, ELF_C_READ_MMAP, NULL);
	if (*elf && elf_kind(*elf) == ELF_K_ELF)
		return 0;
	elf_end(*elf);
	close(*fd);
	return message_fail(STATUS_AIRLOCK, "%s is not an ELF file", path);
}

int elf_file_check_kernel(const char *path)
{
	int fd;
	Elf *elf;
	int status = elf_file_open(path, &fd, &elf);
	if (status != 0)
		return status;
	GElf_Ehdr header;
	if (!gelf_getehdr(elf, &header) || header.e_machine != EM_X86_64)
		status = message_fail(STATUS_AIRLOCK, "%s is not a kernel for x86-64", path);
	elf_end(elf);
	close(fd);
	return status;
}

int elf_file_loaded_size(const char *path, size_t *size)
{
	int fd;
	Elf *elf;
	int status = elf_file_open(path, &fd, &elf);
	if (status != 0)
		return status;

	*size = 0;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) && (header.sh_flags & SHF_ALLOC) &&
			header.sh_type != SHT_NOBITS)
			*size += header.sh_size;
	}
	elf_end(elf);
	close(fd);
	return 0;
}

/* A walk over all symbols: first for the bounds of the set, then for its members. */
struct symbol_walk {
	const char *start_name;
	const char *end_name;
	GElf_Addr start;
	GElf_Addr end;
	void (*visit)(const char *name, void *context);
	void *context;
};

static void elf_file_find_bounds(const GElf_Sym *symbol, const char *name, struct symbol_walk *walk)
{
	if (strcmp(name, walk->start_name) == 0)
		walk->start = symbol->st_value;
	else if (strcmp(name, walk->end_name) == 0)
		walk->end = symbol->st_value;
}

static void elf_file_visit_member(
	const GElf_Sym *symbol, const char *name, struct symbol_walk *walk)
{
	if (GELF_ST_TYPE(symbol->st_info) == STT_OBJECT && symbol->st_size > 0 &&
		symbol->st_value >= walk->start && symbol->st_value < walk->end)
		walk->visit(name, walk->context);
}

static void elf_file_walk_table(Elf *elf, Elf_Scn *section,
	void (*step)(const GElf_Sym *symbol, const char *name, struct symbol_walk *walk),
	struct symbol_walk *walk)
{
	GElf_Shdr header;
	Elf_Data *data = elf_getdata(section, NULL);
	if (!data || !gelf_getshdr(section, &header) || header.sh_entsize == 0)
		return;
	for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)i, &symbol))
			return;
		const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (name)
			step(&symbol, name, walk);
	}
}

static void elf_file_walk(Elf *elf,
	void (*step)(const GElf_Sym *symbol, const char *name, struct symbol_walk *walk),
	struct symbol_walk *walk)
{
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			elf_file_walk_table(elf, section, step, walk);
	}
}

int elf_file_linker_set(const char *path, const char *start, const char *end,
	void (*visit)(const char *name, void *context), void *context)
{
	int fd;
	Elf *elf;
	struct symbol_walk walk = {
		.start_name = start, .end_name = end, .visit = visit, .context = context};
	int status = elf_file_open(path, &fd, &elf);
	if (status != 0)
		return status;
	elf_file_walk(elf, elf_file_find_bounds, &walk);
	elf_file_walk(elf, elf_file_visit_member, &walk);
	elf_end(elf);
	close(fd);
	return 0;
}
