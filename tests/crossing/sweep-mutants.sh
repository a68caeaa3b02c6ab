#!/bin/sh
# summary: the sweep sees wrong restores in the doors of NMI, #MC and #DB
# timeout: 300
#
# The kernel's file is changed: instructions that put back what the door found become no-ops. The sweep has to find
# a difference in each, or lose the VM.
. "$(dirname "$0")/../scenario/common.inc"
. "$SOURCE/tests/crossing/sweep.inc"

GOOD_KERNEL=$SWEEP_KERNEL
SWEEP_KERNEL=$SCRATCH/mutant.elf

# mutant NAME BYTES OFFSET REPLACEMENT: where the bytes (a regular expression) stand once, some are replaced.
mutant() {
	title "$1"
	cp "$GOOD_KERNEL" "$SWEEP_KERNEL"
	at=$(LC_ALL=C grep -obUaP -- "$2" "$GOOD_KERNEL" | cut -d: -f1)
	case $at in
	"" | *[!0-9]*)
		fail "$1: the instructions to change are not there, or not once"
		return
		;;
	esac
	# shellcheck disable=SC2059
	printf "$4" | dd of="$SWEEP_KERNEL" bs=1 seek=$((at + $3)) conv=notrunc 2>/dev/null
	sweep_programs 0 0 0
	sweep_run --sample 30 --seed "$SEED" -- --boot-timeout 1000
	if [ "$status" -eq 0 ] || ! grep -q '^DIFFERENCE' "$SCRATCH/report"; then
		fail "$1: not found (status $status)"
		cat "$SCRATCH/report"
	fi
	grep -m 1 '^DIFFERENCE' "$SCRATCH/report"
}

# movq %r14, %cr3; wrgsbase %rbx: what the door puts back.
RESTORE='\x41\x0f\x22\xde\xf3\x48\x0f\xae\xdb'
mutant "the root is not put back" "$RESTORE" 0 '\017\037\100\000'
mutant "the GS base is not put back" "$RESTORE" 4 '\017\037\104\000\000'
# popq %rcx; popq %rdx; popq %rsi; popq %rdi; addq $16, %rsp; iretq: RCX and RDX in the wrong order. trap_entry ends in
# the same way; what follows tells them apart.
mutant "two registers are exchanged" '\x59\x5a\x5e\x5f\x48\x83\xc4\x10\x48\xcf\xcc\xf3' 0 '\132\131'
finish
