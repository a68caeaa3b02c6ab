/* The storm worker whose contents are "a". */
#define STORM_VARIANT 'a'
#define STORM_TEXT "This page belongs to storm_a."
#include "../storm.inc"
