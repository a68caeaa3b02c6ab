/* The classic entry code as it should be. */
#include "classic.inc"
