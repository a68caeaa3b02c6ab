/* Reading ELF files with libelf, decoding with Capstone. */
#include "image.h"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail(const char *path, const char *what)
{
	fprintf(stderr, "entrycheck: %s: %s\n", path, what);
	return false;
}

static const struct section *find_section(const struct image *im, const char *name)
{
	for (size_t i = 0; i < im->section_count; i++)
		if (!strcmp(im->sections[i].name, name))
			return &im->sections[i];
	return NULL;
}

static bool read_sections(struct image *im, Elf *elf)
{
	size_t names, count;
	if (elf_getshdrstrndx(elf, &names) || elf_getshdrnum(elf, &count))
		return fail(im->path, elf_errmsg(-1));
	im->sections = calloc(count, sizeof(*im->sections));
	Elf_Scn *scn = NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr h;
		if (!gelf_getshdr(scn, &h))
			return fail(im->path, elf_errmsg(-1));
		Elf_Data *data = h.sh_type == SHT_NOBITS ? NULL : elf_rawdata(scn, NULL);
		const char *name = elf_strptr(elf, names, h.sh_name);
		im->sections[im->section_count++] = (struct section){
			.name = name ? name : "",
			.address = h.sh_addr,
			.size = h.sh_size,
			.bytes = data ? data->d_buf : NULL,
			.executable = (h.sh_flags & SHF_EXECINSTR) != 0,
		};
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	return x->address < y->address ? -1 : x->address > y->address;
}

static bool read_symbols(struct image *im, Elf *elf)
{
	Elf_Scn *scn = NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr h;
		if (!gelf_getshdr(scn, &h) || h.sh_type != SHT_SYMTAB)
			continue;
		Elf_Data *data = elf_getdata(scn, NULL);
		size_t n = h.sh_size / h.sh_entsize;
		im->symbols = calloc(n, sizeof(*im->symbols));
		for (size_t i = 0; i < n; i++) {
			GElf_Sym s;
			gelf_getsym(data, (int)i, &s);
			int type = GELF_ST_TYPE(s.st_info);
			const char *name = elf_strptr(elf, h.sh_link, s.st_name);
			if (!name || !*name || s.st_shndx == SHN_UNDEF || type == STT_SECTION ||
				type == STT_FILE)
				continue;
			im->symbols[im->symbol_count++] =
				(struct symbol){name, s.st_value, s.st_size, type == STT_FUNC};
		}
	}
	if (!im->symbol_count)
		return fail(im->path, "it has no symbol table");
	qsort(im->symbols, im->symbol_count, sizeof(*im->symbols), by_address);
	return true;
}

/* Entries of an 8-byte address and a string. */
static void read_states(struct image *im)
{
	const struct section *s = find_section(im, ".note.airlock.state");
	if (!s || !s->bytes)
		return;
	im->states = calloc(s->size / 9 + 1, sizeof(*im->states));
	for (uint64_t at = 0; at + 9 <= s->size;) {
		uint64_t address;
		memcpy(&address, s->bytes + at, 8);
		const char *text = (const char *)s->bytes + at + 8;
		im->states[im->state_count++] = (struct state_note){address, text};
		at += 8 + strnlen(text, s->size - at - 8) + 1;
	}
}

/* Pairs of strings. Headers put the same pair into several objects: the first counts. */
static void read_contracts(struct image *im)
{
	const struct section *s = find_section(im, ".note.airlock.contract");
	if (!s || !s->bytes)
		return;
	im->contracts = calloc(s->size / 4 + 1, sizeof(*im->contracts));
	const char *p = (const char *)s->bytes, *end = p + s->size;
	while (p < end) {
		struct contract_note c = {.function = p};
		p += strlen(p) + 1;
		if (p >= end)
			break;
		c.text = p;
		p += strlen(p) + 1;
		bool seen = false;
		for (size_t i = 0; i < im->contract_count && !seen; i++)
			seen = !strcmp(im->contracts[i].function, c.function);
		if (!seen)
			im->contracts[im->contract_count++] = c;
	}
}

/* The checked code: a section of its own, or what lies between NAME's __..._start and __..._end symbols when the linker
 * has merged it into .text. */
static bool find_text(struct image *im, const char *text)
{
	const struct section *s = find_section(im, text);
	const struct symbol *start = image_symbol(im, "__entry_text_start");
	const struct symbol *end = image_symbol(im, "__entry_text_end");
	if (s) {
		im->text_start = s->address;
		im->text_end = s->address + s->size;
	} else if (start && end) {
		im->text_start = start->address;
		im->text_end = end->address;
	} else {
		return fail(im->path, "it has no entry code to check (section .entry.text)");
	}
	im->cache = calloc(im->text_end - im->text_start + 1, sizeof(*im->cache));
	return true;
}

bool image_open(struct image *im, const char *path, const char *text)
{
	*im = (struct image){.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC)};
	if (im->fd < 0)
		return fail(path, "it can't be read");
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(im->fd, ELF_C_READ, NULL);
	im->elf = elf;
	GElf_Ehdr h;
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &h) ||
		h.e_machine != EM_X86_64)
		return fail(path, "it is not an ELF file for x86-64");
	if (!read_sections(im, elf) || !read_symbols(im, elf))
		return false;
	read_states(im);
	read_contracts(im);
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &im->capstone) != CS_ERR_OK)
		return fail(path, "Capstone does not start");
	cs_option(im->capstone, CS_OPT_DETAIL, CS_OPT_ON);
	cs_option(im->capstone, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	return find_text(im, text);
}

void image_close(struct image *im)
{
	for (uint64_t i = 0; im->cache && i < im->text_end - im->text_start; i++)
		if (im->cache[i])
			cs_free(im->cache[i], 1);
	free(im->cache);
	free(im->sections);
	free(im->symbols);
	free(im->states);
	free(im->contracts);
	if (im->capstone)
		cs_close(&im->capstone);
	if (im->elf)
		elf_end(im->elf);
	if (im->fd >= 0)
		close(im->fd);
}

const struct symbol *image_symbol(const struct image *im, const char *name)
{
	for (size_t i = 0; i < im->symbol_count; i++)
		if (!strcmp(im->symbols[i].name, name))
			return &im->symbols[i];
	return NULL;
}

const struct symbol *image_symbol_at(const struct image *im, uint64_t address)
{
	const struct symbol *best = NULL;
	for (size_t i = 0; i < im->symbol_count && im->symbols[i].address <= address; i++) {
		const struct symbol *s = &im->symbols[i];
		if (s->name[0] == '_' && s->name[1] == '_' && !s->is_function)
			continue;
		if (!best || s->address > best->address || s->is_function)
			best = s;
	}
	return best;
}

const char *image_where(const struct image *im, uint64_t address)
{
	static char buffers[4][96];
	static unsigned turn;
	char *b = buffers[turn++ % 4];
	const struct symbol *s = image_symbol_at(im, address);
	if (!s)
		snprintf(b, sizeof(buffers[0]), "%#lx", address);
	else if (s->address == address)
		snprintf(b, sizeof(buffers[0]), "%s", s->name);
	else
		snprintf(b, sizeof(buffers[0]), "%s+%#lx", s->name, address - s->address);
	return b;
}

static const struct section *section_of(const struct image *im, uint64_t address)
{
	for (size_t i = 0; i < im->section_count; i++) {
		const struct section *s = &im->sections[i];
		if (s->bytes && s->executable && address >= s->address &&
			address < s->address + s->size)
			return s;
	}
	return NULL;
}

int image_byte(const struct image *im, uint64_t address)
{
	const struct section *s = section_of(im, address);
	return s ? s->bytes[address - s->address] : -1;
}

bool image_in_text(const struct image *im, uint64_t address)
{
	return address >= im->text_start && address < im->text_end;
}

cs_insn *image_decode(struct image *im, uint64_t address)
{
	const struct section *s = section_of(im, address);
	if (!s)
		return NULL;
	cs_insn *i = NULL;
	size_t left = s->size - (address - s->address);
	size_t n = cs_disasm(im->capstone, s->bytes + (address - s->address), left < 16 ? left : 16,
		address, 1, &i);
	return n ? i : NULL;
}

const cs_insn *image_instruction(struct image *im, uint64_t address)
{
	if (!image_in_text(im, address))
		return NULL;
	cs_insn **slot = &im->cache[address - im->text_start];
	if (!*slot)
		*slot = image_decode(im, address);
	return *slot;
}
