/*
 * `int n` for all n.
 *
 * Hazards C2, C5, C13: only the gates of #BP and #OF are open to ring 3; every other one is a
 * #GP.  The gate of a real exception with an error code, reached by `int`, would shift the
 * frame by a word.
 */
#include "hostile.h"

extern const char vector_code[];

static void vector_int(const struct hostile_case *c)
{
	void (*code)(void) = (void (*)(void))(vector_code + 8 * c->a);
	__asm__ volatile("call *%0" : : "r"(code), "a"(1000) : "memory");
	say("int 0x%02lx returned\n", c->a);
}

void vector_cases(void)
{
	for (unsigned int n = 0; n < 256; n++)
		case_add(DIES, vector_int, n, 0, "int.%02x", n);
}
