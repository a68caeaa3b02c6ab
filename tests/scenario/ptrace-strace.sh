#!/bin/sh
# summary: Debian's strace in the guest tells of ls, of a pipeline with -f, of signals, and of a process it attaches to, what it tells on the host
# matrix: cpus pti
# timeout: 120
# quick: most
#
# Seen to fail: with a PTRACE_EVENT_FORK that nobody is told of (a pipeline); with a PTRACE_GETSIGINFO that always fails (ls). What
# PTRACE_GET_SYSCALL_INFO says wrongly strace itself finds out at its start, and asks otherwise then: abi/ptrace_* look at that.
. "$(dirname "$0")/common.inc"
command -v strace >/dev/null || skip "strace is not installed"

p=$SCRATCH/p
mkdir -p "$p/dir"
cp "$(readlink -f "$(command -v busybox)")" "$p/busybox"
echo one >"$p/dir/file"
echo two >"$p/dir/other"

cat >"$p/clean" <<'END'
s/0x[0-9a-f]*/ADDRESS/g
s/  *= / = /
# At which moment it comes is chance.
/SIGCHLD/d
s/si_pid=[0-9]*/si_pid=N/g
s/si_utime=[^,}]*/si_utime=T/g
s/si_stime=[^,}]*/si_stime=T/g
s,/\* [0-9]* vars \*/,/* vars */,
s/^\(clone.*\) = [0-9]*$/\1 = N/
s/^\(vfork.*\) = [0-9]*$/\1 = N/
s/^\(fork.*\) = [0-9]*$/\1 = N/
s/^\(wait4(\)-\{0,1\}[0-9]*\(, \[.*\) = [0-9]*$/\1N\2 = N/
s/^\(set_tid_address.*\) = [0-9]*$/\1 = N/
s/^\(get[a-z]*id(.*\) = [0-9]*$/\1 = N/
s/^kill([0-9]*,/kill(N,/
s/^tgkill([0-9]*, [0-9]*,/tgkill(N, N,/
s/st_mode=\([A-Z_]*\)|[0-7]*/st_mode=\1/g
s/st_size=[0-9]*/st_size=N/g
/^get[ug]id/d
/^gete[ug]id/d
END

# What strace told of each process, in the order of their numbers.
cat >"$p/traced" <<END
p=$p
b=$p/busybox
\$b rm -rf \$p/out
\$b mkdir \$p/out
strace -ff -o \$p/out/t "\$@"
echo status \$?
for f in \$(\$b ls \$p/out | \$b sort -t . -k 2 -n); do
	echo ---
	\$b sed -f \$p/clean \$p/out/\$f
done
END

# compare WHAT STRACE-ARGUMENTS...
compare() {
	last=$1
	shift
	"$p/busybox" sh "$p/traced" "$@" >"$SCRATCH/want" 2>"$SCRATCH/want.err"
	rm -rf "$p/out"
	run $RUN -v "$p:$p" -v "$(command -v strace):/usr/bin/strace" "$p/busybox" sh "$p/traced" "$@"
	expect_status 0
	diff "$SCRATCH/want" "$SCRATCH/out" >"$SCRATCH/diff" || {
		fail "$last: strace says something else"
		head -n 30 "$SCRATCH/diff"
	}
	grep -q "$want" "$SCRATCH/want" || fail "$last: the host's strace does not say '$want'"
}

want='^status 0$'
compare "ls" -e trace='!sysinfo,ioctl,uname,prlimit64,readlink,getrandom,brk,mmap,munmap,mprotect,getdents64,newfstatat,fstat,stat,lstat' \
	"$p/busybox" ls -1 "$p/dir"
want='^exit_group(0) *= ?$'
compare "a pipeline" -f -e trace=process,pipe2,pipe,dup2,close "$p/busybox" sh -c "echo a b c | $p/busybox wc -w; (exit 3)"
want='SIGTERM'
compare "signals" -f -e trace=kill,rt_sigreturn,exit_group "$p/busybox" sh -c 'trap "echo caught" USR1; kill -USR1 $$; kill -TERM $$'
want='ENOENT'
compare "errors" -e trace=openat,open,chdir,exit_group "$p/busybox" cat /no/such/file

last="strace -p"
cat >"$p/attach" <<END
$p/busybox sleep 100000 &
strace -o $p/attached -p \$! 2>$p/said &
until $p/busybox grep -q attached $p/said 2>/dev/null; do :; done
kill -USR1 %1
wait %1
wait
$p/busybox grep -o 'SIGUSR1 {[^}]*}\|killed by SIGUSR1' $p/attached | $p/busybox sed -f $p/clean
END
run $RUN -v "$p:$p" -v "$(command -v strace):/usr/bin/strace" "$p/busybox" sh "$p/attach"
expect_out 'SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=N, si_uid=0}
killed by SIGUSR1'

finish
