/* What a dynamically linked ELF file needs of others. */
#ifndef CLI_ELF_NEEDS_H
#define CLI_ELF_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct elf_needs {
	/* The dynamic linker it asks for, or NULL. */
	char *interpreter;
	/* DT_NEEDED, in order. */
	struct text_list libraries;
	/* DT_RPATH and DT_RUNPATH as they stand in the file, or NULL. */
	char *rpath;
	char *runpath;
	/* It calls what makes glibc load libgcc_s.so.1, which nothing names; or it may, as far as can be seen. */
	bool unwinder;
	/* The same for the files of the locale that the environment names. */
	bool locale;
};

/* False, with nothing in `needs`, for anything but an ELF file for x86-64 that could be read. */
bool elf_needs_read(const char *data, size_t size, struct elf_needs *needs);
void elf_needs_free(struct elf_needs *needs);

#endif
