/* FSGSBASE is turned on, so programs may load any GS base, and its sign tells nothing any more. Not one instruction is different. */
#include "classic.inc"
