/* Ties entry/offsets.h to the structures it describes. */
#include "entry/offsets.h"

#include "arch/cpu.h"
#include "arch/frame.h"

#define CPU_IS(member, offset) _Static_assert(offsetof(struct cpu, member) == (offset), #member)
#define FRAME_IS(member, offset) \
	_Static_assert(offsetof(struct trap_frame, member) == (offset), #member)

CPU_IS(self, CPU_SELF);
CPU_IS(scratch_rsp, CPU_SCRATCH_RSP);
CPU_IS(kernel_cr3, CPU_KERNEL_CR3);
CPU_IS(user_cr3, CPU_USER_CR3);
CPU_IS(thread_rsp, CPU_THREAD_RSP);
CPU_IS(entry_rsp, CPU_ENTRY_RSP);
CPU_IS(pti, CPU_PTI);
CPU_IS(paranoid_cr3, CPU_PARANOID_CR3);

FRAME_IS(r15, FRAME_R15);
FRAME_IS(r14, FRAME_R14);
FRAME_IS(r13, FRAME_R13);
FRAME_IS(r12, FRAME_R12);
FRAME_IS(rbp, FRAME_RBP);
FRAME_IS(rbx, FRAME_RBX);
FRAME_IS(r11, FRAME_R11);
FRAME_IS(r10, FRAME_R10);
FRAME_IS(r9, FRAME_R9);
FRAME_IS(r8, FRAME_R8);
FRAME_IS(rax, FRAME_RAX);
FRAME_IS(rcx, FRAME_RCX);
FRAME_IS(rdx, FRAME_RDX);
FRAME_IS(rsi, FRAME_RSI);
FRAME_IS(rdi, FRAME_RDI);
FRAME_IS(vector, FRAME_VECTOR);
FRAME_IS(error, FRAME_ERROR);
FRAME_IS(rip, FRAME_RIP);
FRAME_IS(cs, FRAME_CS);
FRAME_IS(rflags, FRAME_RFLAGS);
FRAME_IS(rsp, FRAME_RSP);
FRAME_IS(ss, FRAME_SS);
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "frame size");
