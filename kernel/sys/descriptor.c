/* Descriptors: closing, copying, flags, seeking, ioctl. */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "ipc/pipe.h"
#include "lib/errno.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sys/args.h"
#include "sys/lock.h"
#include "sys/sys.h"

/* What F_SETFL may change. */
#define STATUS_FLAGS (O_APPEND | O_NONBLOCK | O_NDELAY | FASYNC | O_DIRECT | O_NOATIME)

static struct files *own_files(void)
{
	return current_process()->files;
}

s64 install_file(struct file *f, bool cloexec)
{
	s64 fd = files_install(own_files(), f, 0, cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}

/* Two reserved numbers, copied out: 0 or -errno. */
static s64 reserve_pair(struct files *t, s32 fds[2], uaddr_t to, bool cloexec)
{
	fds[0] = files_reserve(t, cloexec);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = files_reserve(t, cloexec);
	s64 err = MIN(fds[1], 0);
	if (!err && copy_to_user(to, fds, 2 * sizeof(fds[0]))) {
		err = -EFAULT;
		files_unreserve(t, fds[1]);
	}
	if (err)
		files_unreserve(t, fds[0]);
	return err;
}

s64 install_pair(struct file *const files[2], uaddr_t to, bool cloexec)
{
	struct files *t = own_files();
	s32 fds[2];

	s64 err = reserve_pair(t, fds, to, cloexec);
	for (int i = 0; i < 2; i++)
		if (err)
			file_put(files[i]);
		else
			files_fill(t, fds[i], files[i]);
	return err;
}

s64 sys_close(u32 fd)
{
	return files_close(own_files(), fd);
}

s64 sys_close_range(u32 first, u32 last, u32 flags)
{
	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
		return -EINVAL;
	/* UNSHARE asks for a table of one's own: it is, as long as processes can't share one. */
	files_close_range(own_files(), first, last, flags & CLOSE_RANGE_CLOEXEC);
	return 0;
}

static s64 duplicate_from(u32 fd, u32 from, bool cloexec)
{
	struct file *f = arg_file_or_place(fd);

	if (!f)
		return -EBADF;
	s64 result = files_install(own_files(), f, from, cloexec);
	if (result < 0)
		file_put(f);
	return result;
}

static s64 duplicate_at(u32 fd, u32 to, bool cloexec)
{
	struct file *f = arg_file_or_place(fd);

	if (!f)
		return -EBADF;
	s64 result = files_install_at(own_files(), f, to, cloexec);
	if (result < 0)
		file_put(f);
	return result;
}

s64 sys_dup(u32 fd)
{
	return duplicate_from(fd, 0, false);
}

s64 sys_dup2(u32 fd, u32 to)
{
	/* The one difference to dup3: a descriptor onto itself is left alone, if it is open at all
	 * (hazard B32). */
	if (fd == to) {
		int err = files_get_cloexec(own_files(), fd);
		return err < 0 ? err : (s64)fd;
	}
	return duplicate_at(fd, to, false);
}

s64 sys_dup3(u32 fd, u32 to, u32 flags)
{
	if ((flags & ~O_CLOEXEC) || fd == to)
		return -EINVAL;
	return duplicate_at(fd, to, flags & O_CLOEXEC);
}

static u64 descriptor_limit(void)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	u64 limit = p->limits[RLIMIT_NOFILE].rlim_cur;
	spin_unlock(&p->lock);
	return limit;
}

static s64 fcntl_duplicate(u32 fd, u64 from, bool cloexec)
{
	if ((u32)from >= descriptor_limit())
		return -EINVAL;
	return duplicate_from(fd, (u32)from, cloexec);
}

static s64 fcntl_set_flags(struct file *f, u32 flags)
{
	u32 old = atomic32_load_relaxed(&f->flags);

	/* Of a pipe it means packets. */
	if ((flags & O_DIRECT) && !f->ops->direct && !pipe_of(f))
		return -EINVAL;
	while (!atomic32_compare_exchange(
		&f->flags, &old, (old & ~STATUS_FLAGS) | (flags & STATUS_FLAGS)))
		continue;
	return 0;
}

static s64 fcntl_pipe_size(struct file *f, u32 command, u64 argument)
{
	struct pipe *p = pipe_of(f);

	if (!p)
		return -EBADF;
	if (command == F_GETPIPE_SZ)
		return (s64)pipe_capacity(p);
	return pipe_set_capacity(p, (u32)argument, capable(CAP_SYS_RESOURCE));
}

/* Whom to tell that the file is ready. Kept and given back; no file of ours sends SIGIO yet. */
static s64 fcntl_set_owner(struct file *f, s32 owner)
{
	if (owner == INT32_MIN)
		return -EINVAL;
	if (owner && !pid_in_use((u32)(owner < 0 ? -owner : owner)))
		return -ESRCH;
	WRITE_ONCE(f->owner, owner);
	return 0;
}

static s64 fcntl_set_signal(struct file *f, u64 signal)
{
	if (signal > SIGNAL_COUNT)
		return -EINVAL;
	WRITE_ONCE(f->owner_signal, (u32)signal);
	return 0;
}

static s64 fcntl_file(struct file *f, u32 command, u64 argument)
{
	switch (command) {
	case F_GETFL:
		return atomic32_load_relaxed(&f->flags);
	case F_SETFL:
		return fcntl_set_flags(f, argument);
	case F_GETPIPE_SZ:
	case F_SETPIPE_SZ:
		return fcntl_pipe_size(f, command, argument);
	case F_SETOWN:
		return fcntl_set_owner(f, (s32)argument);
	case F_GETOWN:
		return READ_ONCE(f->owner);
	case F_SETSIG:
		return fcntl_set_signal(f, argument);
	case F_GETSIG:
		return READ_ONCE(f->owner_signal);
	case F_GET_SEALS:
		return fs_file_seals(f);
	case F_ADD_SEALS:
		return fs_file_add_seals(f, (u32)argument);
	default:
		return -EINVAL;
	}
}

/* Linux allows only these on a descriptor opened with O_PATH. */
static bool fcntl_allowed_on_path(u32 command)
{
	return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD ||
	       command == F_SETFD || command == F_GETFL;
}

s64 sys_fcntl(u32 fd, u32 command, u64 argument)
{
	struct file *f = arg_file_or_place(fd);
	s64 result;

	if (!f)
		return -EBADF;
	if ((atomic32_load_relaxed(&f->flags) & O_PATH) && !fcntl_allowed_on_path(command))
		result = -EBADF;
	else if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		result = fcntl_duplicate(fd, argument, command == F_DUPFD_CLOEXEC);
	else if (command == F_GETFD)
		result = files_get_cloexec(own_files(), fd);
	else if (command == F_SETFD)
		result = files_set_cloexec(own_files(), fd, argument & FD_CLOEXEC);
	else if (fcntl_is_lock(command))
		result = fcntl_lock(fd, f, command, argument);
	else
		result = fcntl_file(f, command, argument);
	file_put(f);
	return result;
}

s64 sys_lseek(u32 fd, s64 offset, u32 whence)
{
	struct file *f = arg_file(fd);
	s64 result;

	if (!f)
		return -EBADF;
	if (whence > SEEK_MAX) {
		result = -EINVAL;
	} else if (!f->ops->seek) {
		result = -ESPIPE;
	} else {
		mutex_lock(&f->pos_lock);
		result = f->ops->seek(f, offset, whence);
		mutex_unlock(&f->pos_lock);
	}
	file_put(f);
	return result;
}

static s64 ioctl_set_nonblock(struct file *f, u64 argument)
{
	u32 on;

	if (get_user_u32(&on, argument))
		return -EFAULT;
	if (on)
		atomic32_fetch_or(&f->flags, O_NONBLOCK);
	else
		atomic32_fetch_and(&f->flags, ~O_NONBLOCK);
	return 0;
}

s64 sys_ioctl(u32 fd, u32 command, u64 argument)
{
	struct file *f = arg_file(fd);
	s64 result;

	if (!f)
		return -EBADF;
	if (command == FIOCLEX || command == FIONCLEX)
		result = files_set_cloexec(own_files(), fd, command == FIOCLEX);
	else if (command == FIONBIO)
		result = ioctl_set_nonblock(f, argument);
	else
		result = f->ops->ioctl ? f->ops->ioctl(f, command, argument) : -ENOTTY;
	file_put(f);
	return result;
}
