/* Calls whose decoding tests/scenario/strace.sh looks for. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void handler(int signal)
{
	(void)signal;
}

int main(void)
{
	static const char odd[] = "a\"\\\n\t\0011\x7f";
	struct iovec v[2] = {{(void *)"one", 3}, {(void *)"two\n", 4}};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct pollfd p = {.fd = 1, .events = POLLIN | POLLOUT};
	struct timespec t = {0, 1000};
	struct rlimit limit;
	struct utsname u;
	struct stat st;
	char buffer[100];
	int fds[2], status;

	open("/no/such", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	openat(AT_FDCWD, (char *)16, O_RDONLY);
	stat("/", &st);
	stat("/no", &st);
	pipe2(fds, O_CLOEXEC);
	write(fds[1], odd, sizeof(odd) - 1);
	read(fds[0], buffer, sizeof(buffer));
	memset(buffer, 'x', sizeof(buffer));
	write(fds[1], buffer, sizeof(buffer));
	writev(fds[1], v, 2);
	lseek(0, 0, SEEK_END);
	close(77);
	sigaddset(&action.sa_mask, SIGUSR1);
	sigaction(SIGUSR2, &action, NULL);
	sigprocmask(SIG_BLOCK, &action.sa_mask, NULL);
	poll(&p, 1, 0);
	nanosleep(&t, NULL);
	mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise((void *)4096, 0, MADV_DONTNEED);
	getrlimit(RLIMIT_NOFILE, &limit);
	uname(&u);
	syscall(999, 1, 2, 3, 4, 5, 6);
	if (fork() == 0)
		_exit(9);
	wait(&status);
	return 0;
}
