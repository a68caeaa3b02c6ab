#!/bin/sh
# summary: make -j4 with gcc in the guest builds a project of 100 files, whose program prints what the host's does
# matrix: cpus
# timeout: 240
#
# Compiler, assembler, linker and headers are the host's, unmodified, copied in. They start 300 times at the same addresses, as in
# shells.inc.
#
# Seen to fail: without as among the tools, make fails and so does the test.
. "$(dirname "$0")/../scenario/common.inc"
. "$(dirname "$0")/toolchain.inc"

FILES=100
project=$SCRATCH/project
mkdir "$project"
{
	echo '#include <stdio.h>'
	i=1
	while [ $i -le $FILES ]; do
		printf '#include <stdlib.h>\nunsigned f%d(unsigned x)\n{\n\treturn x * %du + (unsigned)abs(-%d);\n}\n' \
			$i $i $i >"$project/f$i.c"
		echo "unsigned f$i(unsigned x);"
		i=$((i + 1))
	done
	echo 'int main(void)'
	echo '{'
	echo '	unsigned sum = 0;'
	i=1
	while [ $i -le $FILES ]; do
		echo "	sum += f$i(sum + 1);"
		i=$((i + 1))
	done
	printf '%s\n' '	printf("%u\n", sum);'
	echo '	return 0;'
	echo '}'
} >"$project/main.c"
cat >"$project/Makefile" <<'END'
objects := $(patsubst %.c,%.o,$(wildcard *.c))
program: $(objects)
	gcc -o $@ $^
%.o: %.c
	gcc -O1 -Wall -Werror -c -o $@ $<
END

title "on the host"
cp -r "$project" "$SCRATCH/host"
run env PATH=/usr/bin:/bin sh -c "cd $SCRATCH/host && make -s -j2 && ./program"
expect_status 0
want=$(cat "$SCRATCH/out")

volumes="-v $project:/project $(toolchain_volumes)"

title "in the guest"
# shellcheck disable=SC2086
run $RUN --kernel-arg aslr=off -m 3G $volumes -w /project -e PATH=/usr/bin sh -c 'make -s -j4 && ./program'
expect_status 0
expect_no_err
expect_out "$want"
finish
