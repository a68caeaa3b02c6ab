/* Where the parts of a built Airlock are: found from the running command, so a tree can be moved. */
#include "paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

char *paths_self(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length < 0)
		exit(message_fail(STATUS_AIRLOCK, "/proc is not mounted on the host"));
	path[length] = '\0';
	return text_copy(path);
}

/* The folder `levels` above the command. */
static char *paths_above(int levels, const char *name)
{
	char *path = paths_self();
	while (levels-- > 0) {
		char *slash = strrchr(path, '/');
		if (slash)
			*slash = '\0';
	}
	char *result = text_format("%s%s%s", path, name[0] ? "/" : "", name);
	free(path);
	return result;
}

char *paths_build(const char *name)
{
	return paths_above(2, name);
}

char *paths_source(const char *name)
{
	return paths_above(3, name);
}
