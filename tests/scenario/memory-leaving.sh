#!/bin/sh
# summary: who may not be chosen when memory runs out waits for the memory of one who was killed, whoever did it, and gets it
# matrix: cpus
# timeout: 60
#
# Seen to fail: when the kernel's patience with those on their way out began with the last one that it had chosen itself (stress-ng's malloc
# stressor in 160 MB: the first process ended by SIGSEGV, because no frame of its SIGALRM could be written); on kasan, when a process without
# an address space, whose memory is being given back, counted as gone.
. "$(dirname "$0")/../scenario/common.inc"

title "memory of a process on its way out"
run $RUN -m 64M "$PROGRAMS/oom_leaving"
expect_status 0
expect_out "had 16 MiB; the other was ended by signal 9"
expect_no_err
finish
