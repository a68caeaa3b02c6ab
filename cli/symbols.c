/* A sorted list of the image's function symbols. The names stay in the mapped file, which is open as long as the list is. */
#include "symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <unistd.h>

#include "text.h"

struct symbol {
	uint64_t address;
	uint64_t size;
	const char *name;
};

struct symbols {
	int fd;
	Elf *elf;
	struct symbol *items;
	size_t count;
};

static int compare(const void *left, const void *right)
{
	uint64_t a = ((const struct symbol *)left)->address;
	uint64_t b = ((const struct symbol *)right)->address;
	return (a > b) - (a < b);
}

static void add_table(struct symbols *symbols, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t total = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	symbols->items =
		text_grow(symbols->items, (symbols->count + total + 1) * sizeof(*symbols->items));
	for (size_t i = 0; data && i < total; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)i, &symbol) || !symbol.st_value ||
			GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
			continue;
		const char *name = elf_strptr(symbols->elf, header->sh_link, symbol.st_name);
		if (name)
			symbols->items[symbols->count++] =
				(struct symbol){symbol.st_value, symbol.st_size, name};
	}
}

struct symbols *symbols_load(const char *path)
{
	elf_version(EV_CURRENT);
	struct symbols *symbols = text_alloc(sizeof(*symbols));
	*symbols = (struct symbols){.fd = open(path, O_RDONLY | O_CLOEXEC)};
	if (symbols->fd >= 0)
		symbols->elf = elf_begin(symbols->fd, ELF_C_READ_MMAP, NULL);
	for (Elf_Scn *section = NULL;
		symbols->elf && (section = elf_nextscn(symbols->elf, section));) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			add_table(symbols, section, &header);
	}
	if (symbols->count == 0) {
		symbols_free(symbols);
		return NULL;
	}
	qsort(symbols->items, symbols->count, sizeof(*symbols->items), compare);
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	if (symbols->elf)
		elf_end(symbols->elf);
	if (symbols->fd >= 0)
		close(symbols->fd);
	free(symbols->items);
	free(symbols);
}

const char *symbols_find(const struct symbols *symbols, uint64_t address, uint64_t *offset)
{
	*offset = 0;
	if (!symbols || address < symbols->items[0].address)
		return NULL;
	size_t low = 0, high = symbols->count;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (symbols->items[middle].address <= address)
			low = middle;
		else
			high = middle;
	}
	const struct symbol *s = &symbols->items[low];
	if (address >= s->address + (s->size ? s->size : 1))
		return NULL;
	*offset = address - s->address;
	return s->name;
}
