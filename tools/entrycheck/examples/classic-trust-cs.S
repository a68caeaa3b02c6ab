/* The paranoid entry believes CS: an NMI that comes between SYSCALL and SWAPGS runs on the program's GS base. */
#define TRUST_CS
#include "classic.inc"
