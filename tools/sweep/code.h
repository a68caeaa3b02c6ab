/* The kernel's ELF file: symbols, and the instructions that control flow can reach from given places. */
#ifndef SWEEP_CODE_H
#define SWEEP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instruction {
	uint64_t address;
	char text[64];
};

struct instructions {
	struct instruction *items;
	size_t count;
};

void code_open(const char *path);

/* Ends the program when there is none, unless it is optional: then 0. */
uint64_t code_symbol(const char *name);
uint64_t code_symbol_optional(const char *name);
/* Where the function ends. */
uint64_t code_symbol_end(const char *name);

/* "symbol+0x12" of the nearest symbol at or before the address. */
const char *code_place(uint64_t address);

/*
 * Appends what is reached from `at` by jumps and fall-through (a call comes back) within [low, high), in no order, and
 * without what is there already.
 */
void code_reach(struct instructions *list, uint64_t at, uint64_t low, uint64_t high);

/* Sorts by address. */
void code_sort(struct instructions *list);

#endif
