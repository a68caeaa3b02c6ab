#define _GNU_SOURCE
#include "fs/host.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* One of the links in a row, of which 40 may be followed. */
#define CHAIN(n, to)                                 \
	{                                            \
		"chain" #n, S_IFLNK | 0777, 0, 0, to \
	}

/* Parents come first. */
const struct host_node host_nodes[] = {
	{"d", S_IFDIR | 0755, 0, 0, NULL},
	{"d/e", S_IFDIR | 0755, 0, 0, NULL},
	{"d/e/f", S_IFREG | 0644, 0, 0, "inner"},
	{"f", S_IFREG | 0644, 0, 0, "a file"},
	{"x", S_IFREG | 0755, 0, 0, "program"},
	{"mode0", S_IFREG | 0000, 1000, 100, "secret"},
	{"group", S_IFREG | 0060, 0, 100, "for the group"},
	{"other", S_IFREG | 0705, 1000, 100, "not for the group"},
	{"closed", S_IFDIR | 0700, 0, 0, NULL},
	{"closed/in", S_IFREG | 0777, 0, 0, "in"},
	{"only-x", S_IFDIR | 0711, 0, 0, NULL},
	{"only-x/f", S_IFREG | 0644, 0, 0, "f"},
	{"pipe", S_IFIFO | 0644, 0, 0, NULL},
	{"sock", S_IFSOCK | 0666, 0, 0, NULL},
	{"to-d", S_IFLNK | 0777, 0, 0, "d"},
	{"to-f", S_IFLNK | 0777, 0, 0, "f"},
	{"to-d-slash", S_IFLNK | 0777, 0, 0, "d//"},
	{"to-f-slash", S_IFLNK | 0777, 0, 0, "f/"},
	{"to-dot", S_IFLNK | 0777, 0, 0, "."},
	{"to-up", S_IFLNK | 0777, 0, 0, ".."},
	{"to-pipe", S_IFLNK | 0777, 0, 0, "pipe"},
	{"d/up", S_IFLNK | 0777, 0, 0, "../f"},
	{"d/x", S_IFLNK | 0777, 0, 0, "e/f"},
	{"d/e/d", S_IFLNK | 0777, 0, 0, "../.."},
	{"d/abs", S_IFLNK | 0777, 0, 0, "/f"},
	{"d/e/root", S_IFLNK | 0777, 0, 0, "///"},
	{"up", S_IFLNK | 0777, 0, 0, "d/e/../up"},
	{"abs", S_IFLNK | 0777, 0, 0, "/d"},
	{"loop", S_IFLNK | 0777, 0, 0, "loop"},
	{"loop-a", S_IFLNK | 0777, 0, 0, "loop-b/x"},
	{"loop-b", S_IFLNK | 0777, 0, 0, "loop-a"},
	{"dangling", S_IFLNK | 0777, 0, 0, "nothing"},
	{"deep", S_IFLNK | 0777, 0, 0, "to-dot/to-dot/abs/e/d/to-d-slash/../to-d/e"},
	CHAIN(1, "f"),
	CHAIN(2, "chain1"),
	CHAIN(3, "chain2"),
	CHAIN(4, "chain3"),
	CHAIN(5, "chain4"),
	CHAIN(6, "chain5"),
	CHAIN(7, "chain6"),
	CHAIN(8, "chain7"),
	CHAIN(9, "chain8"),
	CHAIN(10, "chain9"),
	CHAIN(11, "chain10"),
	CHAIN(12, "chain11"),
	CHAIN(13, "chain12"),
	CHAIN(14, "chain13"),
	CHAIN(15, "chain14"),
	CHAIN(16, "chain15"),
	CHAIN(17, "chain16"),
	CHAIN(18, "chain17"),
	CHAIN(19, "chain18"),
	CHAIN(20, "chain19"),
	CHAIN(21, "chain20"),
	CHAIN(22, "chain21"),
	CHAIN(23, "chain22"),
	CHAIN(24, "chain23"),
	CHAIN(25, "chain24"),
	CHAIN(26, "chain25"),
	CHAIN(27, "chain26"),
	CHAIN(28, "chain27"),
	CHAIN(29, "chain28"),
	CHAIN(30, "chain29"),
	CHAIN(31, "chain30"),
	CHAIN(32, "chain31"),
	CHAIN(33, "chain32"),
	CHAIN(34, "chain33"),
	CHAIN(35, "chain34"),
	CHAIN(36, "chain35"),
	CHAIN(37, "chain36"),
	CHAIN(38, "chain37"),
	CHAIN(39, "chain38"),
	CHAIN(40, "chain39"),
	CHAIN(41, "chain40"),
};
const uint32_t host_node_count = sizeof(host_nodes) / sizeof(host_nodes[0]);

/* /proc/self/fd, opened while there was a /proc: its links tell paths as seen from the root that the child has by now. */
static int proc_fd;

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

struct host_exchange *host_create(uint32_t count)
{
	struct host_exchange *x = shared(sizeof(*x));

	x->count = count;
	x->question = shared(count * sizeof(x->question[0]));
	x->answer = shared(count * sizeof(x->answer[0]));
	return x;
}

void host_free(struct host_exchange *x)
{
	munmap(x->question, x->count * sizeof(x->question[0]));
	munmap(x->answer, x->count * sizeof(x->answer[0]));
	munmap(x, sizeof(*x));
}

static void make_node(const struct host_node *n)
{
	int fd;

	switch (n->mode & S_IFMT) {
	case S_IFDIR:
		mkdir(n->path, 0700);
		break;
	case S_IFLNK:
		if (symlink(n->content, n->path))
			_exit(2);
		return;
	case S_IFREG:
		fd = creat(n->path, 0600);
		if (write(fd, n->content, strlen(n->content)) < 0)
			_exit(2);
		close(fd);
		break;
	default:
		mknod(n->path, n->mode, 0);
		break;
	}
	if (chown(n->path, n->uid, n->gid) || chmod(n->path, n->mode & 07777))
		_exit(2);
}

static void make_tree(void)
{
	umask(0);
	proc_fd = open("/proc/self/fd", O_PATH);
	if (proc_fd < 0 || setgroups(0, NULL) || unshare(CLONE_NEWNS) ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount("none", "/tmp", "tmpfs", 0, "mode=0755") || chdir("/tmp"))
		_exit(1);
	for (uint32_t i = 0; i < host_node_count; i++)
		make_node(&host_nodes[i]);
	/* The archive's root has these, too, though nobody asks for them: the same number of links. */
	mkdir("dev", 0755);
	if (mount(NULL, "/tmp", NULL, MS_REMOUNT | MS_RDONLY, NULL) || chroot("/tmp"))
		_exit(1);
}

static void note_open(int fd, struct host_answer *a)
{
	struct stat st;
	char name[16];

	setfsuid(0);
	snprintf(name, sizeof(name), "%d", fd);
	if (readlinkat(proc_fd, name, a->text, sizeof(a->text) - 1) < 0)
		_exit(5);

	a->mode = (uint32_t)fcntl(fd, F_GETFL);
	fstat(fd, &st);
	a->is_fifo = S_ISFIFO(st.st_mode);
	close(fd);
}

static void be(const struct host_question *q)
{
	/* Groups and capabilities follow fsuid as far as files are concerned. */
	setfsgid(0);
	setfsuid(0);
	if (chdir("/") || chdir(q->base))
		_exit(3);
	setfsgid(q->gid);
	setfsuid(q->uid);
}

static void note_stat(const struct stat *st, struct host_answer *a)
{
	a->mode = st->st_mode;
	a->size = S_ISDIR(st->st_mode) ? 0 : (uint64_t)st->st_size;
	a->nlink = st->st_nlink;
	a->uid = st->st_uid;
}

/* access(2) looks at the real user; with AT_EACCESS the kernel's own call uses the file system's, which is set. */
static int access_now(const struct host_question *q)
{
	return (int)syscall(SYS_faccessat2, AT_FDCWD, q->path, q->flags, AT_EACCESS);
}

static void answer(const struct host_question *q, struct host_answer *a)
{
	struct stat st;
	long n = -1;

	be(q);
	switch (q->kind) {
	case HOST_STAT:
	case HOST_LSTAT:
		n = q->kind == HOST_STAT ? stat(q->path, &st) : lstat(q->path, &st);
		if (n == 0)
			note_stat(&st, a);
		break;
	case HOST_OPEN:
		n = syscall(SYS_openat, AT_FDCWD, q->path, q->flags, 0644);
		if (n >= 0)
			note_open((int)n, a);
		break;
	case HOST_ACCESS:
		n = access_now(q);
		break;
	case HOST_READLINK:
		/* Without the C library's idea of an empty path. */
		n = syscall(SYS_readlink, q->path, a->text, q->flags == 0 ? 3 : sizeof(a->text));
		a->size = n >= 0 ? (uint64_t)n : 0;
		break;
	case HOST_CHDIR:
		n = chdir(q->path);
		if (n == 0 && syscall(SYS_getcwd, a->text, sizeof(a->text)) < 0)
			_exit(4);
		break;
	default:
		break;
	}
	a->result = n < 0 ? -errno : 0;
}

bool host_ask(struct host_exchange *x)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		/* Not root: a user namespace makes us root of one. */
		if (geteuid() != 0)
			_exit(1);
		make_tree();
		for (uint32_t i = 0; i < x->count; i++)
			answer(&x->question[i], &x->answer[i]);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "the host's side ended with status %#x\n", status);
		abort();
	}
	return WEXITSTATUS(status) == 0;
}
