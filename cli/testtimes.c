/* How long tests took the last time.  All of it is advice: without the file everything still works. */
#include "testtimes.h"

#include <stdlib.h>

static char *testtimes_path(const char *folder)
{
	return text_format("%s/times.json", folder);
}

void testtimes_load(struct testtimes *times, const char *folder)
{
	char *path = testtimes_path(folder);
	times->seconds = json_load_file(path, 0, NULL);
	if (!json_is_object(times->seconds)) {
		json_decref(times->seconds);
		times->seconds = json_object();
	}
	free(path);
}

double testtimes_find(const struct testtimes *times, const struct testcase *test)
{
	const json_t *value = json_object_get(times->seconds, test->full_name);
	return json_is_number(value) ? json_number_value(value) : test->timeout / 10;
}

void testtimes_update(struct testtimes *times, const struct testcase_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].result != RESULT_NONE && list->items[i].repeat == 0)
			json_object_set_new(times->seconds, list->items[i].full_name,
				json_real(list->items[i].seconds));
}

void testtimes_save(const struct testtimes *times, const char *folder)
{
	char *path = testtimes_path(folder);
	json_dump_file(
		times->seconds, path, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(4));
	free(path);
}

void testtimes_free(struct testtimes *times)
{
	json_decref(times->seconds);
}
