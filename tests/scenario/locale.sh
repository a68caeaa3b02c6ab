#!/bin/sh
# summary: programs find the locale that their environment names, C.UTF-8: perl has nothing to complain about, bash counts characters
# quick: yes
#
# Nothing in a program names the files of its locale, so the command has to know (cli/packlib.c).
#
# Seen to fail: without them packed perl says "Setting locale failed" and the first program "none -1".
. "$(dirname "$0")/common.inc"

cat >"$SCRATCH/count.c" <<'END2'
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	wchar_t wide[16];
	const char *name = setlocale(LC_ALL, "");
	printf("%s %zd\n", name ? name : "none", (ssize_t)mbstowcs(wide, "na\xc3\xafve\xe2\x82\xac", 16));
	return 0;
}
END2
title "building"
run gcc -std=gnu11 -O1 -Wall -Wextra -o "$SCRATCH/count" "$SCRATCH/count.c"
expect_status 0
title "a program that asks for its locale"
run $RUN "$SCRATCH/count"
expect_status 0
expect_out "C.UTF-8 6"
title "one that has no such locale"
run $RUN -e LC_ALL=xx_XX "$SCRATCH/count"
expect_status 0
expect_out "none -1"
title "bash"
run $RUN bash -c 'x=$(printf "na\303\257ve"); echo ${#x}'
expect_status 0
expect_no_err
expect_out 5
title "perl"
run $RUN perl -e 'print "fine\n"'
expect_status 0
expect_no_err
expect_out fine
finish
