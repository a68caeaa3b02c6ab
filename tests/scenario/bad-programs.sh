#!/bin/sh
# summary: what cannot be started is one clear line and 125, 126 or 127, never a hang
# timeout: 60
# quick: yes
#
# Seen to fail: with 126 expected for a missing file, and with the corrupted header left whole.
. "$(dirname "$0")/../scenario/common.inc"
good=$PROGRAMS/hello_musl

# bad NAME STATUS PATTERN [COMMAND...]
bad() {
	title "$1"
	want=$2
	pattern=$3
	shift 3
	run timeout 20 $RUN "$@"
	expect_status "$want"
	expect_out ""
	expect_err_line "$pattern"
}

# change FILE OFFSET BYTES: a copy of the good program with octal escapes put at the offset.
change() {
	cp "$good" "$SCRATCH/$1"
	# shellcheck disable=SC2059
	printf "$3" | dd of="$SCRATCH/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

bad "no such file" 127 'nosuch' /nosuch/program
bad "no such name" 127 'nosuch-name' nosuch-name
bad "an empty name" 127 'empty' ""
bad "a directory" 126 'directory' "$SCRATCH/"

cp "$good" "$SCRATCH/not-executable"
chmod 644 "$SCRATCH/not-executable"
bad "not executable" 126 'not executable' "$SCRATCH/not-executable"

: >"$SCRATCH/empty"
chmod 755 "$SCRATCH/empty"
bad "an empty file" 126 'empty' "$SCRATCH/empty"

printf 'just some words\n' >"$SCRATCH/text"
chmod 755 "$SCRATCH/text"
bad "a text" 126 'text' "$SCRATCH/text"

head -c 40 "$good" >"$SCRATCH/short"
chmod 755 "$SCRATCH/short"
bad "half an ELF header" 126 'short' "$SCRATCH/short"

head -c 9000 "$good" >"$SCRATCH/truncated"
chmod 755 "$SCRATCH/truncated"
bad "a truncated ELF file" 126 'truncated' "$SCRATCH/truncated"

change magic 0 'X'
bad "a wrong magic" 126 'magic' "$SCRATCH/magic"
change class 4 '\001'
bad "a 32-bit program" 126 'class' "$SCRATCH/class"
change machine 18 '\267'
bad "a program for another processor" 126 'machine' "$SCRATCH/machine"
change phoff 32 '\377\377\377\377\377\377\377\177'
bad "program headers beyond the file" 126 'phoff' "$SCRATCH/phoff"
change phnum 56 '\000\000'
bad "no program headers" 126 'phnum' "$SCRATCH/phnum"
change relocatable 16 '\001'
bad "an object file" 126 'relocatable' "$SCRATCH/relocatable"

if [ "$(id -u)" -ne 0 ]; then
	cp "$good" "$SCRATCH/unreadable"
	chmod 111 "$SCRATCH/unreadable"
	bad "an unreadable file" 126 'unreadable' "$SCRATCH/unreadable"
fi

for dynamic in /bin/true /usr/bin/env; do
	[ -e "$dynamic" ] && break
done
bad "a dynamic program" 126 'dynamic' "$dynamic"
finish
