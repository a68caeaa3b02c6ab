/* Building signal frames and taking them apart: see arch/signal_frame.h for the layout. */
#include "arch/signal_frame.h"

#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/ucontext.h>

#include "arch/control.h"
#include "arch/ucopy.h"
#include "cpu/fpu.h"
#include "entry/exception.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "signal/offsets.h"
#include "signal/xstate.h"

#define RED_ZONE 128
#define XSTATE_ALIGNMENT 64
#define STACK_ALIGNMENT 16
struct rt_sigframe {
	u64 restorer;
	struct ucontext uc;
	union {
		struct signal_info info;
		siginfo_t whole;
	};
};

#define FRAME_HAS(member, offset) \
	_Static_assert(offsetof(struct rt_sigframe, member) == (offset), #member)
#define CONTEXT_HAS(member, offset) FRAME_HAS(uc.uc_mcontext.member, offset)
FRAME_HAS(restorer, SIGFRAME_RESTORER);
FRAME_HAS(uc.uc_flags, SIGFRAME_FLAGS);
FRAME_HAS(uc.uc_link, SIGFRAME_LINK);
FRAME_HAS(uc.uc_stack, SIGFRAME_STACK);
CONTEXT_HAS(r8, CONTEXT_R8);
CONTEXT_HAS(r9, CONTEXT_R9);
CONTEXT_HAS(r10, CONTEXT_R10);
CONTEXT_HAS(r11, CONTEXT_R11);
CONTEXT_HAS(r12, CONTEXT_R12);
CONTEXT_HAS(r13, CONTEXT_R13);
CONTEXT_HAS(r14, CONTEXT_R14);
CONTEXT_HAS(r15, CONTEXT_R15);
CONTEXT_HAS(rdi, CONTEXT_RDI);
CONTEXT_HAS(rsi, CONTEXT_RSI);
CONTEXT_HAS(rbp, CONTEXT_RBP);
CONTEXT_HAS(rbx, CONTEXT_RBX);
CONTEXT_HAS(rdx, CONTEXT_RDX);
CONTEXT_HAS(rax, CONTEXT_RAX);
CONTEXT_HAS(rcx, CONTEXT_RCX);
CONTEXT_HAS(rsp, CONTEXT_RSP);
CONTEXT_HAS(rip, CONTEXT_RIP);
CONTEXT_HAS(eflags, CONTEXT_RFLAGS);
CONTEXT_HAS(cs, CONTEXT_SELECTORS);
CONTEXT_HAS(ss, CONTEXT_SELECTORS + 6);
CONTEXT_HAS(err, CONTEXT_ERROR);
CONTEXT_HAS(trapno, CONTEXT_TRAP);
CONTEXT_HAS(oldmask, CONTEXT_OLDMASK);
CONTEXT_HAS(cr2, CONTEXT_CR2);
CONTEXT_HAS(fpstate, CONTEXT_XSTATE);
FRAME_HAS(uc.uc_sigmask, SIGFRAME_MASK);
FRAME_HAS(info, SIGFRAME_INFO);
_Static_assert(sizeof(siginfo_t) == 128 && sizeof(struct signal_info) == 48, "siginfo");
_Static_assert(
	SIGFRAME_FLAGS_VALUE == (UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS), "flags");
_Static_assert(CONTEXT_SELECTORS_VALUE == (USER_CS | ((u64)USER_DS << 48)), "selectors");

#define SETUP_HAS(member, offset) \
	_Static_assert(offsetof(struct signal_setup, member) == (offset), #member)
SETUP_HAS(action, SETUP_ACTION);
SETUP_HAS(info, SETUP_INFO);
SETUP_HAS(blocked, SETUP_BLOCKED);
SETUP_HAS(stack, SETUP_STACK);
SETUP_HAS(trap, SETUP_TRAP);
SETUP_HAS(error, SETUP_ERROR);
SETUP_HAS(cr2, SETUP_CR2);
_Static_assert(offsetof(struct sigaction, sa_restorer) == ACTION_RESTORER, "restorer");

/* ucopy_signal.S: 0, or 1 after a fault. */
int ucopy_signal_frame(
	uaddr_t to, const struct trap_frame *f, const struct signal_setup *s, uaddr_t xstate);

/* Flags that a frame may change; Linux keeps NT and ID as they are. */
#define RFLAGS_FRAME                                                                         \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_DF | \
		RFLAGS_OF | RFLAGS_RF | RFLAGS_AC)

bool signal_stack_contains(const stack_t *stack, u64 sp)
{
	u64 start = (u64)stack->ss_sp;

	return sp > start && sp - start <= stack->ss_size;
}

/* Programs that use SS_AUTODISARM don't want to be taken for being on the stack. */
static bool on_stack(const stack_t *stack, u64 sp)
{
	return !(stack->ss_flags & SS_AUTODISARM) && signal_stack_contains(stack, sp);
}

u64 arch_signal_frame_size(void)
{
	/* With what alignment may take. */
	return sizeof(struct rt_sigframe) + xstate_frame_size() + XSTATE_ALIGNMENT +
	       STACK_ALIGNMENT;
}

struct frame_place {
	uaddr_t frame, xstate;
};

static int choose_place(
	const struct trap_frame *f, const struct signal_setup *s, struct frame_place *place)
{
	bool nested = on_stack(&s->stack, f->rsp), entering = false;
	u64 sp = f->rsp - RED_ZONE;

	if ((s->action->sa_flags & SA_ONSTACK) && s->stack.ss_size && !on_stack(&s->stack, sp)) {
		sp = (u64)s->stack.ss_sp + s->stack.ss_size;
		entering = true;
	}
	place->xstate = ALIGN_DOWN(sp - xstate_frame_size(), XSTATE_ALIGNMENT);
	place->frame = ALIGN_DOWN(place->xstate - sizeof(struct rt_sigframe), STACK_ALIGNMENT) - 8;
	/* Nothing is written below an alternate stack. */
	if ((nested || entering) && !signal_stack_contains(&s->stack, place->frame))
		return -EFAULT;
	return 0;
}

int arch_signal_enter(struct trap_frame *f, const struct signal_setup *s)
{
	struct frame_place place;

	/* The one lies right below the other, so they are one range, which doesn't wrap around. */
	if (!(s->action->sa_flags & SA_RESTORER) || choose_place(f, s, &place) ||
		place.frame > place.xstate || !user_access_ok(place.xstate, xstate_frame_size()) ||
		xstate_save_user(place.xstate) ||
		ucopy_signal_frame(place.frame, f, s, place.xstate))
		return -EFAULT;

	/* The handler begins with clean vector state, whatever was interrupted. */
	fpu_clear();
	f->rdi = s->info->si_signo;
	f->rsi = place.frame + offsetof(struct rt_sigframe, info);
	f->rdx = place.frame + offsetof(struct rt_sigframe, uc);
	f->rax = 0;
	f->rip = (u64)s->action->sa_handler;
	f->rsp = place.frame;
	f->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	return 0;
}

/* What comes back from a frame. */
struct signal_context {
	struct signal_registers {
		u64 word[15]; /* as at the beginning of struct trap_frame */
	} registers;
	u64 rip, rflags, rsp;
	u16 cs, gs, fs, ss;
	u64 xstate;
	u64 uc_flags;
	stack_t stack;
	u64 blocked;
};

#define RETURN_HAS(member, offset) \
	_Static_assert(offsetof(struct signal_context, member) == (offset), #member)
RETURN_HAS(rip, RETURN_RIP);
RETURN_HAS(rflags, RETURN_RFLAGS);
RETURN_HAS(rsp, RETURN_RSP);
RETURN_HAS(cs, RETURN_SELECTORS);
RETURN_HAS(xstate, RETURN_XSTATE);
RETURN_HAS(uc_flags, RETURN_FLAGS);
RETURN_HAS(stack, RETURN_STACK);
RETURN_HAS(blocked, RETURN_MASK);
_Static_assert(offsetof(struct trap_frame, vector) == RETURN_RIP, "the registers come first");

/* ucopy_signal.S: 0, or 1 after a fault. */
int ucopy_signal_context(struct signal_context *to, uaddr_t from);

static void load_registers(struct trap_frame *f, const struct signal_context *c)
{
	*(struct signal_registers *)f = c->registers;
	f->rsp = c->rsp;
	f->rip = c->rip;
	f->rflags = (f->rflags & ~RFLAGS_FRAME) | (c->rflags & RFLAGS_FRAME);
}

static bool is_canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

static void refuse(struct signal_restored *out, s32 code, u64 address, u64 trap, u64 error)
{
	out->segv_code = code;
	out->segv_address = address;
	out->trap = trap;
	out->error = error;
}

/* What IRET to this context would raise on Linux. The selectors that it would take besides ours
 * belong to 32-bit programs, which there are none of. */
static void check_entry(
	const struct trap_frame *f, const struct signal_context *c, struct signal_restored *out)
{
	u16 cs = c->cs | 3, ss = c->ss | 3;
	bool strict = c->uc_flags & UC_STRICT_RESTORE_SS;

	if (cs != USER_CS)
		refuse(out, SI_KERNEL, 0, VECTOR_GP, cs & ~3U);
	else if (strict && ss != USER_DS)
		refuse(out, SI_KERNEL, 0, VECTOR_GP, ss & ~3U);
	else if (!is_canonical(f->rip))
		refuse(out, SI_KERNEL, 0, VECTOR_GP, 0);
	else if (f->rip >= USER_END)
		refuse(out, SEGV_MAPERR, f->rip, VECTOR_PF, PF_USER | PF_EXEC | PF_PRESENT);
}

int arch_signal_return(struct trap_frame *f, struct signal_restored *out)
{
	uaddr_t frame = f->rsp - sizeof(u64);
	struct signal_context c;

	out->read = false;
	out->segv_code = 0;
	if (!user_access_ok(frame, sizeof(struct rt_sigframe)) || ucopy_signal_context(&c, frame))
		return -EFAULT;
	out->read = true;
	out->blocked = c.blocked;
	out->stack = c.stack;
	load_registers(f, &c);
	check_entry(f, &c, out);
	return xstate_restore_user(c.xstate);
}
