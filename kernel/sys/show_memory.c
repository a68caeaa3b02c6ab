/* Memory of the program as text: bytes, strings, vectors. */
#include <linux/uio.h>

#include "arch/ucopy.h"
#include "sys/show.h"

/* As much as strace shows of a buffer; of a path, all that fits. */
#define BYTES_SHOWN 32UL
#define PATH_SHOWN 255UL
#define STRINGS_SHOWN 8
#define VECTORS_SHOWN 4

static void put_byte(struct show *s, u8 c, u8 next)
{
	static const char escapes[] = "abtnvfr";

	if (c == '"' || c == '\\')
		show_put(s, "\\%c", c);
	else if (c >= 7 && c <= 13)
		show_put(s, "\\%c", escapes[c - 7]);
	else if (c >= 0x20 && c < 0x7f)
		show_put(s, "%c", c);
	else if (next >= '0' && next <= '9')
		show_put(s, "\\%03o", c);
	else
		show_put(s, "\\%o", c);
}

static void put_bytes(struct show *s, const u8 *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_byte(s, bytes[i], i + 1 < n ? bytes[i + 1] : 0);
}

void show_quoted(struct show *s, uaddr_t from, size_t n, size_t most)
{
	u8 bytes[BYTES_SHOWN];
	size_t shown = MIN(MIN(n, most), sizeof(bytes));

	if (n && !show_copy(s, from, bytes, shown))
		return;
	show_put(s, "\"");
	put_bytes(s, bytes, shown);
	show_put(s, n > shown ? "\"..." : "\"");
}

static void put_string(struct show *s, uaddr_t from)
{
	char text[PATH_SHOWN + 1];
	ssize_t n = from ? copy_string_from_user(text, from, sizeof(text)) : -1;
	size_t got;

	if (n < 0) {
		/* Too long, or it ends at a page that is not there. */
		got = from ? copy_from_user_partial(text, from, PATH_SHOWN) : 0;
		if (got < PATH_SHOWN) {
			show_put(s, from ? "%#lx" : "NULL", from);
			return;
		}
		n = (ssize_t)got;
	}
	show_put(s, "\"");
	put_bytes(s, (const u8 *)text, (size_t)n);
	show_put(s, n == (ssize_t)PATH_SHOWN ? "\"..." : "\"");
}

void show_string(struct show *s, enum arg_type type)
{
	put_string(s, s->args[s->index]);
}

void show_bytes(struct show *s, enum arg_type type)
{
	show_quoted(s, s->args[s->index], s->args[s->index + 1], BYTES_SHOWN);
}

void show_bytes_out(struct show *s, enum arg_type type)
{
	if (s->result < 0)
		show_address(s, type);
	else
		show_quoted(s, s->args[s->index], (size_t)s->result, BYTES_SHOWN);
}

void show_strings(struct show *s, enum arg_type type)
{
	uaddr_t at = s->args[s->index], string;

	if (!at) {
		show_put(s, "NULL");
		return;
	}
	show_put(s, "[");
	for (u32 i = 0;; i++, at += sizeof(string)) {
		if (get_user_u64(&string, at) || !string)
			break;
		show_put(s, "%s", i ? ", " : "");
		if (i == STRINGS_SHOWN) {
			show_put(s, "...");
			break;
		}
		put_string(s, string);
	}
	show_put(s, "]");
}

void show_environment(struct show *s, enum arg_type type)
{
	uaddr_t at = s->args[s->index], string;
	u32 count = 0;

	show_address(s, type);
	while (at && count < 10000 && !get_user_u64(&string, at) && string) {
		count++;
		at += sizeof(string);
	}
	if (s->args[s->index])
		show_put(s, " /* %u vars */", count);
}

void show_vector(struct show *s, enum arg_type type)
{
	uaddr_t at = s->args[s->index];
	u64 count = s->args[s->index + 1];
	struct iovec v;

	show_put(s, "[");
	for (u32 i = 0; i < count; i++, at += sizeof(v)) {
		show_put(s, "%s", i ? ", " : "");
		if (i == VECTORS_SHOWN) {
			show_put(s, "...");
			break;
		}
		if (!show_copy(s, at, &v, sizeof(v)))
			break;
		show_put(s, "{iov_base=");
		show_quoted(s, (uaddr_t)v.iov_base, v.iov_len, BYTES_SHOWN);
		show_put(s, ", iov_len=%lu}", (u64)v.iov_len);
	}
	show_put(s, "]");
}
