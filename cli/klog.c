/* The kernel's log.  Only its end is kept: it is needed when the kernel failed, and there it says why. */
#include "klog.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* Twice as much is held before the older half goes. */
enum { KLOG_KEEP = 1 << 20 };

void klog_add(struct klog *log, const char *data, size_t length)
{
	static const size_t room = 2 * KLOG_KEEP;
	if (!log->data)
		log->data = text_alloc(room);
	if (length > KLOG_KEEP) {
		data += length - KLOG_KEEP;
		length = KLOG_KEEP;
	}
	if (log->length + length > room) {
		memmove(log->data, log->data + log->length - KLOG_KEEP, KLOG_KEEP);
		log->length = KLOG_KEEP;
	}
	memcpy(log->data + log->length, data, length);
	log->length += length;
}

void klog_free(struct klog *log)
{
	free(log->data);
	*log = (struct klog){0};
}

char *klog_fatal(const struct klog *log)
{
	static const char mark[] = "airlock-fatal: ";
	static const size_t mark_length = sizeof(mark) - 1;
	if (log->length == 0)
		return NULL;
	const char *found = NULL, *end = log->data + log->length;
	for (const char *line = log->data; line < end;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		if ((size_t)(next - line) > mark_length && memcmp(line, mark, mark_length) == 0)
			found = line + mark_length;
		line = next;
	}
	if (!found)
		return NULL;
	size_t length = 0;
	while (found + length < end && found[length] != '\n' && found[length] != '\r')
		length++;
	return text_format("%.*s", (int)length, found);
}

char *klog_save(const struct klog *log)
{
	const char *folder = getenv("TMPDIR");
	if (log->length == 0)
		return NULL;
	char *name = text_format("%s/airlock-log-XXXXXX", folder && folder[0] ? folder : "/tmp");
	int fd = mkstemp(name);
	if (fd < 0) {
		free(name);
		return NULL;
	}
	for (size_t done = 0; done < log->length;) {
		ssize_t written = write(fd, log->data + done, log->length - done);
		if (written <= 0)
			break;
		done += (size_t)written;
	}
	close(fd);
	return name;
}
