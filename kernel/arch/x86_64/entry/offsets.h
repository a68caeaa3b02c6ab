/*
 * Offsets that the assembly uses, tied to the C structures by static assertions in entry/offsets.c.
 */
#ifndef ENTRY_OFFSETS_H
#define ENTRY_OFFSETS_H

/* struct cpu, first page */
#define CPU_SELF 0
#define CPU_SCRATCH_RSP 8
#define CPU_KERNEL_CR3 16
#define CPU_USER_CR3 24
#define CPU_THREAD_RSP 32
#define CPU_ENTRY_RSP 40
#define CPU_PTI 48
#define CPU_PARANOID_CR3 56

/* struct trap_frame */
#define FRAME_R15 0
#define FRAME_R14 8
#define FRAME_R13 16
#define FRAME_R12 24
#define FRAME_RBP 32
#define FRAME_RBX 40
#define FRAME_R11 48
#define FRAME_R10 56
#define FRAME_R9 64
#define FRAME_R8 72
#define FRAME_RAX 80
#define FRAME_RCX 88
#define FRAME_RDX 96
#define FRAME_RSI 104
#define FRAME_RDI 112
#define FRAME_VECTOR 120
#define FRAME_ERROR 128
#define FRAME_RIP 136
#define FRAME_CS 144
#define FRAME_RFLAGS 152
#define FRAME_RSP 160
#define FRAME_SS 168
#define FRAME_SIZE 176

#endif
