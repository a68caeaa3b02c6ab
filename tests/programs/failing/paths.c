/* Calls about names: in the folder, /proc and the archive. */
#include "paths.h"

#include <linux/stat.h>
#include <sys/stat.h>

static const char other[] = FOLDER "/other", folder[] = FOLDER "/folder", fifo[] = FOLDER "/fifo";

/* In memory, Linux's file system says ENOSPC when there is none for a node. */
#define MAKES                  \
	{                      \
		ENOMEM, ENOSPC \
	}

static void make_folder(void)
{
	must(SYS_mkdir, folder, 0755);
}

static void make_fifo(void)
{
	must(SYS_mknod, fifo, S_IFIFO | 0666, 0);
}

static void open_folder(void)
{
	make_folder();
	fd = must(SYS_open, folder, O_RDONLY | O_DIRECTORY);
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
