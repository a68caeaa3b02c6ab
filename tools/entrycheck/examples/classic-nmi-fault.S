/* The NMI's C code looks at the program's memory (for a profile, say): the IRET of a page fault there ends the blocking of NMIs. */
#include "classic.inc"
