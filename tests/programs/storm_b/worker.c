/* The storm worker whose contents are "b"; at the same addresses as storm_a. */
#define STORM_VARIANT 'b'
#define STORM_TEXT "storm_b has quite another text in this place."
#include "../storm.inc"
