#!/bin/sh
# summary: what cannot be started is one clear line and 125, 126 or 127, never a hang
# timeout: 60
# quick: yes
#
# Seen to fail: with 126 expected for a missing file, with the corrupted header left whole, and
# when a script that leads to itself was taken for one that is packed already.
. "$(dirname "$0")/../scenario/common.inc"
good=$PROGRAMS/hello_musl

# bad NAME STATUS PATTERN [COMMAND...]
bad() {
	title "$1"
	want=$2
	pattern=$3
	shift 3
	run $RUN "$@"
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

# What a dynamically linked program or a script needs is found before anything starts.
sed 's/libc\.so\.6/libX.so.6/g' /usr/bin/env >"$SCRATCH/no-library"
chmod +x "$SCRATCH/no-library"
bad "a missing library" 126 'needs the library libX.so.6' "$SCRATCH/no-library"
sed 's/ld-linux-x86-64/ld-LINUX-x86-64/g' /usr/bin/env >"$SCRATCH/no-linker"
chmod +x "$SCRATCH/no-linker"
bad "a missing dynamic linker" 126 'needs the dynamic linker' "$SCRATCH/no-linker"
printf '#!/no/such/thing -x\n' >"$SCRATCH/script"
printf '#!%s\n' "$SCRATCH/circle" >"$SCRATCH/circle"
printf '#! \n' >"$SCRATCH/nobody"
chmod +x "$SCRATCH/script" "$SCRATCH/circle" "$SCRATCH/nobody"
bad "a script for nothing" 126 'is a script for /no/such/thing' "$SCRATCH/script"
bad "a script for itself" 126 'interpreters lead to each other' "$SCRATCH/circle"
bad "a script for nobody" 126 'without an interpreter' "$SCRATCH/nobody"
bad "a volume without a place" 125 'HOST:GUEST' -v /etc "$SCRATCH/script"
bad "a volume that is not there" 125 'No such file' -v /no/such:/x "$SCRATCH/script"
finish
