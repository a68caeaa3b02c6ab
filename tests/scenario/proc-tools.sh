#!/bin/sh
# summary: ps, top, free, vmstat, uptime, pgrep, pidof, w, pmap, pstree, lsof, df and findmnt find in /proc what they look for
# matrix: cpus
# timeout: 120
#
# Seen to fail: before /proc/stat, loadavg and vmstat were there (ps gave up, vmstat and top as well); with times of sleeping
# processes that grew. The debug kernel, which checks the order of locks: with mounts told under the lock of a file's contents.
. "$(dirname "$0")/common.inc"

TOOLS="ps top uptime free vmstat pgrep pidof w pmap pstree lsof df findmnt sh sleep"
volumes="-v /lib/terminfo:/usr/share/terminfo"
for tool in $TOOLS; do
	found=$(command -v "$tool") || skip "the host has no $tool"
	volumes="$volumes -v $(readlink -f "$found"):/bin/$tool"
done
[ -d /lib/terminfo ] || skip "the host has no /lib/terminfo"

cat >"$SCRATCH/look" <<'END'
sleep 1000 &
sleeper=$!
sh -c 'while :; do :; done' &
busy=$!
# Until it has had a tenth of a second: the 14th word counts hundredths.
until read -r line </proc/$busy/stat; set -- $line; [ "${14}" -gt 10 ]; do :; done
for command in "ps aux" "ps -eo pid,ppid,user,stat,ni,pri,nlwp,vsz,rss,comm,args" "ps -o cputimes= -p $sleeper" "top -b -n1" \
	uptime free "vmstat -w" "pgrep -a sleep" "pidof sleep" w "pmap $sleeper" "pstree -p" "lsof -p $sleeper" "df -a" findmnt; do
	echo "== $command"
	$command || echo "status $?"
done
kill $sleeper $busy
END

kernel=$BUILD/kernel-debug/airlock.elf
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"

title "all of them in one VM"
# shellcheck disable=SC2086
run $RUN --kernel "$kernel" -e TERM=dumb -e LC_ALL=C $volumes -v "$SCRATCH/look:/look" sh /look
expect_status 0
expect_no_err

# what COMMAND: what it printed.
what() {
	awk -v which="== $1" '/^== / { on = $0 == which; next } on' "$SCRATCH/out"
}

# says COMMAND REGEX: a line of what it printed.
says() {
	what "$1" | grep -Eq -e "$2" || { fail "$1 does not say $2"; what "$1"; }
}

! grep '^status ' "$SCRATCH/out" || fail "a program failed"
says "ps aux" '^root +[0-9]+ +[0-9]+\.[0-9] +[0-9]+\.[0-9] +[0-9]+ +[0-9]+ \? +S +[0-9]+:[0-9]+ +0:00 sleep 1000$'
says "ps aux" '^root .* R +[0-9]+:[0-9]+ +[0-9]+:[0-9]+ sh -c while'
says "ps -eo pid,ppid,user,stat,ni,pri,nlwp,vsz,rss,comm,args" '^ +[0-9]+ +1 root +S +0 +19 +1 +[0-9]+ +[0-9]+ sleep +sleep 1000$'
says "top -b -n1" '^Tasks: +4 total, +[12] running, +[23] sleeping, +0 stopped, +0 zombie$'
says "top -b -n1" '^%Cpu\(s\): *[1-9][0-9.]* us'
says "top -b -n1" ' [0-9]:[0-9.]+ sleep$'
says uptime ' up 0 min, +0 users?, +load average: [0-9.]+, [0-9.]+, [0-9.]+$'
says free '^Mem: +[1-9][0-9]+ +[1-9][0-9]+ +[1-9][0-9]+ +[0-9]+ +[0-9]+ +[1-9][0-9]+$'
says "vmstat -w" '^ +[1-9] +0 +0 +[1-9][0-9]+ '
says "pgrep -a sleep" '^[0-9]+ sleep 1000$'
says "pidof sleep" '^[0-9]+$'
says w 'load average'
says "$(grep -o '^== pmap [0-9]*' "$SCRATCH/out" | cut -c4-)" 'r-x-- sleep$'
says "pstree -p" '^sh\(1\)-\+-pstree\([0-9]+\)$'
says "$(grep -o '^== lsof -p [0-9]*' "$SCRATCH/out" | cut -c4-)" '^sleep .* cwd +DIR '
says "df -a" '^proc +0 +0 +0 +- /proc$'
says findmnt '^.-/proc +proc +proc +rw,relatime$'

# A sleeper has used next to nothing.
says "$(grep -o '^== ps -o cputimes= -p [0-9]*' "$SCRATCH/out" | cut -c4-)" '^ *0$'
finish
