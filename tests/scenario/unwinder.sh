#!/bin/sh
# summary: dynamic programs, and a library of one, that cancel and end threads: glibc loads libgcc_s.so.1 for it; static ones need nothing
# quick: yes
#
# Nothing in these files names that library (readelf would show it), so the command has to know (cli/packlib.c).
#
# A static program has the unwinder's code in itself: its archive is the program alone.
#
# Seen to fail: without it packed each ends with SIGABRT and "libgcc_s.so.1 must be installed for pthread_exit to work".
. "$(dirname "$0")/common.inc"

cat >"$SCRATCH/own.c" <<'END'
#include <pthread.h>
#include <stdio.h>

static void cleanup(void *arg)
{
	puts(arg);
}

void end_thread(void)
{
	pthread_cleanup_push(cleanup, "cleaned up");
	pthread_exit((void *)42);
	pthread_cleanup_pop(0);
}
END
cat >"$SCRATCH/by-library.c" <<'END'
#include <pthread.h>
#include <stdio.h>

void end_thread(void);

static void *body(void *arg)
{
	end_thread();
	return arg;
}

int main(void)
{
	pthread_t thread;
	void *result = NULL;
	int err = pthread_create(&thread, NULL, body, NULL);
	err = err ? err : pthread_join(thread, &result);
	printf("%d %ld\n", err, (long)result);
	return 0;
}
END
cat >"$SCRATCH/cancel.c" <<'END'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void cleanup(void *arg)
{
	puts(arg);
}

static void *body(void *arg)
{
	pthread_cleanup_push(cleanup, "cleaned up");
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return arg;
}

int main(void)
{
	pthread_t thread;
	void *result = NULL;
	int err = pthread_create(&thread, NULL, body, NULL);
	err = err ? err : pthread_cancel(thread);
	err = err ? err : pthread_join(thread, &result);
	printf("%d %d\n", err, result == PTHREAD_CANCELED);
	return 0;
}
END
cat >"$SCRATCH/exit.c" <<'END'
#include <stdio.h>
#include <threads.h>

static int body(void *arg)
{
	thrd_exit(*(int *)arg);
}

int main(void)
{
	int seven = 7, result = 0;
	thrd_t thread;
	int err = thrd_create(&thread, body, &seven);
	err = err ? err : thrd_join(thread, &result);
	printf("%d %d\n", err, result);
	return 0;
}
END
cat >"$SCRATCH/backtrace.c" <<'END'
#include <execinfo.h>
#include <stdio.h>

int main(void)
{
	void *callers[8];
	printf("%d\n", backtrace(callers, 8) > 0);
	return 0;
}
END

build() {
	title "building $1"
	run gcc -std=gnu11 -O1 -Wall -Wextra -pthread -o "$SCRATCH/$@"
	expect_status 0
}
build libown.so -shared -fPIC "$SCRATCH/own.c"
build by-library "$SCRATCH/by-library.c" -L "$SCRATCH" -lown "-Wl,-rpath,$SCRATCH"
for name in cancel exit backtrace; do
	build $name "$SCRATCH/$name.c"
	build static-$name -static "$SCRATCH/$name.c"
done
for name in cancel exit backtrace by-library static-cancel static-exit static-backtrace; do
	title "$name on the host"
	run "$SCRATCH/$name"
	expect_status 0
	want=$(cat "$SCRATCH/out")
	title "$name in the guest"
	run $RUN "$SCRATCH/$name"
	expect_status 0
	expect_no_err
	expect_out "$want"
done
finish
