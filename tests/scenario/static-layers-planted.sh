#!/bin/sh
# summary: the layer check finds each kind of violation, planted one by one
# timeout: 120
# quick: most
#
# Seen to fail: with each rule of tools/checklayers taken out in turn.
. "$(dirname "$0")/../scenario/common.inc"

cd "$SCRATCH" || exit 1

# A kernel of four modules without a fault: lib < arch < mm < fs.
plant() {
	rm -rf kernel built
	mkdir -p kernel/lib kernel/arch/x86_64/include/arch kernel/arch/x86_64/mm kernel/mm kernel/fs/tests
	: >kernel/lib/deps
	echo "lib" >kernel/arch/deps
	echo "arch lib" >kernel/mm/deps
	echo "lib mm" >kernel/fs/deps
	echo "int lib_f(void); void *memcpy(void *, const void *, unsigned long);" >kernel/lib/lib.h
	printf '#include "lib/lib.h"\nint lib_f(void) { return memcpy(0, 0, 0) != 0; }\n' >kernel/lib/lib.c
	printf '#include "lib/lib.h"\nint arch_f(void); void upcall_page(void);\n' \
		>kernel/arch/x86_64/include/arch/arch.h
	printf '#include "arch/arch.h"\nint arch_f(void) { upcall_page(); return lib_f(); }\nvoid *memcpy(void *a, const void *b, unsigned long n) { return a; }\n' \
		>kernel/arch/x86_64/mm/arch.c
	printf '.section .entry.text,"ax"\nswapgs\nmov %%rax,%%cr3\niretq\n' >kernel/arch/x86_64/entry.S
	printf 'stac\n' >kernel/arch/x86_64/mm/ucopy.S
	printf '#include "arch/arch.h"\nint mm_f(void);\n' >kernel/mm/mm.h
	printf '#include "mm/mm.h"\nint mm_f(void) { return arch_f(); }\nvoid upcall_page(void) { }\n' >kernel/mm/mm.c
	printf '#include "mm/mm.h"\nint fs_f(void) { return mm_f(); }\n' >kernel/fs/fs.c
	printf '#include "../../init/all.h"\nint fs_test(void) { return init_f(); }\n' >kernel/fs/tests/t.c
	mkdir -p kernel/init
	echo "fs lib" >kernel/init/deps
	echo "int init_f(void);" >kernel/init/all.h
	echo "int init_f(void) { return 0; }" >kernel/init/init.c
}

build() {
	for source in $(find kernel -name '*.[cS]'); do
		mkdir -p "built/${source%/*}"
		gcc -ffreestanding -fno-builtin -mno-red-zone -Ikernel -Ikernel/arch/x86_64/include -MMD \
			-c -o "built/${source%.c}.o" "$source" || fail "cannot compile $source"
	done
	run "$SOURCE/tools/checklayers" built
}

# expect WHAT LINE...: these are all the lines, in any order.
expect() {
	title "$1"
	shift
	build
	printf 'checklayers: %s\n' "$@" | sort >"$SCRATCH/want"
	expect_status 1
	sort "$SCRATCH/out" | diff "$SCRATCH/want" - || fail "$last: other lines"
	plant
}

plant
title "no fault"
build
expect_status 0
expect_out ""
expect_no_err

rm kernel/mm/deps
expect "no deps" "deps: kernel/mm has no file deps"

echo "lib arch" >kernel/mm/deps
expect "deps out of order" "deps: kernel/mm/deps is not one sorted line: arch lib"

echo "arch fs lib" >kernel/mm/deps
expect "deps name a higher layer" "deps: kernel/mm/deps names fs, which is above mm"

echo "arch lib nonsense" >kernel/mm/deps
expect "deps name nothing" "deps: kernel/mm/deps names nonsense, which is on no layer"

mkdir kernel/extra
echo "int extra;" >kernel/extra/extra.c
echo "lib" >kernel/extra/deps
expect "a module on no layer" "deps: kernel/extra is on no layer"

printf '#include "arch/arch.h"\n' >>kernel/fs/fs.c
expect "an include that deps does not name" \
	'include: kernel/fs/fs.c:3: "arch/arch.h" is of arch, which kernel/fs/deps does not name'

echo "int fs_f(void);" >kernel/fs/fs.h
printf '#include "fs/fs.h"\n' >>kernel/mm/mm.c
expect "an include of a higher layer" \
	'include: kernel/mm/mm.c:4: "fs/fs.h" is of fs, which kernel/mm/deps does not name' \
	'reach: built/kernel/mm/mm.d: mm reaches kernel/fs/fs.h, which is above it'

echo 'int arch_f(void); int fs_g(void) { return arch_f(); }' >>kernel/fs/fs.c
expect "a call that deps does not name" \
	'symbol: kernel/fs/fs.o: arch_f is of arch, which kernel/fs/deps does not name'

echo 'int fs_f(void); int mm_g(void) { return fs_f(); }' >>kernel/mm/mm.c
expect "a call upwards" 'symbol: kernel/mm/mm.o: fs_f is of fs, which kernel/mm/deps does not name'

echo 'void upcall_page(void); void lib_g(void) { upcall_page(); }' >>kernel/lib/lib.c
expect "an upcall that is not arch's" \
	'symbol: kernel/lib/lib.o: upcall_page is of mm, which kernel/lib/deps does not name'

echo 'void fs_h(void) { __asm__ volatile("nop"); }' >>kernel/fs/fs.c
expect "inline assembly" 'asm: kernel/fs/fs.c:3: inline assembly outside arch'

echo 'void fs_h(void) { asm goto ("nop" :::: out); out:; }' >>kernel/fs/fs.c
expect "inline assembly in its other spelling" 'asm: kernel/fs/fs.c:3: inline assembly outside arch'

printf '.globl leave\nleave: swapgs\nsysretq\n' >kernel/arch/x86_64/leave.S
expect "crossing instructions outside the section" \
	'entry: kernel/arch/x86_64/leave.S.o: SWAPGS in .text <leave>:' \
	'entry: kernel/arch/x86_64/leave.S.o: SYSRETQ in .text <leave>:'

echo 'void load(unsigned long r) { __asm__ volatile("mov %0, %%cr3" ::"r"(r)); }' >kernel/arch/x86_64/load.c
expect "a write of CR3" 'cr3: kernel/arch/x86_64/load.o: a write of CR3 in .text <load>:'

echo 'void open(void) { __asm__ volatile("stac"); }' >kernel/arch/x86_64/open.c
expect "STAC" 'stac: kernel/arch/x86_64/open.o: STAC in .text <open>:'

finish
