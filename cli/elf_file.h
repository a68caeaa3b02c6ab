/* What the command needs to know of ELF files: programs before they run, and kernel images. */
#ifndef CLI_ELF_FILE_H
#define CLI_ELF_FILE_H

#include <stddef.h>

/*
 * Whether Airlock can run these bytes as a program.  0, or an exit status after one line that names
 * the program as `name` and says what is wrong with it.
 */
int elf_file_check_program(const char *name, const void *data, size_t size);

/* Whether a file may be a kernel for the VM. 0, or an exit status after one line. */
int elf_file_check_kernel(const char *path);

/*
 * The bytes of an image that are loaded from the file: text, read-only data and data.
 * 0, or an exit status after one line.
 */
int elf_file_loaded_size(const char *path, size_t *size);

/*
 * Calls `visit` with the name of each object that lies between the symbols `start` and `end` of the
 * file: the members of a linker set. 0, or an exit status after one line.
 */
int elf_file_linker_set(const char *path, const char *start, const char *end,
	void (*visit)(const char *name, void *context), void *context);

#endif
