/*
 * The program under check: an ELF file's code, symbols and notes, and its instructions decoded once.
 */
#ifndef ENTRYCHECK_IMAGE_H
#define ENTRYCHECK_IMAGE_H

#include <capstone/capstone.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	const char *name;
	uint64_t address, size;
	bool is_function;
};

/* A STATE line: what the source claims of the instruction at address. */
struct state_note {
	uint64_t address;
	const char *text;
};

struct contract_note {
	const char *function, *text;
};

struct section {
	const char *name;
	uint64_t address, size;
	const uint8_t *bytes; /* NULL: none (.bss) */
	bool executable;
};

struct image {
	const char *path;
	struct section *sections;
	size_t section_count;
	struct symbol *symbols; /* sorted by address */
	size_t symbol_count;
	struct state_note *states;
	size_t state_count;
	struct contract_note *contracts;
	size_t contract_count;
	uint64_t text_start, text_end; /* the crossing's own code */
	csh capstone;
	cs_insn **cache; /* by address - text_start */
	void *elf;
	int fd;
};

/* Opens an executable or an object file; text is the name of the section that is checked. False, with a message on
 * standard error, if it can't be read. */
bool image_open(struct image *im, const char *path, const char *text);
void image_close(struct image *im);

const struct symbol *image_symbol(const struct image *im, const char *name);
/* The function symbol that covers the address, or the nearest label at or below it in the checked text. */
const struct symbol *image_symbol_at(const struct image *im, uint64_t address);
/* "symbol+0x12" in a static buffer (four take turns). */
const char *image_where(const struct image *im, uint64_t address);

/* The instruction, or NULL if the bytes are none. In the checked text they are cached; elsewhere the caller frees with
 * cs_free(i, 1). */
const cs_insn *image_instruction(struct image *im, uint64_t address);
cs_insn *image_decode(struct image *im, uint64_t address);
/* The byte at an address of the loaded image, or -1. */
int image_byte(const struct image *im, uint64_t address);
bool image_in_text(const struct image *im, uint64_t address);

#endif
