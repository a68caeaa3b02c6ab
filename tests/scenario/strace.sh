#!/bin/sh
# summary: --strace shows calls as strace does: names, flags, strings, structures, results, errors
# matrix: cpus
# timeout: 120
# quick: yes
#
# Seen to fail: with everything shown at the beginning (what was in the buffers before).
. "$(dirname "$0")/common.inc"

shows() {
	grep -Fq -- "$1" "$SCRATCH/calls" || fail "$last: no '$1'"
}
shows_like() {
	grep -Eq -- "$1" "$SCRATCH/calls" || fail "$last: nothing like '$1'"
}

title "one of each"
run $RUN --strace -o "$SCRATCH/calls" "$PROGRAMS/strace_cases"
expect_status 0
expect_no_err
shows 'openat(AT_FDCWD, "/no/such", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0640) = -1 ENOENT'
shows 'openat(AT_FDCWD, 0x10, O_RDONLY, 0) = -1 EFAULT'
shows_like '^newfstatat\(AT_FDCWD, "/", \{st_mode=S_IFDIR\|0[0-7]+, st_size=[0-9]+, \.\.\.\}, 0\) = 0$'
shows_like '^newfstatat\(AT_FDCWD, "/no", 0x[0-9a-f]+, 0\) = -1 ENOENT$'
shows 'pipe2([3, 4], O_CLOEXEC) = 0'
shows 'write(4, "a\"\\\n\t\0011\177", 8) = 8'
shows 'read(3, "a\"\\\n\t\0011\177", 100) = 8'
shows 'write(4, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"..., 100) = 100'
shows 'writev(4, [{iov_base="one", iov_len=3}, {iov_base="two\n", iov_len=4}], 2) = 7'
shows_like '^lseek\(0, 0, SEEK_END\) = -1 ESPIPE$'
shows 'close(77) = -1 EBADF'
shows_like '^rt_sigaction\(SIGUSR2, \{sa_handler=0x[0-9a-f]+, sa_mask=\[USR1\], sa_flags=SA_RESTART\|SA_RESTORER, sa_restorer=0x[0-9a-f]+\}, NULL, 8\) = 0$'
shows 'rt_sigprocmask(SIG_BLOCK, [USR1], NULL, 8) = 0'
shows 'poll([{fd=1, events=POLLIN|POLLOUT}], 1, 0) = 1'
shows 'clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=1000}, NULL) = 0'
shows_like '^mmap\(NULL, 8192, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0x7[0-9a-f]+$'
shows 'madvise(0x1000, 0, MADV_DONTNEED) = 0'
shows_like '^prlimit64\(0, RLIMIT_NOFILE, NULL, \{rlim_cur=[0-9]+, rlim_max=[0-9]+\}\) = 0$'
shows_like '^uname\(\{sysname="Linux", nodename="[a-z]+", \.\.\.\}\) = 0$'
shows 'syscall_999(1, 2, 3, 4, 5, 6) = -1 ENOSYS'
# With two CPUs the child may make a call before the parent's returns.
shows_like 'clone\(CLONE_CHILD_CLEARTID\|CLONE_CHILD_SETTID\|SIGCHLD, .*(\) = 2| <unfinished \.\.\.>)$'
shows_like '^\[pid     2\] exit_group\(9\) = \?$'
shows '[{WIFEXITED(s) && WEXITSTATUS(s) == 9}], 0, NULL) = 2'
shows_like '^\[pid     1\] exit_group\(0\) = \?$'

title "several processes: each unfinished call is resumed, and every line is one of the known kinds"
run $RUN --strace busybox sh -c 'for i in 1 2 3; do busybox seq 1 200 | busybox wc -l; done'
expect_status 0
expect_out '200
200
200'
cp "$SCRATCH/err" "$SCRATCH/calls"
shows_like '^\[pid +[0-9]+\] execve\("/proc/self/exe", \["busybox", "seq", "1", "200"\], 0x[0-9a-f]+ /\* [0-9]+ vars \*/(\) = 0| <unfinished \.\.\.>)$'
unfinished=$(grep -c '<unfinished \.\.\.>$' "$SCRATCH/calls")
resumed=$(grep -c ' resumed>' "$SCRATCH/calls")
[ "$unfinished" -gt 0 ] && [ "$unfinished" -eq "$resumed" ] || fail "$unfinished unfinished, $resumed resumed"
odd=$(grep -Evc '^(\[pid +[0-9]+\] )?([a-z0-9_]+\(.*( = .+| <unfinished \.\.\.>)|<\.\.\. [a-z0-9_]+ resumed>.*\) += .+)$' "$SCRATCH/calls")
[ "$odd" -eq 0 ] || fail "$odd odd lines"

title "mistakes"
run "$AIRLOCK" run -o "$SCRATCH/x" busybox true
expect_status 125
expect_err_line 'give that, too'
run $RUN --strace -o /nowhere/x busybox true
expect_status 125
expect_err_line 'cannot write the calls to /nowhere/x'
finish
