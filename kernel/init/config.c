#include "init/config.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

/* A record's value, if its key is the given one. */
static char *value_of(char *record, const char *key)
{
	size_t n = strlen(key);
	return strncmp(record, key, n) == 0 && record[n] == '=' ? record + n + 1 : NULL;
}

#define FOR_EACH_RECORD(r, bytes, size) \
	for (char *r = (bytes); r < (bytes) + (size); r += strlen(r) + 1)

static u32 count_programs(char *bytes, size_t size, u32 *strings)
{
	u32 programs = 0;
	*strings = 0;
	FOR_EACH_RECORD(r, bytes, size)
	{
		programs += value_of(r, "program") != NULL;
		*strings += value_of(r, "arg") || value_of(r, "env") || value_of(r, "volume");
	}
	return programs;
}

static bool take_number(const char *text, u32 *out)
{
	u64 v;
	if (!string_to_u64(text, &v) || v > UINT32_MAX - 1)
		return false;
	*out = (u32)v;
	return true;
}

/* Everything but the strings of argv and envp. False: a value that makes no sense. */
static bool take_scalar(struct program_config *p, char *record)
{
	char *v;
	if ((v = value_of(record, "cwd"))) {
		p->cwd = v;
		return v[0] == '/';
	}
	if ((v = value_of(record, "uid")))
		return take_number(v, &p->uid);
	if ((v = value_of(record, "gid")))
		return take_number(v, &p->gid);
	if ((v = value_of(record, "rows")))
		return take_number(v, &p->rows);
	if ((v = value_of(record, "columns")))
		return take_number(v, &p->columns);
	if ((v = value_of(record, "times")))
		return take_number(v, &p->times) && p->times > 0;
	if ((v = value_of(record, "tty"))) {
		p->tty = !strcmp(v, "1");
		return true;
	}
	return false;
}

/* The strings of one key between two places, and a NULL; returns where the next list begins. */
static char **take_strings(char *from, char *to, const char *key, char **list, u32 *count)
{
	*count = 0;
	FOR_EACH_RECORD(r, from, (size_t)(to - from))
	{
		char *v = value_of(r, key);
		if (v)
			list[(*count)++] = v;
	}
	list[*count] = NULL;
	return list + *count + 1;
}

static char *section_end(char *from, char *end)
{
	for (char *r = from + strlen(from) + 1; r < end; r += strlen(r) + 1)
		if (value_of(r, "program"))
			return r;
	return end;
}

static int take_program(
	struct program_config *p, char *from, char *to, char ***strings, const char **why)
{
	*p = (struct program_config){.path = value_of(from, "program"), .cwd = "/", .times = 1};
	p->argv = *strings;
	*strings = take_strings(from, to, "arg", *strings, &p->argc);
	p->envp = *strings;
	*strings = take_strings(from, to, "env", *strings, &p->envc);
	p->volumes = *strings;
	*strings = take_strings(from, to, "volume", *strings, &p->volume_count);
	if (p->path[0] != '/' || p->argc == 0) {
		*why = "a program without an absolute path or without arguments";
		return -EINVAL;
	}
	for (char *r = from + strlen(from) + 1; r < to; r += strlen(r) + 1) {
		if (value_of(r, "arg") || value_of(r, "env") || value_of(r, "volume") ||
			take_scalar(p, r))
			continue;
		*why = "a record that makes no sense";
		return -EINVAL;
	}
	return 0;
}

int config_decode(char *bytes, size_t size, struct config *out, const char **why)
{
	*out = (struct config){0};
	if (size == 0 || bytes[size - 1] != '\0' || !value_of(bytes, "program")) {
		*why = "it must begin with a program and end with NUL";
		return -EINVAL;
	}
	u32 strings;
	u32 programs = count_programs(bytes, size, &strings);
	out->program = kzalloc(programs * sizeof(*out->program));
	out->strings = kzalloc((strings + 3UL * programs) * sizeof(char *));
	int err = out->program && out->strings ? 0 : -ENOMEM;
	char **next = out->strings;
	for (char *from = bytes, *to; !err && from < bytes + size; from = to) {
		to = section_end(from, bytes + size);
		err = take_program(&out->program[out->count++], from, to, &next, why);
	}
	if (err)
		config_free(out);
	return err;
}

void config_free(struct config *c)
{
	kfree(c->program);
	kfree(c->strings);
	*c = (struct config){0};
}
