/* A fault of the IRETQ to ring 3 is treated as one of the kernel's own code. */
#define NO_BAD_IRET
#include "classic.inc"
