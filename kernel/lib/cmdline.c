/*
 * The kernel's command line (lib/cmdline.h). It comes from outside and may be anything; words are cut to the caller's
 * buffer, never refused.
 */
#include "lib/cmdline.h"

#include "lib/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

bool cmdline_next(const char **line, char *word, size_t size)
{
	const char *p = *line;
	while (is_blank(*p))
		p++;
	const char *start = p;
	size_t n = 0;
	for (; *p && !is_blank(*p); p++)
		if (n + 1 < size)
			word[n++] = *p;
	word[n] = '\0';
	*line = p;
	return p > start;
}

bool cmdline_get(const char *line, const char *key, char *value, size_t size)
{
	char word[256];
	size_t length = strlen(key);
	bool found = false;
	while (cmdline_next(&line, word, sizeof(word))) {
		if (strncmp(word, key, length) != 0 ||
			(word[length] != '=' && word[length] != '\0'))
			continue;
		string_copy(value, word[length] ? word + length + 1 : "", size);
		found = true;
	}
	return found;
}
