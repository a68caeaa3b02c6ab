/* The way out uses GS once more after SWAPGS. */
#define SWAPGS_EARLY
#include "classic.inc"
