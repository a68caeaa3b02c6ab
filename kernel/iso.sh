#!/bin/sh
# Makes a bootable ISO image (GRUB; BIOS and UEFI) that starts the kernel through Multiboot2 and runs one program.
#
#   iso.sh KERNEL OUTPUT.iso PROGRAM [ARG...]
#
# PROGRAM is a static executable of this host. The environment variable ISO_CMDLINE is the kernel's command line,
# ISO_ARCHIVE a cpio archive to use instead of packing PROGRAM. What the archive must look like: docs/host-protocol.md.
set -eu

kernel=$1 output=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/boot/grub"

# zeros N: that many NUL bytes.
zeros() {
	[ "$1" -eq 0 ] || head -c "$1" /dev/zero
}

# entry NAME MODE(hex) FILE: one newc entry, contents from FILE.
entry() {
	size=$(wc -c <"$3")
	name_size=$((${#1} + 1))
	inode=$((inode + 1))
	printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x' \
		"$inode" "0x$2" 0 0 1 0 "$size" 0 0 0 0 "$name_size" 0
	printf '%s\0' "$1"
	zeros $(((4 - (110 + name_size) % 4) % 4))
	cat "$3"
	zeros $(((4 - size % 4) % 4))
}

# pack PROGRAM [ARG...]: the archive, on standard output.
pack() {
	inode=0
	{
		printf 'program=/bin/%s\0' "${1##*/}"
		for arg in "$@"; do
			printf 'arg=%s\0' "$arg"
		done
		printf 'env=PATH=/bin\0'
	} >"$work/init"
	entry .airlock 41ed /dev/null
	entry .airlock/init 81a4 "$work/init"
	entry bin 41ed /dev/null
	entry "bin/${1##*/}" 81ed "$1"
	entry 'TRAILER!!!' 0 /dev/null
}

if [ -n "${ISO_ARCHIVE:-}" ]; then
	cp "$ISO_ARCHIVE" "$work/root/boot/archive"
else
	pack "$@" >"$work/root/boot/archive"
fi
objcopy --strip-debug "$kernel" "$work/root/boot/airlock.elf"
cat >"$work/root/boot/grub/grub.cfg" <<END
set timeout=0
menuentry Airlock {
	multiboot2 /boot/airlock.elf ${ISO_CMDLINE:-}
	module2 /boot/archive
}
END
# Only what the above needs: the image stays small and starts fast.
grub-mkrescue -o "$output" --locales= --fonts= --themes= \
	--install-modules='normal multiboot2 iso9660 part_msdos part_gpt part_acorn part_amiga part_apple part_bsd part_dfly part_dvh part_plan part_sun part_sunpc search configfile echo' \
	"$work/root" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
