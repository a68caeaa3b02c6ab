// flags: -no-pie -Wl,-Ttext-segment=0x10000
// summary: a program linked at the lowest address that Linux allows
#include "abi.h"

int main(void)
{
	HOLDS((uintptr_t)main < 0x200000);
	return 0;
}
