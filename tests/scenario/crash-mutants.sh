#!/bin/sh
# summary: from the crash report of the report's bug a reader can tell which of its two explanations it is
# timeout: 600
#
# Both are put back (tools/mutants/mutants.list) into a copy of the kernel. With the window an interrupt is taken on the way out:
# the entry stack holds its frame, with IF=1, at the place that must not be interrupted. With the hole no interrupt came there:
# ring 3 was left, and the way in faults on the program's own table.
#
# The window is a few instructions of the return by IRETQ, so the program does nothing else, under a timer, and never ends by
# itself: only the crash ends the run.
#
# Seen to fail: with report_crossing() that looks for the name exit_to_user only (a label inside it is what is found): no
# window.
. "$(dirname "$0")/common.inc"

copy=$SCRATCH/copy
"$SOURCE/tools/mutants/copy" "$BUILD" "$copy"

# broken MUTANT: its kernel crashes; the report is in $report.
broken() {
	title "$1"
	files=$(perl "$SOURCE/tools/mutants/edit.pl" "$SOURCE/tools/mutants/mutants.list" "$1" "$copy/kernel/arch/x86_64")
	make -s -j2 -C "$copy" B=build kernel-release >"$SCRATCH/make.log" 2>&1 || { tail "$SCRATCH/make.log"; fail "$1 does not build"; }
	for file in $files; do
		cp "$SOURCE/kernel/arch/x86_64/${file#"$copy"/kernel/arch/x86_64/}" "$file"
	done
	rm -f "$SCRATCH"/airlock-crash-*
	run timeout 100 "$AIRLOCK" run --pti on --crash-dir "$SCRATCH" --kernel "$copy/build/kernel-release/airlock.elf" \
		--kernel-arg hz=20000 --timeout 60 "$PROGRAMS/traps"
	expect_status 125
	report=$(ls "$SCRATCH"/airlock-crash-*.txt)
}
says() {
	grep -Eq -- "$1" "$report" && return
	fail "$last: the report does not say '$1'"
	sed 's/^/    /' "$report" | head -n 60
}
is_silent() {
	grep -q -- "$1" "$report" && fail "$last: the report says '$1'"
}

broken report-window
says '^crossing: THE WINDOW'
says '^entry stack: the kernel was interrupted at exit_[a-z_]+\+0x[0-9a-f]+, IF=1: on the way out, where IF must be 0'
says "^interrupted on CR3 .*: the current address space's, USER side"
grep -q 'crossing: THE WINDOW' "$SCRATCH/err" || fail "the terminal does not say which"
is_silent 'THE HOLE'

broken report-hole
says '^crossing: THE HOLE'
says '^entry stack: a frame of ring 3 at 0x'
says '^RIP .*\(IF=0\)'
says "^interrupted on CR3 .*: the current address space's, USER side"
says '^        trap_entry at kernel/arch/x86_64/entry/trap.S:[0-9]+'
says '^cpu0 .* R3-IRET '
grep -q 'crossing: THE HOLE' "$SCRATCH/err" || fail "the terminal does not say which"
is_silent 'THE WINDOW'
is_silent 'the kernel was interrupted at exit_'
finish
