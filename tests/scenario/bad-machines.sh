#!/bin/sh
# summary: a machine that cannot work is one clear line and 125, never a hang
# timeout: 90
#
# Seen to fail: with a good memory size, and with the CPU that has everything.
. "$(dirname "$0")/../scenario/common.inc"
good=$PROGRAMS/hello_musl

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

# A QEMU that gets other options than those the command chose.
qemu=$(command -v qemu-system-x86_64) || skip "there is no QEMU"
wrap() {
	cat >"$SCRATCH/$1" <<-END
		#!/bin/sh
		# $3
		n=\$#
		while [ \$n -gt 0 ]; do
			a=\$1
			shift
			case \$a in
			$2
			esac
			set -- "\$@" "\$a"
			n=\$((n - 1))
		done
		exec $qemu "\$@"
	END
	chmod 755 "$SCRATCH/$1"
}

head -c 40000000 /dev/zero >"$SCRATCH/big"
mkdir "$SCRATCH/root"
cp "$good" "$SCRATCH/root/hello"
cp "$SCRATCH/big" "$SCRATCH/root/big"
bad "no memory for the archive" 125 'memory' -m 32M --rootfs "$SCRATCH/root" /hello

bad "a kernel that is not there" 125 'nosuch' --kernel "$SCRATCH/nosuch" "$good"
bad "a kernel that is no ELF file" 125 'ELF' --kernel "$SCRATCH/big" "$good"
bad "no QEMU" 125 'nosuch' --qemu "$SCRATCH/nosuch" "$good"

for feature in fsgsbase smep smap xsave; do
	wrap "qemu-no-$feature" "max*) a=\$a,-$feature ;;" "without $feature"
	bad "a CPU without $feature" 125 "$feature|$(echo $feature | tr a-z A-Z)" \
		--accel tcg --qemu "$SCRATCH/qemu-no-$feature" "$good"
done

# The archive cut off in the middle, as after a full disk.
cat >"$SCRATCH/qemu-cut" <<-END
	#!/bin/sh
	n=\$#
	was=
	while [ \$n -gt 0 ]; do
		a=\$1
		shift
		if [ "\$was" = -initrd ]; then
			head -c 5000 "\$a" >"$SCRATCH/cut"
			a=$SCRATCH/cut
		fi
		was=\$a
		set -- "\$@" "\$a"
		n=\$((n - 1))
	done
	exec $qemu "\$@"
END
chmod 755 "$SCRATCH/qemu-cut"
bad "a truncated archive" 125 'archive' --qemu "$SCRATCH/qemu-cut" "$good"

cat >"$SCRATCH/qemu-fails" <<-END
	#!/bin/sh
	echo "qemu-system-x86_64: something is broken" >&2
	exit 1
END
chmod 755 "$SCRATCH/qemu-fails"
bad "a QEMU that fails" 125 'something is broken' --accel tcg --qemu "$SCRATCH/qemu-fails" "$good"
finish
