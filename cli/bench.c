#include "bench.h"
#include "message.h"
int bench_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return message_fail(STATUS_AIRLOCK, "not yet");
}
