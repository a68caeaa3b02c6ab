/* How long tests took the last time, so that the longest can start first. */
#ifndef CLI_TESTTIMES_H
#define CLI_TESTTIMES_H

#include <jansson.h>

#include "testcase.h"

struct testtimes {
	json_t *seconds;
};

void testtimes_load(struct testtimes *times, const char *folder);
/* Seconds; for a test that never ran a guess: limits are some ten times what is usual. */
double testtimes_find(const struct testtimes *times, const struct testcase *test);
void testtimes_update(struct testtimes *times, const struct testcase_list *list);
void testtimes_save(const struct testtimes *times, const char *folder);
void testtimes_free(struct testtimes *times);

#endif
