/*
 * Offsets that the assembly of signal frames uses, tied to the structures by static assertions in signal/frame.c and
 * signal/xstate.c.
 */
#ifndef SIGNAL_OFFSETS_H
#define SIGNAL_OFFSETS_H

/* struct rt_sigframe, with its ucontext and sigcontext */
#define SIGFRAME_RESTORER 0
#define SIGFRAME_FLAGS 8
#define SIGFRAME_LINK 16
#define SIGFRAME_STACK 24
#define CONTEXT_R8 48
#define CONTEXT_R9 56
#define CONTEXT_R10 64
#define CONTEXT_R11 72
#define CONTEXT_R12 80
#define CONTEXT_R13 88
#define CONTEXT_R14 96
#define CONTEXT_R15 104
#define CONTEXT_RDI 112
#define CONTEXT_RSI 120
#define CONTEXT_RBP 128
#define CONTEXT_RBX 136
#define CONTEXT_RDX 144
#define CONTEXT_RAX 152
#define CONTEXT_RCX 160
#define CONTEXT_RSP 168
#define CONTEXT_RIP 176
#define CONTEXT_RFLAGS 184
#define CONTEXT_SELECTORS 192
#define CONTEXT_ERROR 200
#define CONTEXT_TRAP 208
#define CONTEXT_OLDMASK 216
#define CONTEXT_CR2 224
#define CONTEXT_XSTATE 232
#define SIGFRAME_MASK 304
#define SIGFRAME_INFO 312

/* UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS; CS in the lowest 16 bits, SS in the highest */
#define SIGFRAME_FLAGS_VALUE 7
#define CONTEXT_SELECTORS_VALUE 0x002b000000000033

/* struct signal_setup, struct sigaction */
#define SETUP_ACTION 0
#define SETUP_INFO 8
#define SETUP_BLOCKED 16
#define SETUP_STACK 24
#define SETUP_TRAP 48
#define SETUP_ERROR 56
#define SETUP_CR2 64
#define ACTION_RESTORER 16

/* struct signal_context, behind the registers of struct trap_frame */
#define RETURN_RIP 120
#define RETURN_RFLAGS 128
#define RETURN_RSP 136
#define RETURN_SELECTORS 144
#define RETURN_XSTATE 152
#define RETURN_FLAGS 160
#define RETURN_STACK 168
#define RETURN_MASK 192

/* The XSAVE area, struct _fpx_sw_bytes, struct xstate_look */
#define XSTATE_MXCSR 24
#define XSTATE_SW 464
#define XSTATE_HEADER 512
#define SW_XSTATE_SIZE 16
#define LOOK_HEADER 24
#define LOOK_MXCSR 48

#endif
