// summary: atexit, buffered output and constructors run, and the status is the program's
#include "abi.h"

static void __attribute__((constructor)) first(void)
{
	puts("constructor");
}

static void __attribute__((destructor)) last(void)
{
	puts("destructor");
}

static void registered(void)
{
	puts("registered");
}

int main(void)
{
	atexit(registered);
	printf("buffered until the end");
	exit(0x100);
}
