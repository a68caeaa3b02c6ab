/*
 * Scripts: files that begin with "#!" and the path of the program to run them, on one line of at
 * most 255 bytes, with at most one argument (all that follows the path).
 *
 *     argv = {path of the interpreter, its argument if any, path of the script, argv[1], ...}
 *
 * An interpreter may be a script itself, up to five deep. As Linux: blanks around the parts are
 * dropped; a line that is too long is cut, which is an error only if it was cut within the path.
 */
#include <linux/binfmts.h>

#include "lib/errno.h"
#include "lib/string.h"
#include "proc/exec.h"

#define SCRIPT_DEPTH_MAX 5

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;
	return s;
}

static char *skip_word(char *s, const char *end)
{
	while (s < end && !is_blank(*s) && *s)
		s++;
	return s;
}

struct script_line {
	char bytes[BINPRM_BUF_SIZE + 1];
	const char *interpreter;
	const char *argument; /* NULL: none */
};

/* The end of the line, without trailing blanks; NULL if it was cut within the path. */
static char *line_end(char *begin, size_t n)
{
	char *limit = begin + n;
	char *end = begin;

	while (end < limit && *end != '\n' && *end != '\0')
		end++;
	if (end == limit && n == BINPRM_BUF_SIZE - 2) {
		char *path = skip_blanks(begin, end);
		if (skip_word(path, end) == end)
			return NULL;
	}
	while (end > begin && is_blank(end[-1]))
		end--;
	return end;
}

/* bytes holds n bytes of the file and begins with "#!". */
static int parse_line(struct script_line *l, size_t n)
{
	char *begin = l->bytes + 2;
	char *end = line_end(begin, n - 2);

	if (!end)
		return -ENOEXEC;
	/* No name: without an end of the line, what Linux finds behind the file's end makes it an empty one, for a directory. */
	bool whole_line = *skip_blanks(begin, begin + n - 2) == '\n';
	*end = '\0';
	char *path = skip_blanks(begin, end);
	if (path == end)
		return whole_line ? -ENOEXEC : -EACCES;
	char *rest = skip_word(path, end);
	char *argument = skip_blanks(rest, end);
	*rest = '\0';
	l->interpreter = path;
	l->argument = argument < end ? argument : NULL;
	return 0;
}

/* 1: it is one; 0: it is none. */
static int read_line(struct file *f, struct script_line *l)
{
	ssize_t n = f->ops->read ? file_read_kernel(f, l->bytes, BINPRM_BUF_SIZE, 0) : 0;

	if (n < 0)
		return n;
	if (n < 2 || l->bytes[0] != '#' || l->bytes[1] != '!')
		return 0;
	l->bytes[n] = '\0';
	int err = parse_line(l, n);
	return err ? err : 1;
}

static int use_interpreter(struct exec_request *r, const struct script_line *l, const char *script)
{
	const char *strings[3] = {l->interpreter};
	u32 count = 1;
	struct file *f;

	if (l->argument)
		strings[count++] = l->argument;
	strings[count++] = script;
	int err = args_replace_first(&r->args, strings, count);
	if (!err)
		err = exec_open(l->interpreter, &f);
	if (err)
		return err;
	exec_file_put(r->file);
	r->file = f;
	return 0;
}

int script_resolve(struct exec_request *r)
{
	/* The name of each level's script lies in the line of the level above. */
	struct script_line lines[2];
	const char *script = r->path;
	bool path_goes = r->path_goes;

	for (u32 depth = 0;; depth++) {
		struct script_line *l = &lines[depth % 2];
		int is_script = read_line(r->file, l);
		if (is_script <= 0)
			return is_script;
		if (path_goes)
			return -ENOENT;
		if (depth == SCRIPT_DEPTH_MAX)
			return -ELOOP;
		int err = use_interpreter(r, l, script);
		if (err)
			return err;
		script = l->interpreter;
	}
}
