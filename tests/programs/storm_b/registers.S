/* The same as storm_a's. */
#include "../storm_a/registers.S"
