/* The interrupted CR3 is kept in one word of the CPU's: an NMI inside a machine check overwrites it. */
#define SAVED_IN_CPU
#include "classic.inc"
