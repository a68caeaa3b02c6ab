/*
 * Links to descriptors. Linux has them in /proc/self/fd; until there is a /proc they are in /dev/fd, as on systems
 * without one, for the three standard descriptors.
 *
 * Opening one on Linux opens the file behind the descriptor again. A file of this layer is opened again here, too; of any
 * other (a terminal, a pipe) the open file itself is shared, which differs only in flags that are changed later.
 */
#include "fs/fdlink.h"

#include <asm/stat.h>

#include "fs/opened.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "proc/process.h"

#define FD_LINKS 3

static struct file *lookup(const struct inode *link)
{
	struct thread *t = current_thread();

	if (!t || !t->process)
		return NULL;
	/* The table stays while its process has a thread, and this is one. */
	return files_lookup(t->process->files, link->fd_link);
}

int fdlink_open(const struct inode *link, struct file **f, struct dentry **d)
{
	*f = lookup(link);
	*d = NULL;
	if (!*f)
		return -ENOENT;
	*d = opened_dentry(*f);
	if (*d) {
		/* Names are never freed while a program runs. */
		file_put(*f);
		*f = NULL;
	}
	return 0;
}

static ssize_t describe(struct file *f, char *out, size_t size)
{
	struct stat st;

	if (!f->ops->stat || f->ops->stat(f, &st))
		return format(out, size, "anon_inode:[file]");
	if ((st.st_mode & S_IFMT) == S_IFCHR)
		return format(out, size, "/dev/tty");
	const char *kind = (st.st_mode & S_IFMT) == S_IFSOCK ? "socket" : "pipe";
	return format(out, size, "%s:[%lu]", kind, st.st_ino);
}

ssize_t fdlink_read(const struct inode *link, char *out, size_t size)
{
	struct file *f = lookup(link);

	if (!f)
		return -ENOENT;
	const struct dentry *d = opened_dentry(f);
	ssize_t length;
	if (d) {
		int err = dentry_path(d, out, size);
		length = err ? err : (ssize_t)strlen(out);
	} else {
		length = describe(f, out, size);
	}
	file_put(f);
	return length;
}
