/* Text that grows (proc/text.h). It belongs to one thread at a time: no locks. */
#include "proc/text.h"

#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"

char *proc_room(struct proc_text *t, size_t n)
{
	size_t size = MAX(t->size, 512UL);

	while (size - t->used < n)
		size *= 2;
	if (size > t->size) {
		char *data = t->failed ? NULL : kmalloc(size);
		if (!data) {
			t->failed = true;
			return NULL;
		}
		if (t->used)
			memcpy(data, t->data, t->used);
		kfree(t->data);
		t->data = data;
		t->size = size;
	}
	return t->data + t->used;
}

void proc_print(struct proc_text *t, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	int n = format_v(line, sizeof(line), format, args);
	va_end(args);
	size_t length = MIN((size_t)n, sizeof(line) - 1);
	char *to = proc_room(t, length);
	if (!to)
		return;
	memcpy(to, line, length);
	t->used += length;
}
