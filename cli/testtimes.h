/* How long tests took the last time, so that the longest can start first. */
#ifndef CLI_TESTTIMES_H
#define CLI_TESTTIMES_H

#include <jansson.h>

#include "testcase.h"

struct testtimes {
	json_t *seconds;
};

void testtimes_load(struct testtimes *times, const char *folder);
/* Seconds, or 1 for a test that never ran. */
double testtimes_find(const struct testtimes *times, const char *name);
void testtimes_update(struct testtimes *times, const struct testcase_list *list);
void testtimes_save(const struct testtimes *times, const char *folder);
void testtimes_free(struct testtimes *times);

#endif
