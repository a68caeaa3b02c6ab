/* Calls about a file's attributes: mode, owner, times, length, and the extended ones. */
#include "paths.h"

static const char attribute[] = "user.one";

static void open_file(void)
{
	make_file();
	fd = must(SYS_open, file, O_RDWR);
}

static void make_attribute(void)
{
	open_file();
	must(SYS_fsetxattr, fd, attribute, value, 20, 0);
}

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
