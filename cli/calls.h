/* The kernel's table of system calls, as the host reads it in traces. */
#ifndef CLI_CALLS_H
#define CLI_CALLS_H

#include <stddef.h>
#include <stdint.h>

/* "read"; NULL if there is no such call. */
const char *calls_name(uint32_t number);

/* The arguments as text, each as the table's type for it says: "1, 0x7ffc0010, 12". */
void calls_arguments(uint32_t number, const uint64_t args[6], char *text, size_t size);

/* "12", "0x7f0000001000", "-ENOENT". */
void calls_result(uint32_t number, int64_t result, char *text, size_t size);

#endif
