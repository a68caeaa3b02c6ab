/* The kernel's log, as it comes from the serial port. */
#ifndef CLI_KLOG_H
#define CLI_KLOG_H

#include <stddef.h>

struct klog {
	/* The end of the log, at most KLOG_KEEP bytes of it. */
	char *data;
	size_t length;
};

void klog_add(struct klog *log, const char *data, size_t length);
void klog_free(struct klog *log);

/* The text of the last "airlock-fatal: " line, which the caller owns, or NULL. */
char *klog_fatal(const struct klog *log);

/*
 * Writes the log to a new file in the folder for temporary files.  The file's name, which the caller
 * owns, or NULL when there is no log or no place for it.
 */
char *klog_save(const struct klog *log);

#endif
