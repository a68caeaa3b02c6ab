// flags: -no-pie -Wl,-Ttext-segment=0x50000000
// summary: a program linked at 0x50000000, as in the report
#include "abi.h"

static int data = 7;
static int zero[100000];

int main(void)
{
	HOLDS(((uintptr_t)main & ~0xfffffffUL) == 0x50000000);
	HOLDS(data == 7);
	for (int i = 0; i < 100000; i++)
		if (zero[i] != 0)
			printf("word %d is not zero\n", i);
	zero[99999] = 1;
	printf("%d\n", zero[99999] + data);
	return 0;
}
