#include "test.h"
#include "message.h"
int test_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return message_fail(STATUS_AIRLOCK, "not yet");
}
