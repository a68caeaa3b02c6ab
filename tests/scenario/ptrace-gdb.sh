#!/bin/sh
# summary: gdb in the guest: breakpoints, watchpoints, steps, backtraces, registers, threads, calls, fork, attach; as on the host
# matrix: cpus pti
# timeout: 240
#
# Debian's gdb, unmodified, does the same in the guest as on the host; addresses and numbers are taken out
# of what it says.
#
# Seen to fail: without /proc/PID/mem no breakpoint could be set; with the child of fork left with the
# breakpoints' instructions.
. "$(dirname "$0")/common.inc"
command -v gdb >/dev/null || skip "gdb is not installed"
python=/usr/lib/$(ls /usr/lib | grep '^python3\.' | head -n 1)

mkdir "$SCRATCH/p"
cat >"$SCRATCH/p/debugged.c" <<'END'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int counter;
volatile long watched;
double ratio = 0.5;

static int leaf(int n)
{
	counter += n;
	watched = counter * 2;
	return counter;
}

int middle(int n)
{
	return leaf(n + 1) + 1;
}

static void *work(void *arg)
{
	ratio = middle((int)(long)arg) * 0.25;
	return arg;
}

static void on_signal(int number)
{
	counter = number;
}

int main(void)
{
	pthread_t t;

	signal(SIGUSR1, on_signal);
	for (long i = 0; i < 2; i++) {
		pthread_create(&t, NULL, work, (void *)(i + 10));
		pthread_join(t, NULL);
	}
	printf("sum %d\n", middle(1));
	fflush(stdout);
	raise(SIGUSR1);
	pid_t child = fork();
	if (child == 0)
		_exit(middle(1) & 7);
	int status;
	waitpid(child, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	return 3;
}
END
gcc -g -O0 -pthread -o "$SCRATCH/p/debugged" "$SCRATCH/p/debugged.c" || fail "gcc"

fork=$(grep -n 'fork(' "$SCRATCH/p/debugged.c" | cut -d: -f1)
raise=$(grep -n 'raise(' "$SCRATCH/p/debugged.c" | cut -d: -f1)
cat >"$SCRATCH/p/commands" <<END
set pagination off
set confirm off
set print thread-events off
set width 0
handle SIGUSR1 nostop noprint pass
break leaf
run
backtrace 3
print n
continue
delete
watch watched
continue
print watched
continue
finish
delete
tbreak $raise
continue
print counter
print ratio
info registers cs ss
stepi
stepi
print middle(5)
print \$eflags & 0x100
break on_signal
continue
print number
backtrace 1
finish
delete
tbreak $fork
continue
print counter
catch fork
continue
delete
catch syscall exit_group
continue
print \$orig_rax
kill
END

cat >"$SCRATCH/p/clean" <<'END'
s/0x[0-9a-f]*/ADDRESS/g
s/LWP [0-9]*/LWP N/g
s/[Pp]rocess [0-9][0-9.]*/process N/g
s|/[^ ]*/debugged|/p/debugged|g
s/\(hit Catchpoint [0-9]* ([^)]*)\),.*/\1/
# Inside the C library the host may have names and the guest none.
/^ADDRESS in /d
/ at \.\//d
/^[0-9]*[[:space:]]*\(in \)\{0,1\}\.\{1,2\}\//d
/^warning: /d
/libthread_db/d
/^Download failed/d
/This normally should not happen/d
/could not convert/d
END

title "on the host"
run env LC_ALL=C.UTF-8 DEBUGINFOD_URLS= SHELL=/bin/sh gdb -nx -batch -x "$SCRATCH/p/commands" "$SCRATCH/p/debugged"
sed -f "$SCRATCH/p/clean" "$SCRATCH/out" | grep -v '^\[' >"$SCRATCH/want"
expect_status 0
grep -q 'sum 26' "$SCRATCH/out" || fail "$last: the program did not get to its end"

title "in the guest"
run $RUN --memory 1G --env LC_ALL=C.UTF-8 --env SHELL=/bin/sh \
	-v "$python:$python" -v /usr/share/gdb:/usr/share/gdb -v /usr/lib/x86_64-linux-gnu/gconv:/usr/lib/x86_64-linux-gnu/gconv \
	-v "$(readlink -f /lib/x86_64-linux-gnu/libthread_db.so.1):/lib/x86_64-linux-gnu/libthread_db.so.1" \
	-v "$(command -v busybox):/bin/sh" -v "$SCRATCH/p:$SCRATCH/p" \
	gdb -nx -batch -x "$SCRATCH/p/commands" "$SCRATCH/p/debugged"
expect_status 0
sed -f "$SCRATCH/p/clean" "$SCRATCH/out" | grep -v '^\[' >"$SCRATCH/got"
diff "$SCRATCH/want" "$SCRATCH/got" || fail "$last: gdb says something else"

finish
