/*
 * The C library's string functions that the kernel uses (GCC also emits calls to the first four), with the
 * C library's meaning. On x86-64 mem* use 8-byte strings: see arch/x86_64/cpu/string.S for why.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *find);

/* Copies at most size-1 bytes and always ends with NUL; true if everything fitted. */
bool string_copy(char *to, const char *from, size_t size);
/* True if s matches the glob (only * and ? are special). */
bool string_glob(const char *glob, const char *s);
/* Decimal, 0x hex; false unless all of s is a number that fits. */
bool string_to_u64(const char *s, u64 *out);

#endif
