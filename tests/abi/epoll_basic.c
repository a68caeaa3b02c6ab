// summary: epoll: creating, adding, changing, removing; level, edge, one shot; errors
//
// Seen to fail: with items that stay on the ready list after an edge (kernel/ipc/epoll.c: item_reported()).
#include "epoll.h"

static int pipes[2];

static void create(void)
{
	int fd;
	SHOW(epoll_create(0));
	SHOW(epoll_create(-1));
	SHOW(epoll_create1(1));
	SHOW(epoll_create1(-1));
	SHOW_OK(fd = epoll_create1(EPOLL_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	HOLDS((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	close(fd);
	SHOW_OK(fd = epoll_create(1));
	SHOW(fcntl(fd, F_GETFD));
	char c[8];
	SHOW(read(fd, c, 8));
	SHOW(write(fd, c, 8));
	SHOW(lseek(fd, 5, SEEK_SET));
	SHOW(pread(fd, c, 1, 0));
	SHOW(ioctl(fd, FIONREAD, c));
	struct stat st;
	HOLDS(fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == 0);
	char path[64], name[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	HOLDS(readlink(path, name, sizeof(name) - 1) > 0);
	puts(name);
	close(fd);
}

static void errors(const char *self)
{
	int ep = epoll_create1(0), other = epoll_create1(0);
	int file = open(self, O_RDONLY), dir = open("/", O_RDONLY),
	    null = open("/dev/null", O_RDWR);
	int zero = open("/dev/zero", O_RDWR), urandom = open("/dev/urandom", O_RDONLY);
	int random = open("/dev/random", O_RDONLY);
	int path = open("/", O_PATH);
	struct epoll_event e = {EPOLLIN, {.u64 = 1}};
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, dir, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, null, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, zero, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, path, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, random, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, urandom, &e));
	wait_and_show(ep, 4);
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, random, NULL));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, ep, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ep, &e));
	SHOW(epoll_ctl(file, EPOLL_CTL_ADD, pipes[0], &e));
	SHOW(epoll_ctl(pipes[0], EPOLL_CTL_ADD, pipes[0], &e));
	SHOW(epoll_ctl(-1, EPOLL_CTL_ADD, pipes[0], &e));
	SHOW(epoll_ctl(999, EPOLL_CTL_ADD, 999, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, -1, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, 999, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], NULL));
	SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, pipes[0], NULL));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], (void *)8));
	SHOW(epoll_ctl(999, EPOLL_CTL_ADD, pipes[0], (void *)8));
	SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, pipes[0], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, pipes[0], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &e));
	SHOW(epoll_ctl(ep, 0, pipes[0], &e));
	SHOW(epoll_ctl(ep, 4, pipes[0], &e));
	SHOW(epoll_ctl(ep, -1, pipes[0], &e));
	SHOW(epoll_ctl(ep, 99, pipes[0], (void *)8));
	SHOW(epoll_ctl(ep, 99, file, &e));
	SHOW(epoll_ctl(ep, 99, 999, &e));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, pipes[0], (void *)8));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, other, NULL));
	struct epoll_event got[2];
	SHOW(epoll_wait(ep, got, 0, 0));
	SHOW(epoll_wait(ep, got, -1, 0));
	/* Not on the stack, beyond which the program's half may end. */
	struct epoll_event *low = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	SHOW(epoll_wait(ep, low, 0x7fffffff / 12, 0));
	SHOW(epoll_wait(ep, low, 0x7fffffff / 12 + 1, 0));
	munmap(low, 4096);
	SHOW(epoll_wait(-1, got, 1, 0));
	SHOW(epoll_wait(999, got, 0, 0));
	SHOW(epoll_wait(file, got, 1, 0));
	SHOW(epoll_wait(file, got, 0, 0));
	SHOW(epoll_wait(file, (void *)-1, 1, 0));
	SHOW(epoll_wait(ep, NULL, 1, 0));
	SHOW(epoll_wait(ep, (void *)-1, 1, 0));
	SHOW(epoll_wait(ep, (void *)0x7ffffffff000, 1, 0));
	close(ep);
	close(other);
	close(file);
	close(dir);
	close(null);
	close(zero);
	close(random);
	close(urandom);
	close(path);
}

static void level(void)
{
	int ep = epoll_create1(0);
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN, 7));
	wait_and_show(ep, 4);
	SHOW(write(pipes[1], "abc", 3));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	drain(pipes[0]);
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], 0, 8));
	SHOW(write(pipes[1], "abc", 3));
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLPRI, 9));
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[1], EPOLLOUT, 10));
	wait_and_show(ep, 1);
	wait_and_show(ep, 1);
	wait_and_show(ep, 1);
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_DEL, pipes[0], 0, 0));
	wait_and_show(ep, 4);
	drain(pipes[0]);
	close(ep);
}

static void edge(void)
{
	int ep = epoll_create1(0);
	SHOW(write(pipes[1], "abc", 3));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLET, 1));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	SHOW(write(pipes[1], "abc", 3));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	char c;
	SHOW(read(pipes[0], &c, 1));
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN | EPOLLET, 2));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	drain(pipes[0]);
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN | EPOLLET, 3));
	wait_and_show(ep, 4);
	SHOW(write(pipes[1], "abc", 3));
	drain(pipes[0]);
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[1], EPOLLOUT | EPOLLET, 4));
	wait_and_show(ep, 4);
	SHOW(write(pipes[1], "abc", 3));
	wait_and_show(ep, 4);
	drain(pipes[0]);
	close(ep);
}

/* An eventfd has one queue for both directions: what was not asked for must not count as an edge. */
static void edge_eventfd(void)
{
	int ep = epoll_create1(0), fd = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
	uint64_t n = 1;
	SHOW(ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 1));
	wait_and_show(ep, 4);
	SHOW(write(fd, &n, 8));
	SHOW(write(fd, &n, 8));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	SHOW(read(fd, &n, 8));
	wait_and_show(ep, 4);
	n = 1;
	SHOW(write(fd, &n, 8));
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT | EPOLLET, 2));
	wait_and_show(ep, 4);
	SHOW(read(fd, &n, 8));
	wait_and_show(ep, 4);
	close(fd);
	wait_and_show(ep, 4);
	close(ep);
}

static void one_shot(void)
{
	int ep = epoll_create1(0);
	SHOW(write(pipes[1], "abc", 3));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLONESHOT, 1));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	SHOW(write(pipes[1], "abc", 3));
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLONESHOT, 1));
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN | EPOLLONESHOT | EPOLLET, 2));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_DEL, pipes[0], 0, 0));
	drain(pipes[0]);
	close(ep);
}

static void exclusive(void)
{
	int ep = epoll_create1(0), inner = epoll_create1(0);
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLPRI, 1));
	SHOW(ctl(ep, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE, 1));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, 1));
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN | EPOLLEXCLUSIVE, 2));
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN, 2));
	SHOW(write(pipes[1], "abc", 3));
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_DEL, pipes[0], 0, 0));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0],
		EPOLLIN | EPOLLEXCLUSIVE | EPOLLERR | EPOLLHUP | EPOLLWAKEUP, 3));
	wait_and_show(ep, 4);
	drain(pipes[0]);
	close(inner);
	close(ep);
}

static void hang_up(void)
{
	int p[2], ep = epoll_create1(0);
	HOLDS(pipe(p) == 0);
	SHOW(ctl(ep, EPOLL_CTL_ADD, p[0], 0, 1));
	SHOW(ctl(ep, EPOLL_CTL_ADD, p[1], 0, 2));
	wait_and_show(ep, 4);
	close(p[1]);
	wait_and_show(ep, 4);
	close(p[0]);
	wait_and_show(ep, 4);
	HOLDS(pipe(p) == 0);
	SHOW(ctl(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 3));
	wait_and_show(ep, 4);
	close(p[0]);
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	close(p[1]);
	close(ep);
}

/* The set knows open files, not numbers: a copy keeps the file there, under the old number. */
static void copies(void)
{
	int ep = epoll_create1(0), p[2];
	HOLDS(pipe(p) == 0);
	int copy = dup(p[0]);
	SHOW(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
	SHOW(ctl(ep, EPOLL_CTL_ADD, copy, EPOLLIN, 2));
	SHOW(write(p[1], "abc", 3));
	wait_and_show(ep, 4);
	int number = p[0];
	close(p[0]);
	wait_and_show(ep, 4);
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, number, NULL) == -1 && errno == EBADF);
	SHOW(dup2(copy, number) == number);
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, number, NULL));
	wait_and_show(ep, 4);
	close(number);
	close(copy);
	wait_and_show(ep, 4);
	SHOW(ctl(ep, EPOLL_CTL_ADD, copy, EPOLLIN, 1));
	close(p[1]);
	close(ep);
}

static void bad_buffers(void)
{
	int ep = epoll_create1(0);
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(page + 4096, 4096, PROT_NONE);
	SHOW(write(pipes[1], "abc", 3));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[0], EPOLLIN | EPOLLET, 1));
	SHOW(ctl(ep, EPOLL_CTL_ADD, pipes[1], EPOLLOUT | EPOLLET, 2));
	SHOW(epoll_wait(ep, (void *)(page + 4096), 4, 0));
	SHOW(epoll_wait(ep, (void *)(page + 4096 - 12), 4, 0));
	SHOW(((struct epoll_event *)(page + 4096 - 12))->data.fd);
	wait_and_show(ep, 4);
	wait_and_show(ep, 4);
	mprotect(page, 4096, PROT_READ);
	SHOW(ctl(ep, EPOLL_CTL_MOD, pipes[0], EPOLLIN, 1));
	SHOW(epoll_wait(ep, (void *)page, 4, 0));
	wait_and_show(ep, 4);
	drain(pipes[0]);
	munmap(page, 8192);
	close(ep);
}

/* Many files: each is told once before any comes again. */
static void fairness(void)
{
	int ep = epoll_create1(0), fd[20];
	for (int i = 0; i < 20; i++) {
		fd[i] = eventfd(1, 0);
		if (ctl(ep, EPOLL_CTL_ADD, fd[i], EPOLLIN, i))
			puts("add failed");
	}
	for (int round = 0; round < 6; round++)
		wait_and_show(ep, 7);
	for (int i = 0; i < 20; i++)
		close(fd[i]);
	wait_and_show(ep, 7);
	close(ep);
}

int main(int argc, char **argv)
{
	(void)argc;
	HOLDS(pipe2(pipes, O_NONBLOCK) == 0);
	create();
	errors(argv[0]);
	level();
	edge();
	edge_eventfd();
	one_shot();
	exclusive();
	hang_up();
	copies();
	bad_buffers();
	fairness();
	return 0;
}
