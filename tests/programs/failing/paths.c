/* Calls about names: in the folder, /proc and the archive. */
#include "failing.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HERE AT_FDCWD
static const char file[] = FOLDER "/file", other[] = FOLDER "/other", folder[] = FOLDER "/folder",
		  link_name[] = FOLDER "/link", fifo[] = FOLDER "/fifo";
static const char attribute[] = "user.one";
static char value[300];
static long fd;

/* In memory, Linux's file system says ENOSPC when there is none for a node. */
#define MAKES                  \
	{                      \
		ENOMEM, ENOSPC \
	}

static void make_file(void)
{
	long f = must(SYS_open, file, O_RDWR | O_CREAT, 0644);

	must(SYS_write, f, value, sizeof(value));
	must(SYS_close, f);
}

static void make_folder(void)
{
	must(SYS_mkdir, folder, 0755);
}

static void make_link(void)
{
	make_file();
	must(SYS_symlink, file, link_name);
}

static void make_fifo(void)
{
	must(SYS_mknod, fifo, S_IFIFO | 0666, 0);
}

static void open_file(void)
{
	make_file();
	fd = must(SYS_open, file, O_RDWR);
}

static void open_folder(void)
{
	make_folder();
	fd = must(SYS_open, folder, O_RDONLY | O_DIRECTORY);
}

static void make_attribute(void)
{
	open_file();
	must(SYS_fsetxattr, fd, attribute, value, 20, 0);
}

static void shut(long result)
{
	must(SYS_close, result);
}

static void unlink_other(long result)
{
	(void)result;
	must(SYS_unlink, other);
}

static void shut_and_unlink(long result)
{
	shut(result);
	unlink_other(result);
}

static void remake_file(long result)
{
	(void)result;
	make_file();
}

static void remove_folder(long result)
{
	(void)result;
	must(SYS_rmdir, folder);
}

static void remake_folder(long result)
{
	(void)result;
	make_folder();
}

static void rename_back(long result)
{
	(void)result;
	must(SYS_rename, other, file);
}

/* -- opening -- */

WAY(open, file, .prepare = make_file, .undo = shut)
{
	return kernel(SYS_open, file, O_RDONLY);
}
WAY(open, create, .undo = shut_and_unlink, .errors = MAKES)
{
	return kernel(SYS_open, other, O_RDWR | O_CREAT, 0600);
}
WAY(open, truncate, .prepare = make_file, .undo = shut)
{
	return kernel(SYS_open, file, O_RDWR | O_TRUNC);
}
WAY(open, symlink, .prepare = make_link, .undo = shut)
{
	return kernel(SYS_open, link_name, O_RDONLY);
}
WAY(open, fifo, .prepare = make_fifo, .undo = shut)
{
	return kernel(SYS_open, fifo, O_RDWR | O_NONBLOCK);
}
WAY(open, folder, .undo = shut)
{
	return kernel(SYS_open, "/", O_RDONLY | O_DIRECTORY);
}
WAY(open, archive, .undo = shut)
{
	return kernel(SYS_open, "/proc/self/exe", O_RDONLY);
}
WAY(open, proc, .undo = shut)
{
	return kernel(SYS_open, "/proc/self/status", O_RDONLY);
}
WAY(open, proc_descriptor, .undo = shut)
{
	return kernel(SYS_open, "/proc/self/fd/1", O_WRONLY);
}
WAY(open, proc_folder, .undo = shut)
{
	return kernel(SYS_open, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
}
WAY(open, device, .undo = shut)
{
	return kernel(SYS_open, "/dev/zero", O_RDONLY);
}
WAY(open, path, .prepare = make_file, .undo = shut)
{
	return kernel(SYS_open, file, O_PATH);
}
WAY(openat, relative, .prepare = open_folder, .undo = shut)
{
	return kernel(SYS_openat, fd, "../folder", O_RDONLY);
}
WAY(openat, exclusive, .undo = shut_and_unlink, .errors = MAKES)
{
	return kernel(SYS_openat, HERE, other, O_RDWR | O_CREAT | O_EXCL, 0600);
}
WAY(openat, nameless, .undo = shut, .errors = MAKES)
{
	return kernel(SYS_openat, HERE, FOLDER, O_RDWR | O_TMPFILE, 0600);
}
WAY(creat, plain, .undo = shut_and_unlink, .errors = MAKES)
{
	return kernel(SYS_creat, other, 0600);
}
/* Inside many folders, so that the place has a long name. */
WAY(open, dots, .prepare = make_folder, .undo = shut)
{
	return kernel(SYS_open, FOLDER "/folder/../folder/./../folder/../folder", O_RDONLY);
}

/* -- what there is -- */

WAY(stat, plain, .prepare = make_link)
{
	return kernel(SYS_stat, link_name, buffer);
}
WAY(lstat, plain, .prepare = make_link)
{
	return kernel(SYS_lstat, link_name, buffer);
}
WAY(stat, proc)
{
	return kernel(SYS_stat, "/proc/self/fd/0", buffer);
}
WAY(newfstatat, plain, .prepare = make_link)
{
	return kernel(SYS_newfstatat, HERE, link_name, buffer, 0);
}
WAY(statx, plain, .prepare = make_link)
{
	return kernel(SYS_statx, HERE, link_name, 0, STATX_BASIC_STATS, buffer);
}
WAY(statfs, plain)
{
	return kernel(SYS_statfs, "/", buffer);
}
WAY(access, plain, .prepare = make_file)
{
	return kernel(SYS_access, file, R_OK);
}
WAY(faccessat, plain, .prepare = make_file)
{
	return kernel(SYS_faccessat, HERE, file, R_OK);
}
WAY(faccessat2, plain, .prepare = make_file)
{
	return kernel(SYS_faccessat2, HERE, file, W_OK, AT_EACCESS);
}
WAY(readlink, plain, .prepare = make_link)
{
	return kernel(SYS_readlink, link_name, buffer, 100);
}
WAY(readlink, exe)
{
	return kernel(SYS_readlink, "/proc/self/exe", buffer, 100);
}
WAY(readlinkat, proc_descriptor)
{
	return kernel(SYS_readlinkat, HERE, "/proc/self/fd/1", buffer, 100);
}
WAY(getcwd, plain)
{
	return kernel(SYS_getcwd, buffer, 1000);
}

/* -- changing -- */

WAY(mkdir, plain, .undo = remove_folder, .errors = MAKES)
{
	return kernel(SYS_mkdir, folder, 0755);
}
WAY(mkdirat, plain, .undo = remove_folder, .errors = MAKES)
{
	return kernel(SYS_mkdirat, HERE, folder, 0755);
}
WAY(rmdir, plain, .prepare = make_folder, .undo = remake_folder)
{
	return kernel(SYS_rmdir, folder);
}
WAY(unlink, plain, .prepare = make_file, .undo = remake_file)
{
	return kernel(SYS_unlink, file);
}
WAY(unlinkat, plain, .prepare = make_file, .undo = remake_file)
{
	return kernel(SYS_unlinkat, HERE, file, 0);
}
WAY(unlinkat, folder, .prepare = make_folder, .undo = remake_folder)
{
	return kernel(SYS_unlinkat, HERE, folder, AT_REMOVEDIR);
}
WAY(mknod, fifo, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_mknod, other, S_IFIFO | 0600, 0);
}
WAY(mknod, file, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_mknod, other, S_IFREG | 0600, 0);
}
WAY(mknodat, device, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_mknodat, HERE, other, S_IFCHR | 0600, 0x103);
}
WAY(symlink, plain, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_symlink, file, other);
}
WAY(symlinkat, plain, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_symlinkat, file, HERE, other);
}
WAY(link, plain, .prepare = make_file, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_link, file, other);
}
WAY(linkat, plain, .prepare = make_file, .undo = unlink_other, .errors = MAKES)
{
	return kernel(SYS_linkat, HERE, file, HERE, other, 0);
}
WAY(rename, plain, .prepare = make_file, .undo = rename_back)
{
	return kernel(SYS_rename, file, other);
}
WAY(renameat, plain, .prepare = make_file, .undo = rename_back)
{
	return kernel(SYS_renameat, HERE, file, HERE, other);
}
WAY(renameat2, noreplace, .prepare = make_file, .undo = rename_back)
{
	return kernel(SYS_renameat2, HERE, file, HERE, other, 1);
}

static void make_two(void)
{
	make_file();
	must(SYS_close, must(SYS_creat, other, 0600));
}

static void remake_two(long result)
{
	(void)result;
	must(SYS_rename, other, file);
	must(SYS_close, must(SYS_creat, other, 0600));
}

WAY(rename, over, .prepare = make_two, .undo = remake_two)
{
	return kernel(SYS_rename, file, other);
}

static void swap_back(long result)
{
	(void)result;
	must(SYS_renameat2, HERE, file, HERE, other, 2);
}

WAY(renameat2, exchange, .prepare = make_two, .undo = swap_back)
{
	return kernel(SYS_renameat2, HERE, file, HERE, other, 2);
}

/* -- attributes -- */

WAY(chmod, plain, .prepare = make_file)
{
	return kernel(SYS_chmod, file, 0644);
}
WAY(fchmodat, plain, .prepare = make_file)
{
	return kernel(SYS_fchmodat, HERE, file, 0644);
}
WAY(fchmod, plain, .prepare = open_file)
{
	return kernel(SYS_fchmod, fd, 0644);
}
WAY(chown, plain, .prepare = make_file)
{
	return kernel(SYS_chown, file, 0, 0);
}
WAY(lchown, plain, .prepare = make_link)
{
	return kernel(SYS_lchown, link_name, 0, 0);
}
WAY(fchown, plain, .prepare = open_file)
{
	return kernel(SYS_fchown, fd, 0, 0);
}
WAY(fchownat, plain, .prepare = make_file)
{
	return kernel(SYS_fchownat, HERE, file, 0, 0, 0);
}
WAY(utime, plain, .prepare = make_file)
{
	return kernel(SYS_utime, file, NULL);
}
WAY(utimes, plain, .prepare = make_file)
{
	return kernel(SYS_utimes, file, NULL);
}
WAY(futimesat, plain, .prepare = make_file)
{
	return kernel(SYS_futimesat, HERE, file, NULL);
}
WAY(utimensat, plain, .prepare = make_file)
{
	return kernel(SYS_utimensat, HERE, file, NULL, 0);
}
WAY(truncate, shorter, .prepare = make_file, .undo = remake_file)
{
	return kernel(SYS_truncate, file, 10);
}

/* -- extended attributes -- */

static void forget(long result)
{
	(void)result;
	must(SYS_fremovexattr, fd, attribute);
}

static void remember(long result)
{
	(void)result;
	must(SYS_fsetxattr, fd, attribute, value, 20, 0);
}

#define ATTRIBUTE_ERRORS       \
	{                      \
		ENOMEM, ENOSPC \
	}

WAY(setxattr, plain, .prepare = open_file, .undo = forget, .errors = ATTRIBUTE_ERRORS)
{
	return kernel(SYS_setxattr, file, attribute, value, sizeof(value), 0);
}
WAY(lsetxattr, plain, .prepare = open_file, .undo = forget, .errors = ATTRIBUTE_ERRORS)
{
	return kernel(SYS_lsetxattr, file, attribute, value, 20, 0);
}
WAY(fsetxattr, plain, .prepare = open_file, .undo = forget, .errors = ATTRIBUTE_ERRORS)
{
	return kernel(SYS_fsetxattr, fd, attribute, value, 20, 0);
}
WAY(fsetxattr, replace, .prepare = make_attribute, .errors = ATTRIBUTE_ERRORS)
{
	return kernel(SYS_fsetxattr, fd, attribute, value, 40, 0);
}
WAY(getxattr, plain, .prepare = make_attribute)
{
	return kernel(SYS_getxattr, file, attribute, buffer, 100);
}
WAY(lgetxattr, plain, .prepare = make_attribute)
{
	return kernel(SYS_lgetxattr, file, attribute, buffer, 100);
}
WAY(fgetxattr, plain, .prepare = make_attribute)
{
	return kernel(SYS_fgetxattr, fd, attribute, buffer, 100);
}
WAY(listxattr, plain, .prepare = make_attribute)
{
	return kernel(SYS_listxattr, file, buffer, 100);
}
WAY(llistxattr, plain, .prepare = make_attribute)
{
	return kernel(SYS_llistxattr, file, buffer, 100);
}
WAY(flistxattr, plain, .prepare = make_attribute)
{
	return kernel(SYS_flistxattr, fd, buffer, 100);
}
WAY(removexattr, plain, .prepare = make_attribute, .undo = remember)
{
	return kernel(SYS_removexattr, file, attribute);
}
WAY(lremovexattr, plain, .prepare = make_attribute, .undo = remember)
{
	return kernel(SYS_lremovexattr, file, attribute);
}
WAY(fremovexattr, plain, .prepare = make_attribute, .undo = remember)
{
	return kernel(SYS_fremovexattr, fd, attribute);
}

/* -- where a process is -- */

static void go_back(long result)
{
	(void)result;
	must(SYS_chdir, "/");
}

WAY(chdir, plain, .undo = go_back)
{
	return kernel(SYS_chdir, FOLDER);
}
WAY(fchdir, plain, .prepare = open_folder, .undo = go_back)
{
	return kernel(SYS_fchdir, fd);
}
WAY(chroot, plain)
{
	return kernel(SYS_chroot, "/");
}
