#!/bin/sh
# summary: --gdb waits for a debugger, whose commands read threads, processes, memory, queues, locks and rings
# timeout: 200
#
# By address: a host need not know the name localhost, and one that did not waited for the VM's time limit. A debugger that fails
# ends the VM, which would wait for it for ever.
#
# Seen to fail: with the two middle words of a record exchanged.
. "$(dirname "$0")/common.inc"
command -v gdb >/dev/null || skip "gdb is not installed"

kernel=$BUILD/kernel-debug/airlock.elf
# A port that is free now: of one of 1000, by our number.
port=$((20000 + $$ % 10000))
"$AIRLOCK" run --cpus 2 --pti on --kernel "$kernel" --gdb=$port --kernel-arg watchdog=0 --timeout 150 \
	busybox sh -c 'busybox sleep 1; exit 7' >"$SCRATCH/out" 2>"$SCRATCH/err" &
vm=$!

cat >"$SCRATCH/script" <<END
set pagination off
set confirm off
set tcp connect-timeout 60
source $SOURCE/tools/gdb/airlock.py
target remote 127.0.0.1:$port
hbreak sys_execve
continue
delete
airlock-processes
airlock-threads
airlock-areas 1
airlock-walk 0x400000 1
airlock-walk &runqs
airlock-walk &upcall_main
airlock-runqueues
airlock-locks
airlock-rings 20
print *((struct cpu *)0xfffffe0000000000)->current
airlock-areas 999

quit
END
gdb -batch -x "$SCRATCH/script" "$kernel" >"$SCRATCH/gdb" 2>&1
grep -q '^[$]1 = ' "$SCRATCH/gdb" || kill $vm
status=0
wait $vm || status=$?

says() {
	grep -Eq -- "$1" "$SCRATCH/gdb" && return
	fail "gdb does not say '$1'"
	shown=${shown:-$(sed 's/^/    /' "$SCRATCH/gdb")}
}
title "the program goes on when the debugger has gone"
expect_status 7
title "the commands"
says "^process 1 'busybox' 1 threads, [0-9]+ pages"
says "^process 2 'busybox'"
says "^thread 1 'busybox' CPU [01], "
says "^thread 2 'busybox' CPU [01], "
says '^    (context_switch|arch_thread_switch|.*) at kernel/'
says '^0x0000004[0-9a-f]+-0x[0-9a-f]+ r-x file'
says '^0x7ff[0-9a-f]+-0x[0-9a-f]+ rw- anonymous'
says '^level 4 table 0x[0-9a-f]+ entry 0: 0x[0-9a-f]+ .*P'
says '^physical 0x[0-9a-f]+$'
says "^CPU 0: runs '.*', [0-9]+ wanted, [0-9]+ switches, lock "
says '^CPU 1: (none|[a-z ]+)'
says '^cpu[01] #[0-9]+ tsc [0-9]+ (SYSCALL|ENTRY|EXIT) address 0x[4-5][0-9a-f]{5} number'
says '^cpu[01] #[0-9]+ tsc [0-9]+ (PAGE|SWITCH|WAKE) address 0x0 number'
says "^\\\$1 = thread [0-9]+ '.*' runnable on CPU 0"
says 'no such process'
[ -z "${shown:-}" ] || echo "$shown" | head -n 80
finish
