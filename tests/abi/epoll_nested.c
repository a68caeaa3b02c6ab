// summary: epoll: sets in sets, cycles, depth, too many ways, poll and select of a set, a set that is closed
//
// Seen to fail: without count_ways_locked() (kernel/ipc/epoll_graph.c).
#include "epoll.h"
#include <sys/resource.h>
#include <sys/select.h>

static void readiness(void)
{
	int fd = eventfd(0, EFD_NONBLOCK), in = epoll_create1(0), out = epoll_create1(0);
	uint64_t n = 1;
	SHOW(polled(in));
	SHOW(ctl(in, EPOLL_CTL_ADD, fd, EPOLLIN, 1));
	SHOW(ctl(out, EPOLL_CTL_ADD, in, EPOLLIN, 2));
	SHOW(polled(out));
	wait_and_show(out, 4);
	SHOW(write(fd, &n, 8));
	SHOW(polled(in));
	SHOW(polled(out));
	wait_and_show(out, 4);
	wait_and_show(in, 4);
	wait_and_show(out, 4);
	SHOW(read(fd, &n, 8));
	/* Neither has looked yet, and still neither may say that it is ready. */
	SHOW(polled(in));
	SHOW(polled(out));
	wait_and_show(out, 4);
	fd_set set;
	struct timeval t = {0, 0};
	FD_ZERO(&set);
	FD_SET(in, &set);
	SHOW(select(in + 1, &set, NULL, NULL, &t));
	n = 1;
	SHOW(write(fd, &n, 8));
	FD_SET(in, &set);
	SHOW(select(in + 1, &set, NULL, NULL, &t));
	close(in);
	SHOW(polled(out));
	wait_and_show(out, 4);
	close(fd);
	close(out);
}

/* An edge of the inner set is an edge of the outer one, but only once. */
static void edges(unsigned inner, unsigned outer)
{
	int fd = eventfd(0, EFD_NONBLOCK), in = epoll_create1(0), out = epoll_create1(0);
	uint64_t n = 1;
	printf("inner %#x, outer %#x\n", inner, outer);
	SHOW(ctl(in, EPOLL_CTL_ADD, fd, EPOLLIN | inner, 1));
	SHOW(ctl(out, EPOLL_CTL_ADD, in, EPOLLIN | outer, 2));
	for (int i = 0; i < 2; i++) {
		SHOW(write(fd, &n, 8));
		wait_and_show(out, 4);
		wait_and_show(out, 4);
		wait_and_show(in, 4);
		wait_and_show(out, 4);
		wait_and_show(in, 4);
		wait_and_show(out, 4);
	}
	close(fd);
	close(in);
	close(out);
}

static void cycles(void)
{
	int e[8];
	for (int i = 0; i < 8; i++)
		e[i] = epoll_create1(0);
	SHOW(ctl(e[0], EPOLL_CTL_ADD, e[0], EPOLLIN, 0));
	SHOW(ctl(e[0], EPOLL_CTL_ADD, e[1], EPOLLIN, 0));
	SHOW(ctl(e[1], EPOLL_CTL_ADD, e[0], EPOLLIN, 0));
	SHOW(ctl(e[1], EPOLL_CTL_ADD, e[2], EPOLLIN, 0));
	SHOW(ctl(e[2], EPOLL_CTL_ADD, e[0], EPOLLIN, 0));
	SHOW(ctl(e[2], EPOLL_CTL_ADD, e[1], EPOLLIN, 0));
	SHOW(ctl(e[1], EPOLL_CTL_DEL, e[2], EPOLLIN, 0));
	SHOW(ctl(e[2], EPOLL_CTL_ADD, e[0], EPOLLIN, 0));
	SHOW(ctl(e[2], EPOLL_CTL_DEL, e[0], EPOLLIN, 0));
	/* A chain from the outside in, and one from the inside out. */
	for (int i = 1; i < 7; i++)
		SHOW(ctl(e[i], EPOLL_CTL_ADD, e[i + 1], EPOLLIN, 0));
	for (int i = 0; i < 8; i++) {
		close(e[i]);
		e[i] = epoll_create1(0);
	}
	for (int i = 6; i >= 0; i--)
		SHOW(ctl(e[i], EPOLL_CTL_ADD, e[i + 1], EPOLLIN, 0));
	for (int i = 0; i < 8; i++) {
		close(e[i]);
		e[i] = epoll_create1(0);
	}
	/* Two chains that are joined. */
	SHOW(ctl(e[0], EPOLL_CTL_ADD, e[1], EPOLLIN, 0));
	SHOW(ctl(e[1], EPOLL_CTL_ADD, e[2], EPOLLIN, 0));
	SHOW(ctl(e[3], EPOLL_CTL_ADD, e[4], EPOLLIN, 0));
	SHOW(ctl(e[4], EPOLL_CTL_ADD, e[5], EPOLLIN, 0));
	SHOW(ctl(e[2], EPOLL_CTL_ADD, e[3], EPOLLIN, 0));
	SHOW(ctl(e[2], EPOLL_CTL_ADD, e[4], EPOLLIN, 0));
	SHOW(ctl(e[1], EPOLL_CTL_ADD, e[3], EPOLLIN, 0));
	int fd = eventfd(1, 0);
	SHOW(ctl(e[5], EPOLL_CTL_ADD, fd, EPOLLIN, 9));
	SHOW(polled(e[0]));
	wait_and_show(e[0], 4);
	close(fd);
	SHOW(polled(e[0]));
	for (int i = 0; i < 8; i++)
		close(e[i]);
}

/* So many sets that one file's wake would go through. */
static void crowd(int sets, int below)
{
	int fd = eventfd(0, 0), inner[8], added = 0, outer[1100];
	inner[0] = epoll_create1(0);
	ctl(inner[0], EPOLL_CTL_ADD, fd, EPOLLIN, 0);
	for (int i = 1; i < below; i++) {
		inner[i] = epoll_create1(0);
		ctl(inner[i], EPOLL_CTL_ADD, inner[i - 1], EPOLLIN, 0);
	}
	int err = 0, made = 0;
	for (; made < sets; made++) {
		outer[made] = epoll_create1(0);
		if (ctl(outer[made], EPOLL_CTL_ADD, inner[below - 1], EPOLLIN, 0) == 0)
			added++;
		else if (!err)
			err = errno;
	}
	printf("%d sets between: %d added, then %s\n", below, added,
		err ? error_name(err) : "no error");
	uint64_t n = 1;
	SHOW(write(fd, &n, 8));
	wait_and_show(outer[0], 4);
	for (int i = 0; i < made; i++)
		close(outer[i]);
	for (int i = 0; i < below; i++)
		close(inner[i]);
	close(fd);
}

/* Any number may watch a file themselves. */
static void direct(void)
{
	int fd = eventfd(0, 0), sets[1100], added = 0;
	for (int i = 0; i < 1100; i++) {
		sets[i] = epoll_create1(0);
		added += ctl(sets[i], EPOLL_CTL_ADD, fd, EPOLLIN, 0) == 0;
	}
	SHOW(added);
	for (int i = 0; i < 1100; i++)
		close(sets[i]);
	close(fd);
}

int main(void)
{
	struct rlimit l = {4000, 4000};
	HOLDS(setrlimit(RLIMIT_NOFILE, &l) == 0);
	readiness();
	edges(0, 0);
	edges(EPOLLET, 0);
	edges(0, EPOLLET);
	edges(EPOLLET, EPOLLET);
	edges(EPOLLONESHOT, EPOLLET);
	edges(0, EPOLLONESHOT);
	cycles();
	crowd(1100, 1);
	crowd(550, 2);
	crowd(150, 3);
	crowd(20, 4);
	direct();
	return 0;
}
