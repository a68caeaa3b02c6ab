/* Symbols by libelf, instructions by Capstone. */
#include "code.h"

#include <capstone/capstone.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gdb.h"

struct symbol {
	uint64_t address, size;
	const char *name;
};

static Elf *elf;
static struct symbol *symbols;
static size_t symbol_count;
static csh decoder;

static void take_symbols(Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_size / header->sh_entsize;
	symbols = calloc(count, sizeof(*symbols));
	for (size_t i = 0; symbols && i < count; i++) {
		GElf_Sym symbol;
		gelf_getsym(data, (int)i, &symbol);
		const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
		int type = GELF_ST_TYPE(symbol.st_info);
		if (!name || !name[0] || type == STT_FILE || type == STT_SECTION ||
			symbol.st_shndx == SHN_ABS)
			continue;
		symbols[symbol_count++] = (struct symbol){symbol.st_value, symbol.st_size, name};
	}
}

static int by_name(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	return strcmp(x->name, y->name);
}

void code_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		die("cannot read %s", path);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	while ((section = elf_nextscn(elf, section)) != NULL)
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			take_symbols(section, &header);
	if (!symbols)
		die("%s has no symbols", path);
	qsort(symbols, symbol_count, sizeof(*symbols), by_name);
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &decoder) != CS_ERR_OK)
		die("Capstone does not start");
	cs_option(decoder, CS_OPT_DETAIL, CS_OPT_ON);
	cs_option(decoder, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
}

static const struct symbol *find(const char *name)
{
	const struct symbol key = {.name = name};
	return bsearch(&key, symbols, symbol_count, sizeof(*symbols), by_name);
}

uint64_t code_symbol_optional(const char *name)
{
	const struct symbol *symbol = find(name);
	return symbol ? symbol->address : 0;
}

uint64_t code_symbol(const char *name)
{
	uint64_t address = code_symbol_optional(name);
	if (!address)
		die("the kernel has no symbol %s", name);
	return address;
}

uint64_t code_symbol_end(const char *name)
{
	const struct symbol *symbol = find(name);
	return symbol ? symbol->address + symbol->size : 0;
}

const char *code_place(uint64_t address)
{
	static char texts[4][96];
	static unsigned turn;
	char *text = texts[turn++ % 4];
	const struct symbol *best = NULL;
	for (size_t i = 0; i < symbol_count; i++) {
		const struct symbol *s = &symbols[i];
		if (s->address <= address && s->name[0] != '.' && strncmp(s->name, "__", 2) != 0 &&
			(!best || s->address > best->address))
			best = s;
	}
	if (best)
		snprintf(text, sizeof(texts[0]), "%s+%#lx", best->name, address - best->address);
	else
		snprintf(text, sizeof(texts[0]), "%#lx", address);
	return text;
}

/* The bytes of the file that are loaded at an address, up to 15. */
static size_t bytes_at(uint64_t address, const uint8_t **bytes)
{
	size_t size, count;
	const char *file = elf_rawfile(elf, &size);
	elf_getphdrnum(elf, &count);
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr p;
		if (!gelf_getphdr(elf, (int)i, &p) || p.p_type != PT_LOAD || address < p.p_vaddr ||
			address >= p.p_vaddr + p.p_filesz)
			continue;
		*bytes = (const uint8_t *)file + p.p_offset + (address - p.p_vaddr);
		uint64_t left = p.p_vaddr + p.p_filesz - address;
		return left < 15 ? left : 15;
	}
	return 0;
}

static bool has(const struct instructions *list, uint64_t address)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address == address)
			return true;
	return false;
}

static void add(struct instructions *list, const cs_insn *insn)
{
	list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
	if (!list->items)
		die("out of memory");
	struct instruction *item = &list->items[list->count++];
	item->address = insn->address;
	snprintf(item->text, sizeof(item->text), "%.15s %.44s", insn->mnemonic, insn->op_str);
}

static bool ends(const cs_insn *insn)
{
	switch (insn->id) {
	case X86_INS_JMP:
	case X86_INS_RET:
	case X86_INS_IRETQ:
	case X86_INS_SYSRET:
	case X86_INS_INT3:
	case X86_INS_UD2:
		return true;
	default:
		return false;
	}
}

static uint64_t target_of(const cs_insn *insn)
{
	const cs_x86_op *op = &insn->detail->x86.operands[0];
	bool direct = insn->detail->x86.op_count == 1 && op->type == X86_OP_IMM;
	return direct && cs_insn_group(decoder, insn, CS_GRP_JUMP) ? (uint64_t)op->imm : 0;
}

void code_reach(struct instructions *list, uint64_t at, uint64_t low, uint64_t high)
{
	bool more = true;
	while (more && at >= low && at < high && !has(list, at)) {
		const uint8_t *bytes = NULL;
		size_t length = bytes_at(at, &bytes);
		cs_insn *insn;
		if (cs_disasm(decoder, bytes, length, at, 1, &insn) != 1)
			die("%s is no instruction", code_place(at));
		/* Padding that is never executed. */
		more = insn->id != X86_INS_INT3 && insn->id != X86_INS_UD2;
		if (more) {
			add(list, insn);
			code_reach(list, target_of(insn), low, high);
		}
		more = more && !ends(insn);
		at += insn->size;
		cs_free(insn, 1);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct instruction *x = a, *y = b;
	return (x->address > y->address) - (x->address < y->address);
}

void code_sort(struct instructions *list)
{
	qsort(list->items, list->count, sizeof(*list->items), by_address);
}
