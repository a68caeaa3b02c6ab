/* execve, execveat: finding the file and gathering the arguments. The rest is proc/execve.c's. */
#include "sys/execve.h"

#include <asm/fcntl.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#include "fs/fs.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/exec.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

/* "/dev/fd/", a descriptor, a slash. */
#define FD_PATH_MAX 24

/* Opens the file at the place, held, if it may be executed. */
static int open_place(struct dentry *d, struct file **out)
{
	struct file *f;

	int err = fs_place_open_exec(d, &f);
	if (err)
		return err;
	err = fs_file_begin_exec(f);
	if (err)
		file_put(f);
	else
		*out = f;
	return err;
}

static int open_at(struct dentry *from, const char *path, struct file **out)
{
	struct dentry *d;

	int err = fs_lookup(from, path, true, &d);
	if (err)
		return err;
	err = open_place(d, out);
	fs_place_put(d);
	return err;
}

/* For interpreters: relative to the working directory of the running process, if it is one. */
static int open_program(const char *path, struct file **out)
{
	struct dentry *from = current_process() ? path_cwd() : fs_root();

	int err = open_at(from, path, out);
	fs_place_put(from);
	return err;
}

static const struct exec_ops exec_ops = {
	.open = open_program,
	.hold = fs_file_begin_exec,
	.release = fs_file_end_exec,
	.may_read = fs_file_may_read,
};

INIT_TEXT void execve_init(void)
{
	exec_set_ops(&exec_ops);
}

/* A program that is to be executed: an open file, held, the name for AT_EXECFN, its absolute path. */
struct program {
	struct path_arg arg;
	struct file *file;
	const char *execfn;
	char *exe;    /* PATH_MAX bytes */
	char *memory; /* NULL, or what execfn lies in */
	bool path_goes;
};

static void program_put(struct program *p)
{
	exec_file_put(p->file);
	path_put(&p->arg);
	kfree(p->exe);
	kfree(p->memory);
}

static int open_by_fd(struct program *p, s32 fd)
{
	/* The working directory. */
	if (fd == AT_FDCWD)
		return -EACCES;
	struct file *f = arg_file_or_place(fd);
	if (!f)
		return -EBADF;
	int err;
	if (atomic32_load_relaxed(&f->flags) & O_PATH) {
		/* It names a place only: that is opened once more. */
		err = open_place(f->place, &p->file);
	} else {
		err = fs_file_may_exec(f);
		if (!err)
			err = exec_file_hold(f);
		if (!err)
			p->file = f;
	}
	file_put(f);
	return err == -EBADF ? -EACCES : err;
}

static int check_not_link(const struct path_arg *a)
{
	struct dentry *d;
	struct stat st;

	int err = fs_lookup(a->from, a->path, false, &d);
	if (err)
		return err;
	fs_place_stat(d, &st);
	fs_place_put(d);
	return S_ISLNK(st.st_mode) ? -ELOOP : 0;
}

static int program_open(struct program *p, s32 dirfd, s32 flags)
{
	const char *path = p->arg.path;

	if (!path[0] && !(flags & AT_EMPTY_PATH))
		return -ENOENT;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!path[0])
		return open_by_fd(p, dirfd);
	int err = flags & AT_SYMLINK_NOFOLLOW ? check_not_link(&p->arg) : 0;
	return err ? err : open_at(p->arg.from, path, &p->file);
}

/* As Linux names it: the path, or by way of the descriptor it was relative to. */
static int program_name(struct program *p, s32 dirfd)
{
	const char *path = p->arg.path;

	p->execfn = path;
	if (dirfd == AT_FDCWD || path[0] == '/')
		return 0;
	p->memory = kmalloc(PATH_MAX + FD_PATH_MAX);
	if (!p->memory)
		return -ENOMEM;
	format(p->memory, PATH_MAX + FD_PATH_MAX, path[0] ? "/dev/fd/%d/%s" : "/dev/fd/%d", dirfd,
		path);
	p->execfn = p->memory;
	/* Such a name is good for nothing after a close-on-exec. */
	p->path_goes = files_get_cloexec(current_process()->files, dirfd) == 1;
	return 0;
}

static int program_get(struct program *p, s32 dirfd, uaddr_t path, s32 flags)
{
	*p = (struct program){0};
	int err = path_get(dirfd, path, &p->arg);
	if (err)
		return err;
	err = program_open(p, dirfd, flags);
	if (!err)
		err = program_name(p, dirfd);
	if (!err) {
		p->exe = kmalloc(PATH_MAX);
		err = p->exe ? 0 : -ENOMEM;
	}
	if (!err)
		err = fs_file_path(p->file, p->exe, PATH_MAX);
	if (err)
		program_put(p);
	return err;
}

static int execute(struct program *prog, uaddr_t argv, uaddr_t envp)
{
	struct process *p = current_process();
	struct credentials cred;

	spin_lock(&p->lock);
	cred = p->cred;
	struct exec_request r = {
		.file = prog->file,
		.path = prog->execfn,
		.cred = &cred,
		.no_new_privs = p->no_new_privs,
		.path_goes = prog->path_goes,
		.stack_limit = p->limits[RLIMIT_STACK].rlim_cur,
	};
	spin_unlock(&p->lock);
	int err = args_init(&r.args, r.stack_limit, r.path);
	if (!err)
		err = args_add_user(&r.args, argv, envp);
	if (!err)
		err = exec_replace(&r, prog->exe);
	args_free(&r.args);
	prog->file = r.file;
	return err;
}

s64 sys_execveat(s32 dirfd, uaddr_t path, uaddr_t argv, uaddr_t envp, s32 flags)
{
	struct program p;

	int err = program_get(&p, dirfd, path, flags);
	if (err)
		return err;
	err = execute(&p, argv, envp);
	program_put(&p);
	return err;
}

s64 sys_execve(uaddr_t path, uaddr_t argv, uaddr_t envp)
{
	return sys_execveat(AT_FDCWD, path, argv, envp, 0);
}
