/*
 * Reading an ELF file's dynamic section through its program headers, as the dynamic linker does:
 * section headers may be missing.  All offsets are checked against the file's size.
 */
#include "elf_needs.h"

#include <gelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The file while it is read. */
struct elf_view {
	const char *data;
	size_t size;
	Elf *elf;
	size_t segments;
};

static bool elf_view_segment(const struct elf_view *view, size_t index, GElf_Phdr *segment)
{
	return gelf_getphdr(view->elf, (int)index, segment) && segment->p_filesz <= view->size &&
	       segment->p_offset <= view->size - segment->p_filesz;
}

/* The first segment of the type. */
static bool elf_view_find(const struct elf_view *view, uint32_t type, GElf_Phdr *segment)
{
	for (size_t i = 0; i < view->segments; i++)
		if (elf_view_segment(view, i, segment) && segment->p_type == type)
			return true;
	return false;
}

/* Where the byte at a virtual address is in the file; the file's size if it is not in it. */
static size_t elf_view_offset(const struct elf_view *view, GElf_Addr address)
{
	GElf_Phdr segment;
	for (size_t i = 0; i < view->segments; i++)
		if (elf_view_segment(view, i, &segment) && segment.p_type == PT_LOAD &&
			address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
			return segment.p_offset + (address - segment.p_vaddr);
	return view->size;
}

static const char *elf_view_string(const struct elf_view *view, size_t table, uint64_t offset)
{
	if (table >= view->size || offset >= view->size - table)
		return NULL;
	const char *string = view->data + table + offset;
	return memchr(string, '\0', view->size - table - offset) ? string : NULL;
}

/* Entry `index` of the dynamic section; false at its end. */
static bool elf_view_dynamic(
	const struct elf_view *view, const GElf_Phdr *dynamic, size_t index, Elf64_Dyn *entry)
{
	if (index >= dynamic->p_filesz / sizeof(*entry))
		return false;
	memcpy(entry, view->data + dynamic->p_offset + index * sizeof(*entry), sizeof(*entry));
	return entry->d_tag != DT_NULL;
}

static void elf_needs_entry(struct elf_needs *needs, int64_t tag, const char *string)
{
	if (tag == DT_NEEDED)
		text_list_add(&needs->libraries, string);
	else if (tag == DT_RPATH && !needs->rpath)
		needs->rpath = text_copy(string);
	else if (tag == DT_RUNPATH && !needs->runpath)
		needs->runpath = text_copy(string);
}

static void elf_needs_dynamic(
	const struct elf_view *view, const GElf_Phdr *dynamic, struct elf_needs *needs)
{
	Elf64_Dyn entry;
	size_t table = view->size;
	for (size_t i = 0; elf_view_dynamic(view, dynamic, i, &entry); i++)
		if (entry.d_tag == DT_STRTAB)
			table = elf_view_offset(view, entry.d_un.d_ptr);
	for (size_t i = 0; elf_view_dynamic(view, dynamic, i, &entry); i++) {
		if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_RPATH &&
			entry.d_tag != DT_RUNPATH)
			continue;
		const char *string = elf_view_string(view, table, entry.d_un.d_val);
		if (string)
			elf_needs_entry(needs, entry.d_tag, string);
	}
}

/* glibc unwinds the thread's stack in them, or walks it, with libgcc_s.so.1's functions. */
static const char *const elf_unwinding[] = {
	"pthread_cancel", "pthread_exit", "thrd_exit", "backtrace", NULL};
/* They read the locale's files; C++ has functions of its own that call these. */
static const char *const elf_localized[] = {"setlocale", "newlocale", NULL};

static bool elf_view_imports(const struct elf_view *view, const GElf_Shdr *section, Elf_Data *data,
	const char *const *names)
{
	GElf_Sym symbol;
	for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
		const char *name = symbol.st_shndx == SHN_UNDEF
					   ? elf_strptr(view->elf, section->sh_link, symbol.st_name)
					   : NULL;
		for (size_t j = 0; name && names[j]; j++)
			if (strcmp(name, names[j]) == 0)
				return true;
	}
	return false;
}

static void elf_needs_functions(const struct elf_view *view, struct elf_needs *needs)
{
	GElf_Shdr header;
	Elf_Scn *section = NULL;
	/* Without section headers, as some packers leave a file, it can't be told: true. */
	needs->unwinder = needs->locale = true;
	while ((section = elf_nextscn(view->elf, section)) != NULL) {
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM)
			continue;
		Elf_Data *data = elf_getdata(section, NULL);
		needs->unwinder = data && elf_view_imports(view, &header, data, elf_unwinding);
		needs->locale = data && elf_view_imports(view, &header, data, elf_localized);
		return;
	}
}

static bool elf_needs_fill(struct elf_view *view, struct elf_needs *needs)
{
	GElf_Ehdr header;
	GElf_Phdr segment;
	if (!view->elf || !gelf_getehdr(view->elf, &header) || header.e_machine != EM_X86_64 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 ||
		elf_getphdrnum(view->elf, &view->segments) != 0)
		return false;
	if (elf_view_find(view, PT_INTERP, &segment))
		needs->interpreter =
			text_format("%.*s", (int)segment.p_filesz, view->data + segment.p_offset);
	if (elf_view_find(view, PT_DYNAMIC, &segment)) {
		elf_needs_dynamic(view, &segment, needs);
		elf_needs_functions(view, needs);
	}
	return true;
}

bool elf_needs_read(const char *data, size_t size, struct elf_needs *needs)
{
	*needs = (struct elf_needs){0};
	if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
		return false;
	elf_version(EV_CURRENT);
	/* libelf only reads what it is given here, although its argument is not const. */
	struct elf_view view = {
		.data = data, .size = size, .elf = elf_memory((char *)(uintptr_t)data, size)};
	bool ok = elf_needs_fill(&view, needs);
	elf_end(view.elf);
	return ok;
}

void elf_needs_free(struct elf_needs *needs)
{
	free(needs->interpreter);
	free(needs->rpath);
	free(needs->runpath);
	text_list_free(&needs->libraries);
	*needs = (struct elf_needs){0};
}
