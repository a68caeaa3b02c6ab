/*
 * Short pieces of code, one case each: privileged instructions, ports, selectors, far
 * transfers, trace flag.
 *
 * Each is called with RDI = a page of zeroes, RSI = a second one, RBP = the stack it may come
 * back to; it may change any register that a C function may.
 */
	.text

.macro TRY name, fate
	.pushsection .rodata.code_names, "a", @progbits
90:	.asciz "\name"
	.popsection
	.pushsection .data.rel.ro.code_table, "aw", @progbits
	.quad 90b, 91f
	.ifc \fate, dies
	.quad 1
	.else
	.ifnc \fate, survives
	.error "fate?"
	.endif
	.quad 0
	.endif
	.popsection
91:
.endm

	.pushsection .data.rel.ro.code_table, "aw", @progbits
	.balign 8
	.globl code_table
code_table:
	.popsection

/* -- privileged instructions -- */
TRY "priv.hlt", dies
	hlt
	ret
TRY "priv.cli", dies
	cli
	ret
TRY "priv.sti", dies
	sti
	ret
TRY "priv.swapgs", dies
	swapgs
	ret
TRY "priv.sysretq", dies
	movq (%rsp), %rcx
	movl $0x202, %r11d
	sysretq
TRY "priv.sysretl", dies
	movq (%rsp), %rcx
	movl $0x202, %r11d
	sysretl
TRY "priv.sysexit", dies
	sysexitl
TRY "priv.clts", dies
	clts
	ret
TRY "priv.invd", dies
	invd
	ret
TRY "priv.wbinvd", dies
	wbinvd
	ret
TRY "priv.invlpg", dies
	invlpg (%rdi)
	ret
TRY "priv.invpcid", dies
	movl $2, %eax
	invpcid (%rdi), %rax
	ret
TRY "priv.lgdt", dies
	lgdt (%rdi)
	ret
TRY "priv.lidt", dies
	lidt (%rdi)
	ret
TRY "priv.lldt", dies
	xorl %eax, %eax
	lldt %ax
	ret
TRY "priv.ltr", dies
	movl $0x40, %eax
	ltr %ax
	ret
TRY "priv.lmsw", dies
	xorl %eax, %eax
	lmsw %ax
	ret
TRY "priv.cr0.read", dies
	movq %cr0, %rax
	ret
TRY "priv.cr0.write", dies
	xorl %eax, %eax
	movq %rax, %cr0
	ret
TRY "priv.cr2.read", dies
	movq %cr2, %rax
	ret
TRY "priv.cr3.read", dies
	movq %cr3, %rax
	ret
TRY "priv.cr3.write", dies
	xorl %eax, %eax
	movq %rax, %cr3
	ret
TRY "priv.cr4.read", dies
	movq %cr4, %rax
	ret
TRY "priv.cr4.write", dies
	xorl %eax, %eax
	movq %rax, %cr4
	ret
TRY "priv.cr8.write", dies
	xorl %eax, %eax
	movq %rax, %cr8
	ret
TRY "priv.cr1", dies
	.byte 0x0f, 0x20, 0xc8
	ret
TRY "priv.dr0.read", dies
	movq %dr0, %rax
	ret
TRY "priv.dr0.write", dies
	xorl %eax, %eax
	movq %rax, %dr0
	ret
TRY "priv.dr7.write", dies
	movl $0x400, %eax
	movq %rax, %dr7
	ret
TRY "priv.dr6.read", dies
	movq %dr6, %rax
	ret
TRY "priv.rdmsr", dies
	movl $0xc0000080, %ecx
	rdmsr
	ret
TRY "priv.rdmsr.gsbase", dies
	movl $0xc0000102, %ecx
	rdmsr
	ret
TRY "priv.wrmsr", dies
	movl $0xc0000082, %ecx
	xorl %eax, %eax
	xorl %edx, %edx
	wrmsr
	ret
TRY "priv.rdpmc", dies
	xorl %ecx, %ecx
	rdpmc
	ret
TRY "priv.xsetbv", dies
	xorl %ecx, %ecx
	xgetbv
	xsetbv
	ret
TRY "priv.monitor", dies
	movq %rdi, %rax
	xorl %ecx, %ecx
	xorl %edx, %edx
	monitor
	ret
TRY "priv.rsm", dies
	rsm
	ret
TRY "priv.stac", dies
	stac
	ret
TRY "priv.clac", dies
	clac
	ret
TRY "priv.sysenter", dies
	movq %rsp, %rbp
	movl $20, %eax
	sysenter
	ret
/* UMIP: must not give away where the tables lie. */
TRY "umip.sgdt", dies
	sgdt (%rdi)
	ret
TRY "umip.sidt", dies
	sidt (%rdi)
	ret
TRY "umip.sldt", dies
	sldt (%rdi)
	ret
TRY "umip.str", dies
	str (%rdi)
	ret
TRY "umip.smsw", dies
	smsw (%rdi)
	ret

/* -- what is allowed -- */
TRY "allowed.rdtsc", survives
	rdtsc
	ret
TRY "allowed.rdtscp", survives
	rdtscp
	ret
TRY "allowed.xgetbv", survives
	xorl %ecx, %ecx
	xgetbv
	ret
TRY "allowed.cpuid", survives
	pushq %rbx
	xorl %eax, %eax
	cpuid
	popq %rbx
	ret
TRY "allowed.prefetch", survives
	movabsq $0xffffffff80100000, %rax
	prefetcht0 (%rax)
	prefetchw (%rdi)
	movabsq $0x800000000000, %rax
	prefetcht0 (%rax)
	prefetcht0 0
	ret
TRY "allowed.pause", survives
	pause
	lfence
	mfence
	sfence
	ret

/* -- ports -- */
TRY "port.in8", dies
	movl $0x60, %edx
	inb %dx, %al
	ret
TRY "port.in16", dies
	movl $0x604, %edx
	inw %dx, %ax
	ret
TRY "port.in32", dies
	movl $0xcf8, %edx
	inl %dx, %eax
	ret
TRY "port.imm", dies
	inb $0x80, %al
	ret
TRY "port.in.ffff", dies
	movl $0xffff, %edx
	inb %dx, %al
	ret
TRY "port.in.last", dies
	movl $0xffff, %edx
	inl %dx, %eax
	ret
TRY "port.out8.serial", dies
	movl $0x3f8, %edx
	movb $'!', %al
	outb %al, %dx
	ret
/* The port by which the kernel ends the machine. */
TRY "port.out8.exit", dies
	movl $0xf4, %edx
	movb $16, %al
	outb %al, %dx
	ret
TRY "port.out8.reset", dies
	movl $0x64, %edx
	movb $0xfe, %al
	outb %al, %dx
	ret
TRY "port.out16.poweroff", dies
	movl $0x604, %edx
	movw $0x2000, %ax
	outw %ax, %dx
	ret
TRY "port.out32", dies
	movl $0xcf8, %edx
	movl $0x80000000, %eax
	outl %eax, %dx
	ret
TRY "port.ins", dies
	movl $0x3f8, %edx
	insb
	ret
TRY "port.outs", dies
	movl $0x3f8, %edx
	outsb
	ret
TRY "port.rep-outs", dies
	movl $0xf4, %edx
	movl $4, %ecx
	rep outsb
	ret

/* -- traps and invalid instructions -- */
TRY "trap.int3", dies
	int3
	ret
TRY "trap.icebp", dies
	.byte 0xf1
	ret
TRY "trap.into", dies
	.byte 0xce
	ret
TRY "trap.ud0", dies
	.byte 0x0f, 0xff, 0xc0
	ret
TRY "trap.ud1", dies
	.byte 0x0f, 0xb9, 0xc0
	ret
TRY "trap.ud2", dies
	ud2
	ret
TRY "trap.push-es", dies
	.byte 0x06
	ret
TRY "trap.lock-nop", dies
	.byte 0xf0, 0x90
	ret
TRY "trap.lock-mov", dies
	.byte 0xf0, 0x89, 0x07
	ret
TRY "trap.long", dies
	.fill 15, 1, 0x66
	nop
	ret
TRY "trap.div0", dies
	xorl %eax, %eax
	xorl %edx, %edx
	xorl %ecx, %ecx
	divl %ecx
	ret
TRY "trap.idiv-overflow", dies
	movabsq $0x8000000000000000, %rax
	cqto
	movq $-1, %rcx
	idivq %rcx
	ret
TRY "trap.cmpxchg16b-unaligned", dies
	pushq %rbx
	lock cmpxchg16b 1(%rdi)
	popq %rbx
	ret
TRY "trap.movaps-unaligned", dies
	movaps 1(%rdi), %xmm0
	ret
TRY "trap.clflush-kernel", dies
	movabsq $0xffffffff80100000, %rax
	clflush (%rax)
	ret

/* -- the trace flag -- */
.macro SET_TF
	pushfq
	orl $0x100, (%rsp)
	popfq
.endm
TRY "tf.nop", dies
	SET_TF
	nop
	nop
	ret
/*
 * The call happens, then the instruction after it, then the trap comes: "x" is written.  With UD2
 * there, that comes first: IRET gives TF back too late for a trap before it.
 */
TRY "tf.syscall", dies
	movb $'x', (%rdi)
	movq %rdi, %rsi
	movl $1, %edi
	movl $1, %edx
	movl $1, %eax
	SET_TF
	syscall
	nop
	ud2
TRY "tf.syscall.ud2", dies
	movl $39, %eax
	SET_TF
	syscall
	ud2
TRY "tf.enosys", dies
	movl $1000, %eax
	SET_TF
	syscall
	ud2
TRY "tf.demand", dies
	SET_TF
	movb $1, (%rsi)
	ud2
TRY "tf.int3", dies
	SET_TF
	int3
	ud2
TRY "tf.ud2", dies
	SET_TF
	ud2
	ret
TRY "tf.gp", dies
	SET_TF
	hlt
	ret
TRY "tf.mov-ss", dies
	movl $0x2b, %eax
	SET_TF
	movl %eax, %ss
	nop
	ud2
/* CVE-2018-8897's shape: the trap is held back by MOV SS and wants to come inside the kernel. */
TRY "tf.mov-ss.syscall", dies
	movl $0x2b, %ecx
	movl $1000, %eax
	SET_TF
	movl %ecx, %ss
	syscall
	ud2
TRY "tf.mov-ss.int3", dies
	movl $0x2b, %ecx
	SET_TF
	movl %ecx, %ss
	int3
	ud2
TRY "tf.mov-ss.icebp", dies
	movl $0x2b, %ecx
	SET_TF
	movl %ecx, %ss
	.byte 0xf1
	ud2
TRY "tf.pop-ss.int3", dies
	movl $0x2b, %eax
	movl %eax, %ss
	int3
	ud2
TRY "tf.rep", dies
	movl $100, %ecx
	movb $'r', %al
	SET_TF
	rep stosb
	ud2
TRY "tf.df-nt-ac.syscall", dies
	movl $1000, %eax
	pushfq
	orl $0x44500, (%rsp)
	popfq
	syscall
	ud2

/* -- selectors -- */
.macro LOAD segment, value, fate
TRY "selector.\segment\().\value", \fate
	movl $\value, %eax
	movw %ax, %\segment
	ret
.endm
LOAD ds, 0x00, survives
LOAD ds, 0x03, survives
LOAD ds, 0x2b, survives
LOAD ds, 0x04, dies
LOAD ds, 0x07, dies
LOAD ds, 0x08, dies
LOAD ds, 0x10, dies
LOAD ds, 0x13, dies
LOAD ds, 0x40, dies
LOAD ds, 0x43, dies
LOAD ds, 0xffff, dies
LOAD es, 0x02, survives
LOAD es, 0x2b, survives
LOAD es, 0x0f, dies
LOAD es, 0x10, dies
LOAD fs, 0x10, dies
LOAD fs, 0x48, dies
LOAD gs, 0x00, survives
LOAD gs, 0x2b, survives
LOAD gs, 0x10, dies
LOAD gs, 0xfffc, dies
LOAD ss, 0x2b, survives
LOAD ss, 0x00, dies
LOAD ss, 0x03, dies
LOAD ss, 0x10, dies
LOAD ss, 0x28, dies
LOAD ss, 0x33, dies
LOAD ss, 0x08, dies
LOAD ss, 0x07, dies

/* All 65536, read only: what they say about a selector differs, that they do no harm does not. */
TRY "selector.lar-lsl-verr-verw", survives
	xorl %ecx, %ecx
1:	larl %ecx, %eax
	lsll %ecx, %eax
	verr %cx
	verw %cx
	incl %ecx
	cmpl $0x10000, %ecx
	jb 1b
	ret

/*
 * -- far transfers and IRET from ring 3 --
 * Those that are allowed are run alone as well: under TCG they read the stack as a supervisor, which
 * SMAP forbids, and no kernel can help that.
 */
.macro IRET_TO name, fate, cs, ss, flags=0x202
TRY "iret.\name", \fate
	movq %rsp, %rax
	pushq $\ss
	pushq %rax
	pushq $\flags
	pushq $\cs
	leaq 1f(%rip), %rax
	pushq %rax
	iretq
1:	ret
.endm
IRET_TO same, dies, 0x33, 0x2b
IRET_TO iopl, dies, 0x33, 0x2b, 0x3202
IRET_TO if-clear, dies, 0x33, 0x2b, 0x2
IRET_TO nt-in-frame, dies, 0x33, 0x2b, 0x4202
IRET_TO vm, dies, 0x33, 0x2b, 0x20202
IRET_TO rf, dies, 0x33, 0x2b, 0x10202
IRET_TO tf, dies, 0x33, 0x2b, 0x302
IRET_TO kernel-cs, dies, 0x08, 0x10
IRET_TO kernel-cs10, dies, 0x10, 0x18
IRET_TO kernel-ss, dies, 0x33, 0x10
IRET_TO null-cs, dies, 0x00, 0x2b
IRET_TO null-ss, dies, 0x33, 0x00
IRET_TO null-ss3, dies, 0x33, 0x03
IRET_TO rpl1, dies, 0x31, 0x29
IRET_TO data-cs, dies, 0x2b, 0x2b
IRET_TO tss-cs, dies, 0x43, 0x2b
IRET_TO ldt-cs, dies, 0x0f, 0x2b
IRET_TO ldt-ss, dies, 0x33, 0x0f
IRET_TO ffff-cs, dies, 0xffff, 0x2b
IRET_TO compat-cs, dies, 0x23, 0x2b
TRY "iret.hole", dies
	movq %rsp, %rax
	pushq $0x2b
	pushq %rax
	pushq $0x202
	pushq $0x33
	movabsq $0x800000000000, %rcx
	pushq %rcx
	iretq
TRY "iret.kernel-rip", dies
	movq %rsp, %rax
	pushq $0x2b
	pushq %rax
	pushq $0x202
	pushq $0x33
	pushq $-0x7ff00000
	iretq
TRY "iret.rsp-hole", dies
	pushq $0x2b
	movabsq $0x800000000000, %rcx
	pushq %rcx
	pushq $0x202
	pushq $0x33
	leaq 1f(%rip), %rax
	pushq %rax
	iretq
1:	ud2
/* IRET with NT set in the flags themselves is a #GP in long mode. */
TRY "iret.nt", dies
	movq %rsp, %rax
	pushq $0x2b
	pushq %rax
	pushq $0x202
	pushq $0x33
	leaq 1f(%rip), %rax
	pushq %rax
	pushfq
	orl $0x4000, (%rsp)
	popfq
	iretq
1:	ret
.macro FAR_RET name, fate, cs
TRY "lret.\name", \fate
	leaq 1f(%rip), %rax
	pushq $\cs
	pushq %rax
	lretq
1:	ret
.endm
FAR_RET same, dies, 0x33
FAR_RET kernel, dies, 0x08
FAR_RET kernel10, dies, 0x10
FAR_RET null, dies, 0
FAR_RET data, dies, 0x2b
FAR_RET tss, dies, 0x40
FAR_RET ldt, dies, 0x07
FAR_RET compat, dies, 0x23
.macro FAR_JUMP name, fate, cs
TRY "ljmp.\name", \fate
	leaq 1f(%rip), %rax
	movl %eax, (%rdi)
	movw $\cs, 4(%rdi)
	ljmpl *(%rdi)
1:	ret
.endm
FAR_JUMP same, survives, 0x33
FAR_JUMP kernel, dies, 0x10
FAR_JUMP tss, dies, 0x40
FAR_JUMP tss3, dies, 0x43
FAR_JUMP null, dies, 0x03
FAR_JUMP data, dies, 0x2b
TRY "lcall.tss", dies
	movl $0, (%rdi)
	movw $0x40, 4(%rdi)
	lcalll *(%rdi)
	ret

/* -- near transfers -- */
.macro JUMP name, address
TRY "jump.\name", dies
	movabsq $\address, %rax
	jmpq *%rax
TRY "ret.\name", dies
	movabsq $\address, %rax
	pushq %rax
	ret
.endm
JUMP null, 0
JUMP one, 1
JUMP top, 0x7ffffffff000
JUMP last-byte, 0x7fffffffffff
JUMP hole, 0x800000000000
JUMP hole-end, 0xffff7fffffffffff
JUMP direct-map, 0xffff888000001000
JUMP cpu-area, 0xfffffe0000000000
JUMP kernel-text, 0xffffffff80100000
JUMP minus-one, 0xffffffffffffffff
TRY "jump.data", dies
	movb $0xc3, (%rdi)
	jmpq *%rdi
TRY "jump.stack", dies
	pushq $0xc3
	jmpq *%rsp

	.pushsection .data.rel.ro.code_table, "aw", @progbits
	.quad 0, 0, 0
	.popsection

	.section .note.GNU-stack, "", @progbits
