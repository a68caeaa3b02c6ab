/* What the command needs to know of ELF files: programs before they run, and kernel images. */
#ifndef CLI_ELF_FILE_H
#define CLI_ELF_FILE_H

#include <stddef.h>

/*
 * Whether Airlock can run these bytes as a program.  0, or an exit status after one line that names
 * the program as `name` and says what is wrong with it.
 */
int elf_file_check_program(const char *name, const void *data, size_t size);

/*
 * The bytes of an image that are loaded from the file: text, read-only data and data.
 * 0, or an exit status after one line.
 */
int elf_file_loaded_size(const char *path, size_t *size);

/*
 * Calls `visit` for each symbol of the file whose name starts with `prefix`, with the rest of its
 * name.  0, or an exit status after one line.
 */
int elf_file_symbols(const char *path, const char *prefix,
	void (*visit)(const char *rest, void *context), void *context);

#endif
