/*
 * Makes the table of function names that the kernel carries (kernel/trace/ksyms.c says what its form is):
 *
 *	ksyms KERNEL.elf > ksyms.S
 *	ksyms --check KERNEL.elf      fails unless the table inside is the one that would be made from the file
 *
 * Only symbols in executable sections, one for each address: functions before labels, global before local, then by name,
 * so that the output does not depend on the order of the symbol table.
 */
#include <err.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct symbol {
	uint64_t address;
	const char *name;
	int type, binding;
};

struct table {
	struct symbol *symbol;
	size_t count;
	/* Where the last executable section ends. */
	uint64_t end;
};

/* The table as it is to be in the kernel. */
struct bytes {
	uint8_t *data;
	size_t count, capacity;
};

static Elf_Scn *find_section(Elf *elf, uint32_t type, const char *name, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		errx(1, "%s", elf_errmsg(-1));
	while ((section = elf_nextscn(elf, section))) {
		const char *own;

		if (!gelf_getshdr(section, header))
			errx(1, "%s", elf_errmsg(-1));
		own = elf_strptr(elf, names, header->sh_name);
		if (header->sh_type == type && (!name || (own && strcmp(own, name) == 0)))
			return section;
	}
	return NULL;
}

/* The executable section that a symbol is in, as far as the kernel's report is concerned. */
static bool in_text(Elf *elf, const GElf_Sym *s, uint64_t *end)
{
	GElf_Shdr header;
	Elf_Scn *section;

	if (s->st_shndx == SHN_UNDEF || s->st_shndx >= SHN_LORESERVE)
		return false;
	section = elf_getscn(elf, s->st_shndx);
	if (!section || !gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR))
		return false;
	if (header.sh_addr + header.sh_size > *end)
		*end = header.sh_addr + header.sh_size;
	return true;
}

static bool wanted(const GElf_Sym *s, const char *name)
{
	int type = GELF_ST_TYPE(s->st_info);

	return (type == STT_FUNC || type == STT_NOTYPE) && name && name[0] &&
	       strncmp(name, ".L", 2) != 0;
}

static void read_symbols(Elf *elf, struct table *t)
{
	GElf_Shdr header;
	Elf_Scn *section = find_section(elf, SHT_SYMTAB, NULL, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	size_t n = data ? header.sh_size / header.sh_entsize : 0;
	GElf_Sym s;

	t->symbol = calloc(n ? n : 1, sizeof(*t->symbol));
	if (!t->symbol)
		err(1, "symbols");
	for (size_t i = 0; i < n && gelf_getsym(data, (int)i, &s); i++) {
		const char *name = elf_strptr(elf, header.sh_link, s.st_name);

		if (wanted(&s, name) && in_text(elf, &s, &t->end))
			t->symbol[t->count++] = (struct symbol){.address = s.st_value,
				.name = name,
				.type = GELF_ST_TYPE(s.st_info),
				.binding = GELF_ST_BIND(s.st_info)};
	}
}

static int compare(const void *va, const void *vb)
{
	const struct symbol *a = va, *b = vb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->type != b->type)
		return a->type == STT_FUNC ? -1 : 1;
	if (a->binding != b->binding)
		return a->binding == STB_GLOBAL ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Sorted, and the best name of each address only. A place where a section ends is no function's. */
static void tidy(struct table *t)
{
	size_t kept = 0;

	qsort(t->symbol, t->count, sizeof(*t->symbol), compare);
	for (size_t i = 0; i < t->count; i++)
		if (t->symbol[i].address < t->end &&
			(kept == 0 || t->symbol[i].address != t->symbol[kept - 1].address))
			t->symbol[kept++] = t->symbol[i];
	t->count = kept;
}

static void put(struct bytes *b, const void *data, size_t n)
{
	if (b->count + n > b->capacity) {
		b->capacity = 2 * (b->count + n);
		b->data = realloc(b->data, b->capacity);
		if (!b->data)
			err(1, "table");
	}
	memcpy(b->data + b->count, data, n);
	b->count += n;
}

static void put_leb128(struct bytes *b, uint64_t v)
{
	do {
		uint8_t byte = (v & 0x7f) | (v > 0x7f ? 0x80 : 0);

		put(b, &byte, 1);
		v >>= 7;
	} while (v);
}

static void encode(const struct table *t, struct bytes *b)
{
	uint64_t at = t->symbol[0].address;

	put(b, &at, sizeof(at));
	for (size_t i = 0; i < t->count; i++) {
		put_leb128(b, t->symbol[i].address - at);
		put(b, t->symbol[i].name, strlen(t->symbol[i].name) + 1);
		at = t->symbol[i].address;
	}
	put_leb128(b, t->end - at);
	put(b, "", 1);
}

static void print_assembly(const struct bytes *b)
{
	printf("/* Made by tools/ksyms.c. */\n\t.section .ksyms, \"a\", @progbits\n");
	for (size_t i = 0; i < b->count; i++)
		printf("%s%u", i % 16 ? "," : "\n\t.byte ", b->data[i]);
	printf("\n\t.section .note.GNU-stack, \"\", @progbits\n");
}

/* The table inside lies in the section that holds __ksyms_start. */
static void check(Elf *elf, const struct bytes *b)
{
	GElf_Shdr header, in;
	Elf_Scn *symbols = find_section(elf, SHT_SYMTAB, NULL, &header);
	Elf_Data *data = elf_getdata(symbols, NULL), *contents;
	GElf_Sym s;

	for (int i = 0; gelf_getsym(data, i, &s); i++) {
		const char *name = elf_strptr(elf, header.sh_link, s.st_name);
		uint64_t offset;

		if (!name || strcmp(name, "__ksyms_start") != 0)
			continue;
		if (!gelf_getshdr(elf_getscn(elf, s.st_shndx), &in))
			errx(1, "%s", elf_errmsg(-1));
		contents = elf_rawdata(elf_getscn(elf, s.st_shndx), NULL);
		offset = s.st_value - in.sh_addr;
		if (!contents || offset + b->count > contents->d_size ||
			memcmp((uint8_t *)contents->d_buf + offset, b->data, b->count) != 0)
			errx(1, "the table of names does not fit the kernel that it is in");
		return;
	}
	errx(1, "there is no __ksyms_start");
}

int main(int argc, char **argv)
{
	bool checking = argc == 3 && strcmp(argv[1], "--check") == 0;
	struct table table = {0};
	struct bytes bytes = {0};
	Elf *elf;
	int fd;

	if (argc != 2 && !checking)
		errx(2, "usage: ksyms [--check] KERNEL.elf");
	fd = open(argv[argc - 1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[argc - 1]);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		errx(1, "%s is not an ELF file", argv[argc - 1]);
	read_symbols(elf, &table);
	if (table.count == 0)
		errx(1, "%s has no symbols", argv[argc - 1]);
	tidy(&table);
	encode(&table, &bytes);
	if (checking)
		check(elf, &bytes);
	else
		print_assembly(&bytes);
	elf_end(elf);
	close(fd);
	free(bytes.data);
	free(table.symbol);
	return 0;
}
